using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>
/// Skip around a stretch of the chain: y = x + s ⊙ (the input of layer <see cref="From"/>), so that the layers from there to the one below
/// learn a difference (residual; He et al. 2016).
/// </summary>
/// <param name="From">
/// Index of the first layer of the stretch; 0 adds the network's input, or the rows of its embedding. At most the index of the layer below.
/// </param>
/// <remarks>
/// Both ends must have as many rows: no pooling lies between them. Dropout does not reach what is added. A factor s starts as 1.
/// </remarks>
public sealed record SkipLayer(int From) : LayerSpec
{
    /// <summary>The kind of s.</summary>
    public SkipScale Scale { get; init; }

    /// <summary>Number of features that are added, from the first one on at both ends; 0 for all, as many at both.</summary>
    public int Features { get; init; }

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below)
    {
        if (!Enum.IsDefined(Scale))
        {
            return $"Scale is {(int)Scale}, expected one of SkipScale's";
        }

        if (From < 0 || From >= below.Layers.Length)
        {
            return $"From is {From}, expected 0 to {below.Layers.Length - 1}: the index of a layer below the skip";
        }

        if (below.PoolsBelow(From) != below.IsPerSequence)
        {
            return $"a skip from layer {From} over a layer that leaves one row per sequence, expected both ends on one side of it";
        }

        int from = below.InputSizes[From];
        if (Features == 0)
        {
            return from == below.InputSize
                ? null
                : $"a skip adds the {from} numbers that enter layer {From} to {below.InputSize}, expected as many, or Features for some";
        }

        int most = Math.Min(from, below.InputSize);
        return Features < 0 || Features > most
            ? $"Features is {Features}, expected 0 to {most}, the smaller of both ends"
            : null;
    }

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) =>
        ScaleAndShift(Scale != SkipScale.None, shift: false, Scale == SkipScale.One ? 1 : FeaturesOf(inputSize));

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
        if (slot(ParameterRole.Scale) is { } scale)
        {
            scale.In(parameters).Fill(T.One);
        }
    }

    /// <summary>Number of features that are added to rows of <paramref name="inputSize"/>.</summary>
    internal int FeaturesOf(int inputSize) => Features == 0 ? inputSize : Features;
}
