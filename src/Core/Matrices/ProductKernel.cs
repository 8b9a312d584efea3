using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// C ← A·B + S with B in panels: registers lie along a row of C, each element of A is broadcast. S may be C itself, or a view without
/// rows, which stands for zeros.
/// </summary>
internal readonly ref struct ProductKernel<T>(LeftBlock<T> a, Panels<T> b, MatrixView<T> s, MatrixView<T> c) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Rows of a panel that are used before C is touched: 32 KiB in registers of 512 or 256 bits, which stay close while rows of A pass.
    /// Half as many cost 5 % in large products, since C is read and written so much more often.
    /// </summary>
    public static int BlockInner => (Vector512.IsHardwareAccelerated ? 1024 : 2048) / Unsafe.SizeOf<T>();

    /// <summary>Rows of A, a multiple of a group, that pass before the next panel: with 512 columns in float 192 KiB.</summary>
    public const int BlockRows = 96;

    private readonly LeftBlock<T> _a = a;
    private readonly Panels<T> _b = b;
    private readonly MatrixView<T> _c = c;
    private readonly MatrixView<T> _s = s;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        // Nothing to sum into: the other sizes, which may be as large as a number can be, are not walked through.
        if (_c.Rows == 0 || _c.Columns == 0)
        {
            return;
        }

        // The last panel may be wider than what is left of C: its tiles are summed here and copied.
        Span<T> edge = stackalloc T[Tile<T>.Highest * 2 * V.Count];
        for (int k = 0; k < _b.Rows || k == 0; k += BlockInner)
        {
            for (int row = 0; row < _c.Rows; row += BlockRows)
            {
                for (int column = 0; column < _c.Columns; column += 2 * V.Count)
                {
                    Column<V>(k, row, Math.Min(row + BlockRows, _c.Rows), column, edge);
                }
            }
        }
    }

    // One panel, which stays in the first cache, and rows first to end.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Column<V>(int k, int first, int end, int column, Span<T> edge)
        where V : struct, ISimd<V, T>
    {
        int width = 2 * V.Count;
        Tile<T> tile = new()
        {
            ARow = _a.RowStride,
            AColumn = _a.ColumnStride,
            B = ref Unsafe.Add(ref _b.Origin, ((nint)column * _b.Rows) + ((nint)k * width)),
            BRow = width,
            Inner = Math.Min(BlockInner, _b.Rows - k),
            CRow = _c.RowStride,
            Add = _s.Rows > 0 || k > 0,
        };
        for (int row = first; row < end;)
        {
            int height = Tile<T>.Height<V>(Math.Min(_a.GroupRows - (row % _a.GroupRows), end - row));
            tile.A = ref _a.At(row, k);
            tile.C = ref _c.At(row, column);
            if (k == 0 && _s.Rows > 0)
            {
                tile.S = ref _s.At(row, column);
                tile.SRow = _s.RowStride;
            }
            else
            {
                tile.S = ref tile.C;
                tile.SRow = tile.CRow;
            }

            if (column + width <= _c.Columns)
            {
                tile.Run<V>(height);
            }
            else
            {
                Edge<V>(tile, height, _c.Columns - column, edge);
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
                Row(ref tile.S, row * tile.SRow, columns).CopyTo(Row(ref tile.C, row * tile.CRow, columns));
            }

            tile.S = ref tile.C;
            tile.SRow = tile.CRow;
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
