using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Compare;

/// <summary>A comparison as tables and sentences.</summary>
internal sealed class CompareText(SequenceTask task, CellComparison comparison, Terminal terminal)
{
    // Of a regression the unit is the user's.
    private readonly bool _isShare = task.Kind is TaskKind.Classify or TaskKind.Last or TaskKind.Tag;

    /// <summary>Writes it.</summary>
    /// <param name="wanted">Seeds that were asked for.</param>
    public void Write(int wanted)
    {
        string seeds = Amount.Of(comparison.Seeds.Count, "seed");
        terminal.WriteProgress(
            $"{seeds}{(comparison.Seeds.Count < wanted ? $" of {wanted}, then the budget ended" : string.Empty)}; at most "
            + $"{Amount.Of(comparison.Epochs, "epoch")} each");
        Write("equal hidden size", comparison.EqualHiddenSize);
        Write("equal parameters", comparison.EqualParameters);
        terminal.WriteTable(
            ["network", "#units", "#parameters", "#training", "#a step", "#a stream"],
            comparison.Networks.Select(network => (string[])
            [
                Name(network),
                Amount.Of(network.HiddenSize),
                Amount.Of(network.Parameters),
                Figures.Time(network.TrainingTime),
                Display.Duration(network.StepNanoseconds),
                $"{Amount.Of(network.StreamBytes)} bytes",
            ]));
        terminal.Output.WriteLine(Verdict());
    }

    private void Write(string title, IReadOnlyList<ComparedNetwork> networks)
    {
        ComparedNetwork best = comparison.BestOf(networks)[0];
        terminal.WriteTable(
            [title, "#units", $"#{comparison.ScoreName}", "#worse by", "#95 % interval"],
            networks.Select(network => (string[])
            [
                Name(network),
                Amount.Of(network.HiddenSize),
                Spread(network),
                network == best ? "best" : Difference(comparison.WorseBy(best, network).Value),
                network == best ? string.Empty : Interval(comparison.WorseBy(best, network)),
            ]));
        terminal.Output.WriteLine($"{title}: {Sentence(networks)}.");
    }

    private string Sentence(IReadOnlyList<ComparedNetwork> networks)
    {
        IReadOnlyList<ComparedNetwork> alike = comparison.BestOf(networks);
        string[] worse =
        [
            .. networks.Except(alike).OrderBy(network => comparison.WorseBy(alike[0], network).Value).Select(Name),
        ];
        string best = $"{Name(alike[0])} has the best {comparison.ScoreName}, {Score(alike[0].Mean)}";
        string within = alike.Count > 1
            ? $"; the difference to {List([.. alike.Skip(1).Select(Name)])} lies within the spread"
            : "; the difference to each other one is above the spread";
        return best + (comparison.Seeds.Count < 2 ? "; one seed tells no spread" : within)
            + (worse.Length > 0 && alike.Count > 1 ? $", and {List(worse)} {(worse.Length == 1 ? "is" : "are")} worse" : string.Empty);
    }

    // The best one; or, of those that nobody can tell apart, the cheapest.
    private string Verdict()
    {
        IReadOnlyList<ComparedNetwork> alike = comparison.BestOf(comparison.Networks);
        ComparedNetwork quickest = alike.MinBy(network => network.StepNanoseconds)!;
        return alike.Count == 1
            ? $"Take {Sized(alike[0])}: its {comparison.ScoreName} is the best by more than the spread."
            : $"No {comparison.ScoreName} is the best by more than the spread: {Sized(alike[0])} has the best mean, and "
                + $"{(quickest == alike[0] ? "also" : $"of the {alike.Count} within the spread {Sized(quickest)} has")} the shortest step, "
                + $"{Display.Duration(quickest.StepNanoseconds)}. More seeds or more sequences tell more.";
    }

    private string Score(double value) => _isShare ? Figures.Share(value) : Figures.Number(value);

    private string Spread(ComparedNetwork network) => double.IsNaN(network.Deviation) ? Score(network.Mean)
        : _isShare ? $"{Display.Fixed(100 * network.Mean, 1)} ± {Display.Fixed(100 * network.Deviation, 1)} %"
        : $"{Figures.Number(network.Mean)} ± {Figures.Number(network.Deviation)}";

    private string Difference(double value) =>
        double.IsNaN(value) ? "-" : _isShare ? $"{Display.Fixed(100 * value, 1)} points" : Figures.Number(value);

    private string Interval(Estimate difference) => double.IsNaN(difference.Low) ? "-"
        : _isShare ? $"{Display.Fixed(100 * difference.Low, 1)} to {Display.Fixed(100 * difference.High, 1)}"
        : $"{Figures.Number(difference.Low)} to {Figures.Number(difference.High)}";

    private static string Name(ComparedNetwork network) => CellNames.Of(network.Cell);

    private static string Sized(ComparedNetwork network) => $"{Name(network)} of {Amount.Of(network.HiddenSize)} units";

    private static string List(string[] names) =>
        names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
