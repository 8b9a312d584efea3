using SpanRnn.Cli.Output;
using SpanRnn.Cli.Pictures;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Train;

/// <summary>Losses by epoch, of one training or of several in turn.</summary>
internal sealed class LossCurves
{
    private readonly List<List<EpochReport>> _runs = [];

    /// <summary>True if no epoch was added, as of a training that was resumed at its end.</summary>
    public bool IsEmpty => _runs.All(run => run.Count == 0);

    /// <summary>Begins the next training.</summary>
    public void Begin() => _runs.Add([]);

    /// <summary>Adds an epoch.</summary>
    public void Add(EpochReport report) => _runs[^1].Add(report);

    /// <summary>Draws all curves.</summary>
    public Picture Picture() => Charts.Curves(
        "Loss of each epoch",
        "epoch",
        "mean loss",
        [.. _runs.Where(run => run.Count > 0).SelectMany(run => Curves(run).Select(
            (curve, color) => new Curve(curve.Name, run[0].Epoch + 1, curve.Losses, color)))]);

    /// <summary>Writes the curves of the last training, each as a line.</summary>
    public void Write(Terminal terminal)
    {
        List<EpochReport> run = _runs[^1];
        if (run.Count < 2)
        {
            return;
        }

        foreach ((string name, double[] losses) in Curves(run))
        {
            string ends = $"{Display.Number(losses[0])} to {Display.Number(losses[^1])}";
            terminal.WriteProgress(
                $"{name,-10} {TextCharts.Line(losses, losses.Min(), losses.Max(), terminal.ChartWidth - 12 - ends.Length)} {ends}");
        }
    }

    /// <summary>Says what the picture shows.</summary>
    public string Caption()
    {
        string resumed = _runs[0].Count > 0 && _runs[0][0].Epoch > 0
            ? $" Epochs before {Amount.Of(_runs[0][0].Epoch + 1)} were those of the run that was resumed."
            : string.Empty;
        string several = _runs.Count > 1 ? " Each seed has its curves." : string.Empty;
        return "The loss in training is with dropout and before each update; that of the validation is after the epoch, and the model is "
            + $"the one where it was least.{several}{resumed}";
    }

    private static IEnumerable<(string Name, double[] Losses)> Curves(List<EpochReport> run)
    {
        yield return ("training", [.. run.Select(epoch => epoch.TrainingLoss)]);
        if (!double.IsNaN(run[0].ValidationLoss))
        {
            yield return ("validation", [.. run.Select(epoch => epoch.ValidationLoss)]);
        }
    }
}
