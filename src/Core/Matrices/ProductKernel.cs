using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// C ← A·B + S with B in panels. Registers lie along a row of C, and each element of A is broadcast. S may be C itself, or a view without
/// rows where the sums start from zero.
/// </summary>
/// <param name="a">Rows of A.</param>
/// <param name="b">Panels of B.</param>
/// <param name="s">Numbers that the sums start from, laid out like C.</param>
/// <param name="c">Destination of the sums.</param>
/// <param name="strides">Distances from which the columns of each panel in C and S follow.</param>
/// <param name="backwards">True if the last panels come first; the result is the same.</param>
internal readonly ref struct ProductKernel<T>(
    OperandA<T> a, Panels<T> b, MatrixView<T> s, MatrixView<T> c, PanelStrides strides, bool backwards) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Rows of a panel that are used before C is touched: 32 KiB in registers of 512 or 256 bits, which stay in a near cache while rows of
    /// A pass. With half as many, large products took 5 % longer, since C is then read and written twice as often.
    /// </summary>
    public static int BlockInner => (Vector512.IsHardwareAccelerated ? 1024 : 2048) / Unsafe.SizeOf<T>();

    /// <summary>
    /// Rows of A, a whole number of groups, that pass before the next panel: 96 KiB in registers of 512 bits, else 192 KiB.
    /// </summary>
    public const int BlockRows = 96;

    // With more bytes than this, B comes from beyond a second cache of 2 MiB that it shares with another matrix. With few rows of A,
    // memory would idle while panels are multiplied, so the next panels are fetched meanwhile. Where B is in the cache, that costs 3 %.
    private const int FarBytes = 3 << 18;

    private readonly OperandA<T> _a = a;
    private readonly Panels<T> _b = b;
    private readonly MatrixView<T> _c = c;
    private readonly MatrixView<T> _s = s;
    private readonly PanelStrides _strides = strides;
    private readonly bool _backwards = backwards;

    /// <summary>Multiplies with the columns of C side by side, from the first to the last.</summary>
    public ProductKernel(OperandA<T> a, Panels<T> b, MatrixView<T> s, MatrixView<T> c)
        : this(a, b, s, c, PanelStrides.SideBySide, backwards: false)
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        // There is nothing to sum into. The other sizes may be as large as an int can be, and no loop runs over them.
        if (_c.Rows == 0 || _b.Columns == 0)
        {
            return;
        }

        if (_a.ColumnStride == 1)
        {
            Blocks<V, Constant.One>();
        }
        else
        {
            Blocks<V, Constant.Twelve>();
        }
    }

    private void Blocks<V, TColumn>()
        where V : struct, ISimd<V, T>
        where TColumn : struct
    {
        // The last panel may be wider than the rest of C. Its tiles are summed here and then copied.
        Span<T> edge = stackalloc T[Tile<T>.Highest * 2 * V.Count];

        // The sums of two panels fit into 32 registers.
        bool two = Vector512.IsHardwareAccelerated && V.Count * Unsafe.SizeOf<T>() == 64;
        int whole = _b.Columns / (2 * V.Count), panels = ((_b.Columns - 1) / (2 * V.Count)) + 1;
        int pairs = two ? whole / 2 : 0, turns = panels - pairs;
        bool far = (nint)_b.Rows * _b.Columns * Unsafe.SizeOf<T>() > FarBytes && _c.Rows <= BlockRows;
        for (int k = 0; k < _b.Rows || k == 0; k += BlockInner)
        {
            for (int row = 0; row < _c.Rows; row += BlockRows)
            {
                int end = Math.Min(row + BlockRows, _c.Rows);
                for (int i = 0; i < turns; i++)
                {
                    int turn = _backwards ? turns - 1 - i : i;
                    int next = _backwards ? turn - 1 : turn + 1;
                    if (turn >= pairs)
                    {
                        Panel<V, TColumn, Constant.One, Constant.One>(k, row, end, turn + pairs, 0, edge);
                    }
                    else if (far && next >= 0 && next < pairs)
                    {
                        Panel<V, TColumn, Constant.Two, Constant.Two>(k, row, end, 2 * turn, 2 * next, edge);
                    }
                    else
                    {
                        Panel<V, TColumn, Constant.Two, Constant.One>(k, row, end, 2 * turn, 0, edge);
                    }
                }
            }
        }
    }

    // Multiplies the rows from first to end by one panel or two, which stay in the first cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Panel<V, TColumn, TPanels, TAhead>(int k, int first, int end, int panel, int next, Span<T> edge)
        where V : struct, ISimd<V, T>
        where TColumn : struct
        where TPanels : struct
        where TAhead : struct
    {
        int width = 2 * V.Count;
        int column = _strides.Column(panel, width), columns = Math.Min(width, _b.Columns - (panel * width));
        nint length = (nint)_b.Rows * width;
        Tile<T> tile = new()
        {
            ARow = _a.RowStride,
            B = ref Unsafe.Add(ref _b.Origin, (panel * length) + ((nint)k * width)),
            BPanel = length,
            Inner = Math.Min(BlockInner, _b.Rows - k),
            CRow = _c.RowStride,
            Add = _s.Rows > 0 || k > 0,
        };
        if (Unsafe.SizeOf<TPanels>() == 2)
        {
            tile.CPanel = _strides.Column(panel + 1, width) - column;
        }

        if (Unsafe.SizeOf<TAhead>() == 2)
        {
            // At every second term a tile fetches one line of each of the two panels and then goes on by AheadStep. Four tiles of six rows
            // fetch all lines. With fewer than 24 rows some lines are not fetched; with more, tiles go on into the panels behind.
            int line = 64 / Unsafe.SizeOf<T>();
            tile.Ahead = ref Unsafe.Add(ref _b.Origin, (next * length) + ((nint)k * width));
            tile.AheadStep = Math.Max(1, 2 * width * Tile<T>.Highest / (end - first) / line) * line;
        }

        for (int row = first; row < end;)
        {
            int rows = Unsafe.SizeOf<TColumn>() == 1 ? end - row : Math.Min(OperandA<T>.Group - (row % OperandA<T>.Group), end - row);
            int height = Tile<T>.Height(rows);
            tile.A = ref _a.At<TColumn>(row, k);
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

            row += height;
            if (Unsafe.SizeOf<TPanels>() == 2)
            {
                // Fetches the rows of C that come next, which may lie far apart.
                for (int ahead = row; ahead < Math.Min(row + Tile<T>.Highest, end); ahead++)
                {
                    ref T c = ref _c.At(ahead, column);
                    Prefetch.First(ref c);
                    Prefetch.First(ref Unsafe.Add(ref c, V.Count));
                    Prefetch.First(ref Unsafe.Add(ref c, tile.CPanel));
                    Prefetch.First(ref Unsafe.Add(ref c, tile.CPanel + V.Count));
                }

                tile.Run<V, TColumn, TPanels, TAhead>(height);
                if (Unsafe.SizeOf<TAhead>() == 2)
                {
                    tile.Ahead = ref Unsafe.Add(ref tile.Ahead, tile.Inner / 4 * 2 * tile.AheadStep);
                }
            }
            else if (columns == width)
            {
                tile.Run<V, TColumn, TPanels, TAhead>(height);
            }
            else
            {
                Edge<V, TColumn>(tile, height, columns, edge);
            }
        }
    }

    // Sums a tile of which only the first columns belong to C.
    private static void Edge<V, TColumn>(Tile<T> tile, int height, int columns, Span<T> edge)
        where V : struct, ISimd<V, T>
        where TColumn : struct
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

        tile.Run<V, TColumn, Constant.One, Constant.One>(height);
        for (int row = 0; row < height; row++)
        {
            Row(ref tile.C, row * tile.CRow, columns).CopyTo(Row(ref c, row * stride, columns));
        }
    }

    private static Span<T> Row(ref T origin, nint offset, int columns) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref origin, offset), columns);
}
