using System.Numerics;

namespace SpanRnn;

/// <summary>
/// One layer of a network's chain: its size and its options. Each kind of layer is one type: <see cref="RecurrentLayer"/>,
/// <see cref="DenseLayer"/>, <see cref="AffineLayer"/>, <see cref="NormalizationLayer"/>, <see cref="ActivationLayer"/>,
/// <see cref="PReluLayer"/> or <see cref="MergeLayer"/>. Its input size comes from the layer below.
/// </summary>
public abstract record LayerSpec
{
    private protected LayerSpec()
    {
    }

    /// <summary>Numbers in a row of the output.</summary>
    /// <param name="inputSize">I, the numbers in a row of the input.</param>
    /// <returns>The number.</returns>
    public abstract int OutputSizeOf(int inputSize);

    /// <summary>The directions that have parameters of their own, in the order of the output.</summary>
    internal virtual ReadOnlySpan<Direction> Directions => [Direction.Forward];

    /// <summary>Description of a contradiction as a sentence without its full stop; null if there is none.</summary>
    /// <param name="below">The layer below; null for the first layer.</param>
    internal abstract string? Problem(LayerSpec? below);

    /// <summary>Roles and shapes of the parameters of one direction in their order.</summary>
    internal abstract IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize);

    /// <summary>Kinds and sizes of the states of one direction.</summary>
    internal virtual IEnumerable<(StateKind Kind, int Size)> States => [];

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
