using SpanRnn.Tasks.Evaluation;
using SpanRnn.Tasks.Metrics;
using SpanRnn.Tasks.Training;

namespace SpanRnn.Tasks;

/// <summary>
/// Elman RNN, LSTM and both forms of the GRU on the same sequences: once with the same number of units, once with the same number of
/// parameters, each with several seeds.
/// </summary>
/// <remarks>
/// Seed by seed a fifth of the sequences is held out, another one each time, and all networks are trained on the rest, with validation data
/// out of that, and scored on the part. Differences are taken seed by seed.
/// </remarks>
public sealed class CellComparison
{
    /// <summary>The longest budget.</summary>
    public static readonly TimeSpan MostBudget = TimeSpan.FromDays(30);

    private const int MostFolds = 5;

    private static readonly CellKind[] _cells = [CellKind.Elman, CellKind.Lstm, CellKind.GruResetAfter, CellKind.GruResetBefore];

    // Sequences that are held out for each one that is trained on.
    private readonly double _heldOut;

    private CellComparison(ComparedNetwork[] networks, double heldOut, SequenceEvaluation scored)
    {
        (Networks, _heldOut, ScoreName) = (networks, heldOut, scored.MainName);
        IsLowerBetter = scored.Classification is null;
    }

    /// <summary>All networks, each once.</summary>
    public IReadOnlyList<ComparedNetwork> Networks { get; }

    /// <summary>The four cells with the units of the training, by default those of the task.</summary>
    public IReadOnlyList<ComparedNetwork> EqualHiddenSize { get; private init; } = [];

    /// <summary>The four cells, with units so that each has about as many parameters as the GRU with the units of the training.</summary>
    public IReadOnlyList<ComparedNetwork> EqualParameters { get; private init; } = [];

    /// <summary>Name of the score: "accuracy", "bits per symbol" or "root mean square error".</summary>
    public string ScoreName { get; }

    /// <summary>True if a smaller score is better: bits and errors.</summary>
    public bool IsLowerBetter { get; }

    /// <summary>Most epochs of each training.</summary>
    public int Epochs { get; private init; }

    /// <summary>Most epochs of each training if there were no budget.</summary>
    public int UsualEpochs { get; private init; }

    /// <summary>Seeds that all networks were trained with; fewer than were asked for, if the budget ended before.</summary>
    public IReadOnlyList<ulong> Seeds { get; private init; } = [];

    /// <summary>
    /// Finds the network with the best mean score and those whose difference to it lies within the spread: the interval of
    /// <see cref="WorseBy"/> has 0.
    /// </summary>
    /// <param name="networks">Some of this comparison, at least one.</param>
    /// <returns>The best one first, then the others in their order.</returns>
    public IReadOnlyList<ComparedNetwork> BestOf(IReadOnlyList<ComparedNetwork> networks)
    {
        ArgumentNullException.ThrowIfNull(networks);
        ComparedNetwork best = (IsLowerBetter ? networks.MinBy(network => network.Mean) : networks.MaxBy(network => network.Mean))
            ?? throw new ArgumentException("'networks' is empty, expected at least one.", nameof(networks));
        return [best, .. networks.Where(network => network != best && !(WorseBy(best, network).Low > 0))];
    }

    /// <summary>
    /// How much worse than one network another one is: the mean of the differences seed by seed, above 0 if the other is worse, with its
    /// 95 % interval by Student's t. The variance counts 1/J + r for J seeds, where r sequences are held out for each one that is trained
    /// on, since trainings share most of their sequences (Nadeau and Bengio 2003). The interval of a single seed is NaN.
    /// </summary>
    /// <param name="better">A network of this comparison.</param>
    /// <param name="other">Another one.</param>
    public Estimate WorseBy(ComparedNetwork better, ComparedNetwork other)
    {
        ArgumentNullException.ThrowIfNull(better);
        ArgumentNullException.ThrowIfNull(other);
        double sign = IsLowerBetter ? 1 : -1;
        double[] differences = [.. other.Scores.Zip(better.Scores, (own, best) => sign * (own - best))];
        int seeds = differences.Length;
        double mean = differences.Average();
        if (seeds < 2)
        {
            return new Estimate(mean, double.NaN, double.NaN);
        }

        double variance = differences.Sum(own => (own - mean) * (own - mean)) / (seeds - 1);
        double half = StudentT.Quantile(0.95, seeds - 1) * Math.Sqrt(variance * ((1.0 / seeds) + _heldOut));
        return new Estimate(mean, mean - half, mean + half);
    }

