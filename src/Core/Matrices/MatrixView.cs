using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// Matrix in memory that belongs to others: element (i, j) is at <see cref="Origin"/> + i·<see cref="RowStride"/> +
/// j·<see cref="ColumnStride"/>. Kernels read and write through a view without checks, so its creator is responsible for its bounds.
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

    /// <summary>Views rows of <paramref name="columns"/> numbers, one behind the other.</summary>
    public MatrixView(ReadOnlySpan<T> span, int rows, int columns)
        : this(span, rows, columns, columns)
    {
    }

    /// <summary>Views rows of <paramref name="columns"/> numbers, each <paramref name="stride"/> numbers behind the row before.</summary>
    public MatrixView(ReadOnlySpan<T> span, int rows, int columns, int stride)
        : this(ref MemoryMarshal.GetReference(span), rows, columns, stride, 1)
    {
        Debug.Assert(rows == 0 || columns == 0 || span.Length >= ((long)(rows - 1) * stride) + columns, "The view exceeds its span.");
    }

    /// <summary>Element (0, 0).</summary>
    public ref T Origin => ref _origin;

    /// <summary>Element (<paramref name="row"/>, <paramref name="column"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T At(int row, int column) => ref Unsafe.Add(ref _origin, ((nint)row * RowStride) + ((nint)column * ColumnStride));

    public int Rows { get; }

    public int Columns { get; }

    public int RowStride { get; }

    public int ColumnStride { get; }

    /// <summary>Rows <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1.</summary>
    public MatrixView<T> RowRange(int first, int count)
    {
        Debug.Assert(first >= 0 && count >= 0 && first + count <= Rows, "The rows exceed the matrix.");
        return new(ref Unsafe.Add(ref _origin, (nint)first * RowStride), count, Columns, RowStride, ColumnStride);
    }

    /// <summary>Columns <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1.</summary>
    public MatrixView<T> ColumnRange(int first, int count)
    {
        Debug.Assert(first >= 0 && count >= 0 && first + count <= Columns, "The columns exceed the matrix.");
        return new(ref Unsafe.Add(ref _origin, (nint)first * ColumnStride), Rows, count, RowStride, ColumnStride);
    }

    /// <summary>Row <paramref name="row"/> of a matrix whose rows are contiguous.</summary>
    public Span<T> Row(int row)
    {
        Debug.Assert(ColumnStride == 1 && (uint)row < (uint)Rows, "The row does not exist or is not contiguous.");
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref _origin, (nint)row * RowStride), Columns);
    }

    /// <summary>All numbers of a matrix whose rows are contiguous and follow one another.</summary>
    public Span<T> Span
    {
        get
        {
            Debug.Assert(Rows * Columns == 0 || (ColumnStride == 1 && RowStride == Columns), "There is a gap between the rows.");
            return MemoryMarshal.CreateSpan(ref _origin, Rows * Columns);
        }
    }

    /// <summary>Matrix of one number, read again and again. A product with a matrix of ones sums columns.</summary>
    public static MatrixView<T> Repeat(ref readonly T value, int rows, int columns) =>
        new(ref Unsafe.AsRef(in value), rows, columns, 0, 0);

    /// <summary>The same memory with rows and columns exchanged.</summary>
    public MatrixView<T> Transposed => new(ref _origin, Columns, Rows, ColumnStride, RowStride);
}
