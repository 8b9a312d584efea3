using System.Numerics;
using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>
/// One layer of a network's chain: its size and its options. Each kind of layer is one type. Its input size comes from the layers below.
/// </summary>
/// <remarks>
/// <para>One row per step, whatever the other steps are: <see cref="DenseLayer"/>, <see cref="AffineLayer"/>,
/// <see cref="NormalizationLayer"/>, <see cref="ActivationLayer"/>, <see cref="PReluLayer"/>, <see cref="MergeLayer"/>,
/// <see cref="SkipLayer"/>.</para>
/// <para>One row per step, with a state: <see cref="RecurrentLayer"/>.</para>
/// <para>One row per sequence, from all of its steps: <see cref="PoolLayer"/>, <see cref="StepLayer"/>, <see cref="AttentionLayer"/>,
/// <see cref="FinalStateLayer"/>. A chain has at most one of them, and no recurrent layer above it.</para>
/// </remarks>
public abstract record LayerSpec
{
    private protected LayerSpec()
    {
    }

    /// <summary>True if the layer makes one row per sequence of the rows of all steps.</summary>
    internal virtual bool PoolsSteps => false;

    /// <summary>
    /// Reason why the layer needs all steps of a sequence at once, as a message has it ("runs in reverse"); null if it runs in a stream.
    /// </summary>
    internal virtual string? NeedsWholeSequences => null;

    /// <summary>The directions that have parameters of their own, in the order of the output.</summary>
    internal virtual ReadOnlySpan<Direction> Directions => [Direction.Forward];

    /// <summary>Numbers in a row of the output.</summary>
    internal abstract int OutputSizeOn(LayersBelow below);

    /// <summary>Description of a contradiction as a sentence without its full stop; null if there is none.</summary>
    internal abstract string? Problem(LayersBelow below);

    /// <summary>Roles and shapes of the parameters of one direction in their order.</summary>
    internal abstract IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize);

    /// <summary>Kinds and sizes of the states of one direction.</summary>
    internal virtual IEnumerable<(StateKind Kind, int Size)> StatesOf(int inputSize) => [];

    /// <summary>The activations that one direction computes.</summary>
    internal abstract IEnumerable<ActivationSpec> ActivationsOf(Direction direction);

    /// <summary>Draws starting values of the parameters of one direction; all are zero before.</summary>
    /// <param name="parameters">The parameters of the network, in and out.</param>
    /// <param name="slot">Finds the parameter of a role, or null if the direction has none.</param>
    /// <param name="random">Source of the values.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    internal abstract void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Roles and shapes of a scale and a shift of <paramref name="size"/> features.</summary>
    private protected static IEnumerable<(ParameterRole Role, int Rows, int Columns)> ScaleAndShift(bool scale, bool shift, int size)
    {
        if (scale)
        {
            yield return (ParameterRole.Scale, size, 1);
        }

        if (shift)
        {
            yield return (ParameterRole.Shift, size, 1);
        }
    }
}
