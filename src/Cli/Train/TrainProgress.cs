using System.Diagnostics;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Train;

/// <summary>Progress of a run: lines of means on the error stream, and one line about the whole on the output.</summary>
/// <param name="every">Steps from one line of means to the next; 0 for none.</param>
/// <param name="isAtStart">True if the next step is the first of its epoch.</param>
/// <param name="terminal">For the lines.</param>
internal sealed class TrainProgress(long every, bool isAtStart, Terminal terminal)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _since = Stopwatch.GetTimestamp();
    private long _steps;
    private double _loss;
    private double _norm;
    private double _clipped;

    // The epoch that goes on, and the one before: the steps of this process.
    private EpochLoss _epoch = new(0, 0, isAtStart);
    private EpochLoss? _last;

    /// <summary>Adds a step.</summary>
    /// <param name="report">Its results.</param>
    /// <param name="endsEpoch">True if it is the last of its epoch.</param>
    public void Add(StepReport report, bool endsEpoch)
    {
        _epoch = _epoch with { Steps = _epoch.Steps + 1, Sum = _epoch.Sum + report.Loss };
        if (endsEpoch)
        {
            (_last, _epoch) = (_epoch, new EpochLoss(0, 0, IsWhole: true));
        }

        _steps++;
        _loss += report.Loss;
        _norm += report.GradientNorm;
        _clipped += report.ClippedFraction;
        if (every > 0 && (report.Step + 1) % every == 0)
        {
            double rate = _steps / Stopwatch.GetElapsedTime(_since).TotalSeconds;
            terminal.WriteProgress(
                $"step {Amount.Of(report.Step + 1)}: loss {Display.Number(_loss / _steps)}, "
                + $"gradient norm {Display.Number(_norm / _steps)}, clipped {Display.Percent(_clipped / _steps)}, "
                + Display.Rate(rate));
            _since = Stopwatch.GetTimestamp();
            (_steps, _loss, _norm, _clipped) = (0, 0, 0, 0);
        }
    }

    /// <summary>Writes the line about the whole.</summary>
    /// <param name="taken">Steps taken by this process.</param>
    /// <param name="steps">Steps of the whole run.</param>
    public void Finish(long taken, long steps)
    {
        bool isInEpoch = _epoch.Steps > 0;
        EpochLoss told = _last is { } last && (last.IsWhole || !isInEpoch) ? last : _epoch;
        string where = !told.IsWhole || told == _epoch ? Amount.Of(told.Steps, "step")
            : isInEpoch ? "the last whole epoch"
            : "the last epoch";
        string loss = told.Steps == 0 ? string.Empty : $"; mean loss {Display.Number(told.Sum / told.Steps)} over {where}";
        string time = Display.Fixed(Stopwatch.GetElapsedTime(_start).TotalSeconds, 1);
        string now = taken == 0 ? "; there was nothing left to do"
            : taken == steps ? $"; {time} s"
            : $"; {Amount.Of(taken)} of them now, in {time} s";
        terminal.Output.WriteLine($"{Amount.Of(steps, "step")}{loss}{now}");
    }

    /// <summary>Sum of the losses of one epoch.</summary>
    /// <param name="Steps">Steps that were added.</param>
    /// <param name="Sum">The sum of their losses.</param>
    /// <param name="IsWhole">True if the first of them was the first of the epoch.</param>
    private readonly record struct EpochLoss(long Steps, double Sum, bool IsWhole);
}
