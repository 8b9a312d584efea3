using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>
/// The final states of the recurrent layers as the only row of a sequence: h of the layer below, forward then reverse. Each direction has
/// its state after its own last step; for the reverse direction that is the first element of the sequence. A sequence without steps has
/// its initial states. In a stream they are the states after the step.
/// </summary>
public sealed record FinalStateLayer : LayerSpec
{
    /// <summary>True for the states of all recurrent layers below, the first one first; false for the layer directly below.</summary>
    public bool AllLayers { get; init; }

    /// <summary>True if every c of these layers follows behind every h.</summary>
    public bool Cells { get; init; }

    /// <inheritdoc/>
    internal override bool PoolsSteps => true;

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below)
    {
        int size = 0;
        for (int i = 0; i < below.Layers.Length; i++)
        {
            foreach ((StateKind kind, int numbers) in Takes(i, below.Layers.Length) ? below.Layers[i].StatesOf(below.InputSizes[i]) : [])
            {
                size = checked(size + (Takes(kind) ? numbers * below.Layers[i].Directions.Length : 0));
            }
        }

        return size;
    }

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below)
    {
        if (below.WithoutSteps("a readout of final states") is { } problem)
        {
            return problem;
        }

        if (below.Last is not RecurrentLayer)
        {
            return "a readout of final states above "
                + $"{(below.Last is null ? "the input" : $"a {below.Last.GetType().Name}")}, expected a recurrent layer directly below";
        }

        for (int i = 0; Cells && i < below.Layers.Length; i++)
        {
            if (Takes(i, below.Layers.Length) && below.Layers[i] is RecurrentLayer { Cell: not CellKind.Lstm } other)
            {
                return $"a readout of c of layer {i}, a {other.Cell}, expected LSTMs: only they have a c";
            }
        }

        return null;
    }

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) => [];

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
    }

    /// <summary>The states that the layer of index <paramref name="layer"/> reads, in the order of its output.</summary>
    internal StateSlot[] In(ReadOnlySpan<StateSlot> states, int layer)
    {
        List<StateSlot> read = [];
        foreach (StateKind kind in (ReadOnlySpan<StateKind>)[StateKind.Hidden, StateKind.Cell])
        {
            foreach (StateSlot state in states)
            {
                if (state.Kind == kind && Takes(kind) && Takes(state.Layer, layer))
                {
                    read.Add(state);
                }
            }
        }

        return [.. read];
    }

    private bool Takes(int layer, int own) => AllLayers ? layer < own : layer == own - 1;

    private bool Takes(StateKind kind) => kind == StateKind.Hidden || (kind == StateKind.Cell && Cells);
}
