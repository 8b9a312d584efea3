namespace SpanRnn;

/// <summary>Place of one tensor in the flat parameter buffer: row-major [Rows, Columns] from Offset on.</summary>
/// <param name="Name">Name of the tensor, which says its role.</param>
/// <param name="Rows">Rows; the length of a vector.</param>
/// <param name="Columns">Columns; 1 for a vector.</param>
/// <param name="Offset">Index of the first number, a multiple of 16.</param>
public sealed record ParameterSlot(string Name, int Rows, int Columns, int Offset)
{
    /// <summary>Number of elements: Rows × Columns.</summary>
    public int Length => Rows * Columns;

    /// <summary>Part of a buffer that holds the tensor. Allocates nothing.</summary>
    /// <param name="buffer">Parameters, gradients or moments of the layout that this slot belongs to.</param>
    /// <typeparam name="T">The element type.</typeparam>
    /// <returns>[Rows × Columns], a part of <paramref name="buffer"/>.</returns>
    public Span<T> In<T>(Span<T> buffer) => buffer.Slice(Offset, Length);

    /// <inheritdoc cref="In{T}(Span{T})"/>
    public ReadOnlySpan<T> In<T>(ReadOnlySpan<T> buffer) => buffer.Slice(Offset, Length);
}
