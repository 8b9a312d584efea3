using System.Diagnostics;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Train;

/// <summary>Progress of a training on sequences: a line for each epoch and, in long ones, a line every few seconds.</summary>
/// <param name="training">The training, before its first step.</param>
/// <param name="terminal">For the lines.</param>
internal sealed class SequenceProgress(SequenceTraining training, Terminal terminal)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private long _said = Stopwatch.GetTimestamp();
    private long _epochStart = Stopwatch.GetTimestamp();
    private long _first = -1;
    private long _sequences;
    private long _steps;
    private double _loss;
    private double _weight;

    /// <summary>Adds a step.</summary>
    public void Add(StepReport report)
    {
        _first = _first < 0 ? training.Epochs : _first;
        _sequences += report.Sequences;
        _loss += report.Weight * report.Loss;
        _weight += report.Weight;
        _steps++;
        if (Stopwatch.GetElapsedTime(_said) > _patience)
        {
            _said = Stopwatch.GetTimestamp();
            double share = (double)_steps / training.StepsPerEpoch;
            terminal.WriteProgress(
                $"epoch {Amount.Of(training.Epochs + 1)}, {Display.Percent(share, 0)}: loss {Display.Number(_loss / _weight)}, "
                + $"{Display.Number(_sequences / Stopwatch.GetElapsedTime(_epochStart).TotalSeconds)} sequences/s");
        }
    }

    /// <summary>Adds an epoch.</summary>
    public void Add(EpochReport report)
    {
        long epochs = training.Epochs;
        double seconds = Stopwatch.GetElapsedTime(_epochStart).TotalSeconds;
        TimeSpan left = Stopwatch.GetElapsedTime(_start) * (training.Options.Epochs!.Value - epochs) / Math.Max(1, epochs - _first);
        string validation = double.IsNaN(report.ValidationLoss)
            ? string.Empty
            : $", validation {Display.Number(report.ValidationLoss)}{(report.IsBest ? " (best)" : string.Empty)}";
        string rest = training.IsDone ? string.Empty : $", at most {Figures.Time(left)} left";
        terminal.WriteProgress(
            $"epoch {Amount.Of(epochs)}: loss {Display.Number(report.TrainingLoss)}{validation}, gradient norm "
            + $"{Display.Number(report.GradientNorm)}, {Display.Number(_sequences / seconds)} sequences/s{rest}");
        (_sequences, _steps, _loss, _weight) = (0, 0, 0, 0);
        _said = _epochStart = Stopwatch.GetTimestamp();
    }

    /// <summary>Writes the line about the whole.</summary>
    public void Finish(SequenceModel model)
    {
        string validation = double.IsNaN(model.ValidationLoss)
            ? string.Empty
            : $"; the best is epoch {Amount.Of(model.Epochs)} with the validation loss {Display.Number(model.ValidationLoss)}";
        terminal.WriteProgress(
            $"{Amount.Of(training.Epochs, "epoch")} in {Figures.Time(Stopwatch.GetElapsedTime(_start))}{validation}");
    }
}
