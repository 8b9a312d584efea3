using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>C ← A·B (+ C) with B in panels: registers lie along a row of C, each element of A is broadcast.</summary>
internal readonly ref struct ProductKernel<T>(LeftBlock<T> a, Panels<T> b, MatrixView<T> c, bool add) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Rows of a panel that are used before C is touched: with two registers of 256 bits 16 KiB, of 512 bits 32 KiB, which stay in the
    /// first cache while rows of A pass.
    /// </summary>
    public static int BlockInner => 1024 / Unsafe.SizeOf<T>();

    /// <summary>Columns of B that are used before the next rows of A: with 256 rows in float 256 KiB, about a second cache.</summary>
    public const int BlockColumns = 256;

    private readonly LeftBlock<T> _a = a;
    private readonly Panels<T> _b = b;
    private readonly MatrixView<T> _c = c;
    private readonly bool _add = add;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        // The last panel may be wider than what is left of C: its tiles are summed here and copied.
        Span<T> edge = stackalloc T[LeftBlock<T>.Group * 2 * V.Count];
        for (int k = 0; k < _b.Rows || k == 0; k += BlockInner)
        {
            for (int j = 0; j < _c.Columns; j += BlockColumns)
            {
                Block<V>(k, Math.Min(BlockInner, _b.Rows - k), j, Math.Min(j + BlockColumns, _c.Columns), edge);
            }
        }
    }

    // All rows, columns first to end, terms k to k + inner.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block<V>(int k, int inner, int first, int end, Span<T> edge)
        where V : struct, ISimd<V, T>
    {
        int width = 2 * V.Count;
        Tile<T> tile = new()
        {
            ARow = _a.RowStride,
            AColumn = _a.ColumnStride,
            BRow = width,
            Inner = inner,
            Add = _add || k > 0,
        };
        for (int row = 0; row < _c.Rows;)
        {
            int height = Tile<T>.Height<V>(Math.Min(LeftBlock<T>.Group - (row % LeftBlock<T>.Group), _c.Rows - row));
            tile.A = ref _a.At(row, k);
            tile.B = ref Unsafe.Add(ref _b.Origin, ((nint)first * _b.Rows) + ((nint)k * width));
            tile.C = ref _c.At(row, first);
            tile.CRow = _c.RowStride;
            for (int column = first; column < end; column += width)
            {
                if (column + width <= end)
                {
                    tile.Run<V>(height);
                }
                else
                {
                    Edge<V>(tile, height, end - column, edge);
                }

                tile.B = ref Unsafe.Add(ref tile.B, (nint)_b.Rows * width);
                tile.C = ref Unsafe.Add(ref tile.C, width);
            }

            row += height;
        }
    }

    // A tile of which only the first columns are C's.
    private static void Edge<V>(Tile<T> tile, int height, int columns, Span<T> edge)
        where V : struct, ISimd<V, T>
    {
        ref T c = ref tile.C;
        nint stride = tile.CRow;
        tile.C = ref MemoryMarshal.GetReference(edge);
        tile.CRow = 2 * V.Count;
        if (tile.Add)
        {
            for (int row = 0; row < height; row++)
            {
                Row(ref c, row * stride, columns).CopyTo(Row(ref tile.C, row * tile.CRow, columns));
            }
        }

        tile.Run<V>(height);
        for (int row = 0; row < height; row++)
        {
            Row(ref tile.C, row * tile.CRow, columns).CopyTo(Row(ref c, row * stride, columns));
        }
    }

    private static Span<T> Row(ref T origin, nint offset, int columns) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref origin, offset), columns);
}
