using SpanRnn.Cli.Models;

namespace SpanRnn.Cli.Bench;

/// <content>Steps of two models in turn.</content>
internal sealed partial class BenchRun
{
    // As many as perf's gate runs by default.
    private const int Rounds = 20;

    // A time is that of the fastest of some bursts: a disturbance makes a burst slower, never faster.
    private const int TurnBursts = 5;
    private const double TurnBurstNanoseconds = 4e6;

    /// <summary>Times steps of two models in turn, and once more if the first look says that the model is slower than allowed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="other">A model with as many inputs.</param>
    /// <param name="slowerThan">The slow-down in percent that still passes, or null.</param>
    public static BenchComparison InTurn(BenchModel model, BenchModel other, double? slowerThan)
    {
        BenchModel[] models = [model, other];
        int[] steps = [.. models.Select(StepsOfBurst)];
        PackedNetwork packed = other.Pack();
        BenchComparison Look(int number)
        {
            double[][] times = Times(models, steps);
            return new BenchComparison(
                other.Name,
                ModelOptions.Name(other.Precision),
                packed.WeightBytes,
                packed.Warning,
                number,
                times[0],
                times[1],
                slowerThan);
        }

        BenchComparison first = Look(1);
        return first.IsSlower ? Look(2) : first;
    }

    private static int StepsOfBurst(BenchModel model)
    {
        PackedNetwork network = model.Pack();
        network.WarmUp();
        return (int)Math.Max(1, TurnBurstNanoseconds / new BenchRun(network).Calibrate(network.CreateStream()));
    }

    // The places of weights and states in memory decide some percent of a small step for as long as they live. So each round packs both
    // models anew, and which comes first alternates. Times are A B B A and B A A B.
    private static double[][] Times(BenchModel[] models, int[] steps)
    {
        double[][] times = [new double[2 * Rounds], new double[2 * Rounds]];
        for (int round = 0; round < Rounds; round++)
        {
            int first = round % 2;
            var runs = new BenchRun[models.Length];
            var states = new StreamState[models.Length];
            foreach (int side in (int[])[first, 1 - first])
            {
                PackedNetwork network = models[side].Pack();
                runs[side] = new BenchRun(network);
                states[side] = network.CreateStream();
            }

            for (int turn = 0; turn < 4; turn++)
            {
                int side = turn is 0 or 3 ? first : 1 - first;
                double fastest = double.PositiveInfinity;
                for (int burst = 0; burst < TurnBursts; burst++)
                {
                    fastest = Math.Min(fastest, runs[side].Time(runs[side]._ordinary, states[side], steps[side]) / steps[side]);
                }

                times[side][(2 * round) + (turn / 2)] = fastest;
            }
        }

        return times;
    }
}
