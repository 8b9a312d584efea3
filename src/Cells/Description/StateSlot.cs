namespace SpanRnn;

/// <summary>Place of one state of a layer and direction in a network's state.</summary>
/// <param name="Layer">Index of the layer.</param>
/// <param name="Direction">Its direction.</param>
/// <param name="Kind">h or c.</param>
/// <param name="Size">Numbers per sequence.</param>
/// <param name="Offset">Index of its first number in the state of one sequence.</param>
public sealed record StateSlot(int Layer, Direction Direction, StateKind Kind, int Size, int Offset)
{
    /// <summary>This state for all sequences of a batch, a part of <paramref name="state"/>. Allocates nothing.</summary>
    /// <param name="state">The state of a network for <paramref name="batch"/> sequences.</param>
    /// <param name="batch">N.</param>
    /// <typeparam name="T">The element type.</typeparam>
    /// <returns>[batch, Size].</returns>
    public Span<T> In<T>(Span<T> state, int batch) => state.Slice(Offset * batch, Size * batch);

    /// <inheritdoc cref="In{T}(Span{T}, int)"/>
    public ReadOnlySpan<T> In<T>(ReadOnlySpan<T> state, int batch) => state.Slice(Offset * batch, Size * batch);
}
