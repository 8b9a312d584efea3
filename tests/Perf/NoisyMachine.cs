using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>Times as a machine shows them, from a seed: every process is off by its own factor, some are disturbed.</summary>
/// <param name="seed">Seed of the numbers.</param>
/// <param name="spread">Standard deviation of the logarithm of a process's factor.</param>
/// <param name="spikes">Fraction of the processes that take 30 % longer.</param>
/// <param name="drift">Relative time that a process takes beyond the one before it.</param>
internal sealed class NoisyMachine(ulong seed, double spread, double spikes, double drift = 0)
{
    private readonly RandomSource _random = new(seed);
    private double _machine = 1;

    /// <summary>Four processes per round, in turn as the gate runs them, of two revisions; allocates nothing.</summary>
    public CaseFigures Look(string name, int rounds, double slowDown)
    {
        double[] baseTimes = new double[2 * rounds];
        double[] times = new double[2 * rounds];
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < 4; turn++)
            {
                bool isBase = (turn is 0 or 3) == (round % 2 == 0);
                double time = 1000 * _machine * Math.Exp(spread * _random.NextNormal()) * (_random.NextDouble() < spikes ? 1.3 : 1);
                (isBase ? baseTimes : times)[(2 * round) + (turn / 2)] = isBase ? time : time * slowDown;
                _machine *= 1 + drift;
            }
        }

        return new CaseFigures(name, baseTimes, times, 0);
    }
}
