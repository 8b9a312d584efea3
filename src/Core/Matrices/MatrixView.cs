using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SpanRnn.Core;

/// <summary>
/// A matrix inside somebody's memory: element (i, j) stands at <see cref="Origin"/> + i·<see cref="RowStride"/> +
/// j·<see cref="ColumnStride"/>. The unchecked kernels read and write through it; whoever makes one answers for its bounds.
/// </summary>
internal readonly ref struct MatrixView<T>
{
    private readonly ref T _origin;

    private MatrixView(ref T origin, int rows, int columns, int rowStride, int columnStride)
    {
        _origin = ref origin;
        Rows = rows;
        Columns = columns;
        RowStride = rowStride;
        ColumnStride = columnStride;
    }

    /// <summary>Rows of <paramref name="columns"/> numbers, one behind the other.</summary>
    public MatrixView(ReadOnlySpan<T> span, int rows, int columns)
        : this(span, rows, columns, columns)
    {
    }

    /// <summary>Rows of <paramref name="columns"/> numbers, each <paramref name="stride"/> numbers behind the one before.</summary>
    public MatrixView(ReadOnlySpan<T> span, int rows, int columns, int stride)
        : this(ref MemoryMarshal.GetReference(span), rows, columns, stride, 1)
    {
        Debug.Assert(rows == 0 || columns == 0 || span.Length >= ((long)(rows - 1) * stride) + columns, "The view leaves its span.");
    }

    /// <summary>Element (0, 0).</summary>
    public ref T Origin => ref _origin;

    public int Rows { get; }

    public int Columns { get; }

    public int RowStride { get; }

    public int ColumnStride { get; }

    /// <summary>The same memory with rows and columns exchanged.</summary>
    public MatrixView<T> Transposed => new(ref _origin, Columns, Rows, ColumnStride, RowStride);
}
