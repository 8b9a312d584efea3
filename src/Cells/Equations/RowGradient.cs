namespace SpanRnn.Cells.Equations;

/// <summary>The row that backward of a <see cref="RowFunction{T}"/> reads and writes.</summary>
internal readonly ref struct RowGradient<T>
    where T : unmanaged
{
    /// <summary>x, [I] in.</summary>
    public required ReadOnlySpan<T> X { get; init; }

    /// <summary>s, in, or empty.</summary>
    public required ReadOnlySpan<T> Scale { get; init; }

    /// <summary>y, [O] in.</summary>
    public required ReadOnlySpan<T> Y { get; init; }

    /// <summary>∂L/∂y, [O] in.</summary>
    public required ReadOnlySpan<T> Dy { get; init; }

    /// <summary>∂L/∂x, [I] out.</summary>
    public required Span<T> Dx { get; init; }

    /// <summary>∂L/∂s, added to, or empty.</summary>
    public required Span<T> DScale { get; init; }

    /// <summary>∂L/∂t, added to, or empty.</summary>
    public required Span<T> DShift { get; init; }
}