    /// <summary>Trains and scores all networks with all seeds.</summary>
    /// <remarks>
    /// As many trainings as options.Threads go on at a time, each on one thread; scores do not depend on it, nor on anything but the
    /// arguments, unless there is a budget. Steps are timed before, alone. options.Step and options.Epoch are called from the threads.
    /// </remarks>
    /// <param name="task">The task.</param>
    /// <param name="file">The sequences.</param>
    /// <param name="seeds">Number of seeds, at least 1: options.Seed and those behind it. A spread needs two.</param>
    /// <param name="options">Choices of all trainings; null for those of the task. Neither Cell nor Start, which differ here.</param>
    /// <param name="budget">
    /// Time for all of it; null for as long as it takes. One epoch of each network is timed, and all trainings get as many epochs as fit.
    /// Seeds that are not whole when the time ends do not count.
    /// </param>
    /// <param name="run">Called after every training, one call at a time; null for none.</param>
    /// <param name="cancellationToken">Ends all of it.</param>
    /// <exception cref="ModelFormatException">A record does not fit the task; the message has its line.</exception>
    /// <exception cref="ArgumentException">Choices contradict each other or are out of range.</exception>
    /// <exception cref="TimeoutException">The budget is too small for one epoch of every training.</exception>
    /// <exception cref="TrainingException">A loss or a gradient is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static CellComparison Of(
        SequenceTask task,
        SequenceFile file,
        int seeds = 5,
        SequenceTrainingOptions? options = null,
        TimeSpan? budget = null,
        Action<CellComparisonRun>? run = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        if (budget is { } time && !(time > TimeSpan.Zero && time <= MostBudget))
        {
            throw new ArgumentOutOfRangeException(
                nameof(budget), $"'budget' is {time}, expected a time above 0 and at most {MostBudget.Days} days.");
        }

        options ??= new SequenceTrainingOptions();
        if (options.Cell is not null || options.Start is not null)
        {
            throw new ArgumentException(
                "'options' has a cell or a model to start from, expected neither: all cells are compared.", nameof(options));
        }

        if (file.Records.Count < 2)
        {
            throw new ModelFormatException(file.Name, "1 sequence is too few to hold any out, expected at least two.");
        }

        int folds = Math.Min(MostFolds, file.Records.Count);
        using var comparing = new ComparedTrainings(task, file, folds, options, budget, cancellationToken);
        SequenceTrainingOptions usual = TaskDefaults.Resolve(task, file, options with { Cell = CellKind.GruResetAfter });
        ComparedNetwork[] equalHidden = [.. _cells.Select(cell => Network(cell, usual.HiddenSize!.Value))];
        long parameters = equalHidden.First(network => network.Cell == usual.Cell).Parameters;
        ComparedNetwork[] equalParameters = [.. _cells.Select(cell => Network(cell, Nearest(cell, parameters)))];
        ComparedNetwork[] networks = [.. equalHidden.Union(equalParameters)];
        StreamedStep[] steps =
        [
            .. networks.Select(network => new StreamedStep(
                task, usual with { Cell = network.Cell, HiddenSize = network.HiddenSize })),
        ];
        double[] times = StreamedStep.InTurn(steps);
        networks =
        [
            .. networks.Select((network, i) => network with
            {
                StepNanoseconds = times[i],
                StreamBytes = steps[i].StreamBytes,
                WeightBytes = steps[i].WeightBytes,
            }),
        ];

        int epochs = comparing.Epochs(networks, seeds, usual.Epochs!.Value);
        (SequenceEvaluation Evaluation, TimeSpan Time)?[][] runs = comparing.Run(networks, seeds, epochs, run);
        int[] whole = [.. Enumerable.Range(0, seeds).Where(seed => runs.All(own => own[seed] is not null))];
        if (whole.Length == 0)
        {
            throw new TimeoutException("The budget ended before every network was trained with one seed, expected more time.");
        }

        networks =
        [
            .. networks.Select((network, i) => network with
            {
                Scores = [.. whole.Select(seed => runs[i][seed]!.Value.Evaluation.Main.Value)],
                TrainingTime = whole.Aggregate(TimeSpan.Zero, (sum, seed) => sum + runs[i][seed]!.Value.Time) / whole.Length,
            }),
        ];
        double share = usual.ValidationFile is null ? usual.Validation!.Value : 0;
        return new CellComparison(networks, 1 / ((folds - 1) * (1 - share)), runs[0][whole[0]]!.Value.Evaluation)
        {
            EqualHiddenSize = [.. equalHidden.Select(Found)],
            EqualParameters = [.. equalParameters.Select(Found)],
            Epochs = epochs,
            UsualEpochs = usual.Epochs.Value,
            Seeds = [.. whole.Select(seed => options.Seed + (ulong)seed)],
        };

        ComparedNetwork Found(ComparedNetwork wanted) =>
            networks.First(network => network.Cell == wanted.Cell && network.HiddenSize == wanted.HiddenSize);

        ComparedNetwork Network(CellKind cell, int hidden) =>
            new() { Cell = cell, HiddenSize = hidden, Parameters = Count(cell, hidden) };

        long Count(CellKind cell, int hidden) =>
            TaskDefaults.Network(task, usual with { Cell = cell, HiddenSize = hidden }).Parameters.Count;

        // Parameters grow with the units.
        int Nearest(CellKind cell, long wanted)
        {
            int above = 1;
            while (Count(cell, above) < wanted)
            {
                above *= 2;
            }

            int below = above / 2;
            while (above - below > 1)
            {
                int middle = (above + below) / 2;
                (below, above) = Count(cell, middle) < wanted ? (middle, above) : (below, middle);
            }

            return below > 0 && wanted - Count(cell, below) <= Count(cell, above) - wanted ? below : above;
        }
    }
}
