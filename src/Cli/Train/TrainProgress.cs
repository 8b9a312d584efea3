using System.Diagnostics;
using System.Globalization;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Train;

/// <summary>Progress of a run: lines of means on the error stream, and one line about the whole on the output.</summary>
/// <param name="every">Steps from one line of means to the next; 0 for none.</param>
/// <param name="terminal">For the lines.</param>
internal sealed class TrainProgress(long every, Terminal terminal)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _since = Stopwatch.GetTimestamp();
    private long _steps;
    private double _loss;
    private double _norm;
    private double _clipped;
    private double _last;

    public void Add(StepReport report)
    {
        _steps++;
        _loss += report.Loss;
        _norm += report.GradientNorm;
        _clipped += report.ClippedFraction;
        _last = report.Loss;
        if (every > 0 && (report.Step + 1) % every == 0)
        {
            double rate = _steps / Stopwatch.GetElapsedTime(_since).TotalSeconds;
            terminal.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"step {report.Step + 1}: loss {_loss / _steps:G5}, gradient norm {_norm / _steps:G4}, "
                + $"clipped {Display.Percent(_clipped / _steps)}, {rate:G4} steps/s"));
            _since = Stopwatch.GetTimestamp();
            (_steps, _loss, _norm, _clipped) = (0, 0, 0, 0);
        }
    }

    /// <summary>Writes the line about the whole.</summary>
    /// <param name="taken">Steps taken by this process.</param>
    /// <param name="steps">Steps of the whole run.</param>
    public void Finish(long taken, long steps)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        string loss = taken == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", the last with a loss of {_last:G5}");
        string time = Display.Fixed(elapsed.TotalSeconds, 1);
        terminal.Output.WriteLine($"{Display.Count(steps)} steps{loss}; {Display.Count(taken)} now, in {time} s");
    }
}
