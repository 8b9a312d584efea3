using SpanRnn.Cli.Output;
using SpanRnn.Cli.Pictures;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Compare;

/// <summary>A comparison as tables, bars and sentences, for the terminal and for a page.</summary>
/// <param name="task">The task.</param>
/// <param name="comparison">The comparison.</param>
/// <param name="wanted">Seeds that were asked for.</param>
internal sealed class CompareTables(SequenceTask task, CellComparison comparison, int wanted)
{
    // Of a number the unit is the user's.
    private readonly bool _isShare = task.Kind is TaskKind.Classify or TaskKind.Last or TaskKind.Tag;

    /// <summary>The four cells twice, each time with a title.</summary>
    public (string Title, IReadOnlyList<ComparedNetwork> Networks)[] Halves { get; } =
    [
        ("equal hidden size", comparison.EqualHiddenSize), ("equal parameters", comparison.EqualParameters),
    ];

    /// <summary>Sentence about the columns of <see cref="Costs"/>.</summary>
    public const string WhatCosts =
        "A training on one thread; a streamed step and a stream of the same layers in one direction, with an output at every step.";

    /// <summary>Sentence about the trainings.</summary>
    public string Trainings =>
        $"{Amount.Of(comparison.Seeds.Count, "seed")}"
        + (comparison.Seeds.Count < wanted ? $" of {wanted}, then the budget ended" : string.Empty)
        + $"; at most {Amount.Of(comparison.Epochs, "epoch")} each"
        + (IsCut ? $" of the usual {comparison.UsualEpochs}, as the budget allows" : string.Empty);

    /// <summary>Which to take and why: the best one, or that nobody can tell.</summary>
    public string Verdict
    {
        get
        {
            IReadOnlyList<ComparedNetwork> alike = comparison.BestOf(comparison.Networks);
            ComparedNetwork quickest = alike.MinBy(network => network.StepNanoseconds)!;
            string best = Sized(alike[0]);
            if (comparison.Seeds.Count < 2)
            {
                return $"One seed tells no spread, and so nothing to take: {best} has the best {comparison.ScoreName} here.";
            }

            if (alike.Count == 1)
            {
                return IsCut
                    ? $"After {Amount.Of(comparison.Epochs, "epoch")} of {comparison.UsualEpochs} {best} is ahead by more than the spread; "
                        + "which is the best in the end, a larger budget tells."
                    : $"Take {best}: its {comparison.ScoreName} is the best by more than the spread.";
            }

            string more = IsCut ? "A larger budget, more seeds" : "More seeds";
            return $"No network is the best by more than the spread: {best} has the best mean {comparison.ScoreName}, and of the "
                + $"{alike.Count} within the spread {(quickest == alike[0] ? "also" : $"{Sized(quickest)} has")} the shortest step, "
                + $"{Display.Duration(quickest.StepNanoseconds)}. {more} or more sequences tell more.";
        }
    }

    private bool IsCut => comparison.Epochs < comparison.UsualEpochs;

    /// <summary>Makes the table of scores.</summary>
    public (string[] Columns, IEnumerable<string[]> Rows) Scores(string title, IReadOnlyList<ComparedNetwork> networks)
    {
        ComparedNetwork best = comparison.BestOf(networks)[0];
        return (
            [title, "#units", $"#{comparison.ScoreName}", "#worse by", "#95 % interval"],
            networks.Select(network => (string[])
            [
                Name(network),
                Amount.Of(network.HiddenSize),
                Spread(network),
                network == best ? "best" : Difference(comparison.WorseBy(best, network).Value),
                network == best ? string.Empty : Interval(comparison.WorseBy(best, network)),
            ]));
    }

    /// <summary>Makes the table of times and memory.</summary>
    public (string[] Columns, IEnumerable<string[]> Rows) Costs() => (
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

    /// <summary>Makes bars of the mean scores, with the least and the most over seeds.</summary>
    public IEnumerable<Bar> Bars(IReadOnlyList<ComparedNetwork> networks)
    {
        ComparedNetwork best = comparison.BestOf(networks)[0];
        return networks.Select(network => new Bar(
            Name(network),
            new Estimate(network.Mean, network.Scores.Min(), network.Scores.Max()),
            Score(network.Mean),
            network == best));
    }

    /// <summary>Draws the bars of one half.</summary>
    public Picture Picture(string title, IReadOnlyList<ComparedNetwork> networks) => Charts.Bars(
        $"{char.ToUpperInvariant(title[0])}{title[1..]}: mean, least and most of {Amount.Of(comparison.Seeds.Count, "seed")}",
        _isShare ? $"{comparison.ScoreName} [%], more is better" : $"{comparison.ScoreName}, less is better",
        [.. Bars(networks)],
        _isShare);

    /// <summary>Says which of some networks are the best.</summary>
    public string Sentence(string title, IReadOnlyList<ComparedNetwork> networks)
    {
        IReadOnlyList<ComparedNetwork> alike = comparison.BestOf(networks);
        string[] worse =
        [
            .. networks.Except(alike).OrderBy(network => comparison.WorseBy(alike[0], network).Value).Select(Name),
        ];
        string within = comparison.Seeds.Count < 2 ? "one seed tells no spread"
            : alike.Count == 1 ? "the difference to each other one is above the spread"
            : $"the difference to {List([.. alike.Skip(1).Select(Name)])} lies within the spread"
                + (worse.Length > 0 ? $", and {List(worse)} {(worse.Length == 1 ? "is" : "are")} worse" : string.Empty);
        return $"{title}: {Name(alike[0])} has the best {comparison.ScoreName}, {Score(alike[0].Mean)}; {within}.";
    }

    private string Score(double value) => _isShare ? Figures.Share(value) : Figures.Number(value);

    private string Spread(ComparedNetwork network) => double.IsNaN(network.Deviation) ? Score(network.Mean)
        : _isShare ? $"{Display.Fixed(100 * network.Mean, 1)} ± {Display.Fixed(100 * network.Deviation, 1)} %"
        : $"{Figures.Number(network.Mean)} ± {Figures.Number(network.Deviation)}";

    private string Difference(double value) => _isShare ? $"{Display.Fixed(100 * value, 1)} points" : Figures.Number(value);

    private string Interval(Estimate difference) => double.IsNaN(difference.Low) ? "-"
        : _isShare ? $"{Display.Fixed(100 * difference.Low, 1)} to {Display.Fixed(100 * difference.High, 1)}"
        : $"{Figures.Number(difference.Low)} to {Figures.Number(difference.High)}";

    private static string Name(ComparedNetwork network) => CellNames.Of(network.Cell);

    private static string Sized(ComparedNetwork network) => $"{Name(network)} of {Amount.Of(network.HiddenSize, "unit")}";

    private static string List(string[] names) =>
        names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
