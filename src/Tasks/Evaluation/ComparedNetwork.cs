namespace SpanRnn.Tasks;

/// <summary>One network of a <see cref="CellComparison"/>.</summary>
public sealed record ComparedNetwork
{
    /// <summary>Cell of its recurrent layers.</summary>
    public required CellKind Cell { get; init; }

    /// <summary>Units of each recurrent layer and direction.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Number of trained numbers.</summary>
    public required long Parameters { get; init; }

    /// <summary>The main figure on the part that was held out, for each seed.</summary>
    public IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>Mean of <see cref="Scores"/>.</summary>
    public double Mean => Scores.Average();

    /// <summary>Standard deviation of <see cref="Scores"/>; NaN of a single one.</summary>
    public double Deviation
    {
        get
        {
            double mean = Mean;
            return Math.Sqrt(Scores.Sum(score => (score - mean) * (score - mean)) / (Scores.Count - 1));
        }
    }

    /// <summary>Time of one training on one thread, the mean over seeds.</summary>
    public TimeSpan TrainingTime { get; init; }

    /// <summary>
    /// Time of one streamed step in nanoseconds, the median of many: of the layers in the forward direction alone, with an output at every
    /// step, since nothing else can be streamed.
    /// </summary>
    public double StepNanoseconds { get; init; }

    /// <summary>Bytes that one more stream of that network takes: its state and its scratch memory.</summary>
    public long StreamBytes { get; init; }

    /// <summary>Bytes of the packed weights of that network, which all streams share.</summary>
    public long WeightBytes { get; init; }
}
