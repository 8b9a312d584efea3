using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// Weights W [rows, columns], re-laid for y ← W·x + y: sums fill groups of up to eight registers, a group's panels of two registers each
/// stand one behind the other, and in a panel what one word of x is multiplied with stands together.
/// </summary>
/// <remarks>Which row of W a lane of a group sums is its maker's choice: gates of a unit, say, side by side.</remarks>
internal sealed class WeightPanels<TWeights>
    where TWeights : struct, IWeights
{
    /// <summary>Registers of sums in the largest group: as many as two multiply-adds per cycle with a latency of four keep busy.</summary>
    public const int LargestGroup = 8;

    private readonly int[] _rows;
    private readonly int _lastRegisters;
    private readonly int _pair;
    private readonly nint _panel;
    private readonly nint _group;
    private readonly nint _scales;
    private PackedMemory<float> _memory;

    /// <summary>Plans the layout; allocates no memory for weights.</summary>
    /// <param name="columns">Columns of W: numbers of x.</param>
    /// <param name="registers">Registers of a group, an even number; the last group may have fewer.</param>
    /// <param name="rows">Which row of W each lane sums, −1 for none: an even number of registers.</param>
    /// <param name="pair">Registers from the two sums of a panel to those of the next; 2 where nothing stands in between.</param>
    public WeightPanels(int columns, int registers, int[] rows, int pair = 2)
    {
        _pair = pair;
        int all = rows.Length / TWeights.Lanes;
        Debug.Assert(all % 2 == 0 && registers % 2 == 0 && registers <= LargestGroup, "A panel is two registers wide.");
        _rows = rows;
        Columns = columns;
        Registers = registers;
        Groups = (all + registers - 1) / registers;
        _lastRegisters = all - ((Groups - 1) * registers);
        if (TWeights.Terms > 1)
        {
            Guard.AtMost(columns, Int8Weights.LongestVector, "columns of int8 weights");
        }

        Words = (columns + TWeights.Terms - 1) / TWeights.Terms;
        _panel = (nint)TWeights.RowRegisters * TWeights.Lanes * Words;
        _group = registers / 2 * _panel;
        _scales = all / 2 * _panel;
    }

    /// <summary>Columns of W: numbers of x.</summary>
    public int Columns { get; }

    /// <summary>Words of factors.</summary>
    public int Words { get; }

    /// <summary>Groups of sums.</summary>
    public int Groups { get; }

    /// <summary>Registers of every group but the last.</summary>
    public int Registers { get; }

    /// <summary>Words of memory that <see cref="Pack"/> fills.</summary>
    public long Length => _scales + ((nint)TWeights.SumWords * _rows.Length);

    /// <summary>The first word.</summary>
    public ref float Origin => ref MemoryMarshal.GetReference(_memory.Span);

    /// <summary>Numbers in the workspace of <see cref="AddRows"/> for up to that many rows.</summary>
    public long WorkspaceLength(int rows) => TWeights.Terms > 1
        ? (long)rows * (Words + 1)
        : Math.Max(Words + 1, TWeights.RowRegisters > 1 ? 0 : (long)Columns * Registers * TWeights.Lanes);

    /// <summary>Writes the weights to their place in memory.</summary>
    public void Pack(MatrixView<float> weights, PackedMemory<float> memory)
    {
        _memory = memory;
        int width = 2 * TWeights.Lanes;
        int panel = (int)_panel;
        Span<float> scales = memory.Span[(int)_scales..];
        for (int i = 0; i < _rows.Length / width; i++)
        {
            TWeights.Pack(
                weights,
                _rows.AsSpan(i * width, width),
                memory.Span.Slice(i * panel, panel),
                scales.Slice(i * width * TWeights.SumWords, width * TWeights.SumWords));
        }
    }

    /// <summary>y ← W·x + y for the sums of one group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<V>(ref float origin, int group, ref readonly float factors, float scale, ref float y)
        where V : struct, ISimd<V, float>
    {
        Sum<V> sum = new()
        {
            Panels = ref Unsafe.Add(ref origin, group * _group),
            Panel = _panel,
            Factors = ref Unsafe.AsRef(in factors),
            Words = Words,
            Scales = ref Unsafe.Add(ref origin, _scales + (group * Registers * V.Count * TWeights.SumWords)),
            Scale = scale,
            Y = ref y,
            Pair = _pair * V.Count,
        };
        switch (group == Groups - 1 ? _lastRegisters : Registers)
        {
            case 8:
                sum.Eight();
                break;
            case 6:
                sum.Six();
                break;
            case 4:
                sum.Four();
                break;
            default:
                sum.Two();
                break;
        }
    }

    /// <summary>
    /// Y ← X·Wᵀ + Y for rows of X, whose small numbers are zero already. A group's sums stand <paramref name="stride"/> numbers behind
    /// those of the group before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddRows(MatrixView<float> x, MatrixView<float> y, int stride, Span<float> workspace, bool backwards)
    {
        if (TWeights.Terms > 1 || x.Rows == 1)
        {
            TWeights.Run(new RowsKernel(this, x, y, stride, workspace, backwards));
            return;
        }

        PanelPlaces places = new(Registers / 2, stride, _pair * TWeights.Lanes);
        LeftBlock<float> left = new(x);
        if (TWeights.RowRegisters == 2)
        {
            Panels<float> panels = new(_memory.Span, Columns, _rows.Length);
            Widest.Run<float, ProductKernel<float>>(new ProductKernel<float>(left, panels, y, y, places, backwards));
            return;
        }

        for (int i = 0; i < Groups; i++)
        {
            int group = backwards ? Groups - 1 - i : i;
            int columns = (group == Groups - 1 ? _lastRegisters : Registers) * TWeights.Lanes;
            Span<float> decoded = workspace[..(Columns * columns)];
            Widest.Run<float, Bf16DecodeKernel>(
                new Bf16DecodeKernel(_memory.Span.Slice(group * (int)_group, columns / (2 * TWeights.Lanes) * (int)_panel), decoded));
            MatrixView<float> sums = y.ColumnRange(group * stride, y.Columns - (group * stride));
            Panels<float> panels = new(decoded, Columns, columns);
            Widest.Run<float, ProductKernel<float>>(new ProductKernel<float>(left, panels, sums, sums, places, backwards));
        }
    }

    /// <summary>Every group by every row, so that a group is read from memory once.</summary>
    private readonly ref struct RowsKernel(
        WeightPanels<TWeights> weights,
        MatrixView<float> x,
        MatrixView<float> y,
        int stride,
        Span<float> workspace,
        bool backwards) : IKernel<float>
    {
        private readonly MatrixView<float> _x = x;
        private readonly MatrixView<float> _y = y;
        private readonly Span<float> _factors = workspace[..(x.Rows * weights.Words)];
        private readonly Span<float> _scales = workspace.Slice(x.Rows * weights.Words, x.Rows);

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public void Run<V>()
            where V : struct, ISimd<V, float>
        {
            ref float factors = ref MemoryMarshal.GetReference(_factors);
            for (int row = 0; row < _x.Rows; row++)
            {
                _scales[row] = TWeights.Prepare<V>(in _x.At(row, 0), _x.Columns, ref Unsafe.Add(ref factors, (nint)row * weights.Words));
            }

            ref float origin = ref weights.Origin;
            for (int i = 0; i < weights.Groups; i++)
            {
                int group = backwards ? weights.Groups - 1 - i : i;
                for (int row = 0; row < _y.Rows; row++)
                {
                    ref float rowFactors = ref Unsafe.Add(ref factors, (nint)row * weights.Words);
                    weights.Add<V>(ref origin, group, in rowFactors, _scales[row], ref _y.At(row, group * stride));
                }
            }
        }
    }

    /// <summary>The sums of one group, a method for each number of registers: only local variables stay in registers.</summary>
    private ref struct Sum<V>
        where V : struct, ISimd<V, float>
    {
        public ref float Panels;
        public nint Panel;
        public ref float Factors;
        public int Words;
        public ref float Scales;
        public float Scale;
        public ref float Y;
        public nint Pair;

        private static nuint Count
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (nuint)V.Count;
        }

        private static nuint Row
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (nuint)(TWeights.RowRegisters * V.Count);
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public readonly void Eight()
        {
            ref float b0 = ref Panels, b1 = ref Unsafe.Add(ref b0, Panel), b2 = ref Unsafe.Add(ref b1, Panel);
            ref float b3 = ref Unsafe.Add(ref b2, Panel);
            ref float x = ref Factors, y0 = ref Y, y1 = ref Unsafe.Add(ref y0, Pair);
            ref float y2 = ref Unsafe.Add(ref y1, Pair), y3 = ref Unsafe.Add(ref y2, Pair);
            V s0 = TWeights.Begin<V>(in y0, 0), s1 = TWeights.Begin<V>(in y0, Count);
            V s2 = TWeights.Begin<V>(in y1, 0), s3 = TWeights.Begin<V>(in y1, Count);
            V s4 = TWeights.Begin<V>(in y2, 0), s5 = TWeights.Begin<V>(in y2, Count);
            V s6 = TWeights.Begin<V>(in y3, 0), s7 = TWeights.Begin<V>(in y3, Count);
            V aid = TWeights.Aid<V>();
            nuint i = 0;
            for (int k = Words; k != 0; k--)
            {
                V z = V.Broadcast(x);
                V m = TWeights.Companion(z);
                TWeights.First(ref s0, in b0, i, z, m, aid);
                TWeights.Second(ref s1, in b0, i, z, m, aid);
                TWeights.First(ref s2, in b1, i, z, m, aid);
                TWeights.Second(ref s3, in b1, i, z, m, aid);
                TWeights.First(ref s4, in b2, i, z, m, aid);
                TWeights.Second(ref s5, in b2, i, z, m, aid);
                TWeights.First(ref s6, in b3, i, z, m, aid);
                TWeights.Second(ref s7, in b3, i, z, m, aid);
                x = ref Unsafe.Add(ref x, 1);
                i += Row;
            }

            V scale = V.Broadcast(Scale);
            V.Store(TWeights.End(s0, in y0, 0, in Scales, 0, scale), ref y0, 0);
            V.Store(TWeights.End(s1, in y0, Count, in Scales, Count, scale), ref y0, Count);
            V.Store(TWeights.End(s2, in y1, 0, in Scales, 2 * Count, scale), ref y1, 0);
            V.Store(TWeights.End(s3, in y1, Count, in Scales, 3 * Count, scale), ref y1, Count);
            V.Store(TWeights.End(s4, in y2, 0, in Scales, 4 * Count, scale), ref y2, 0);
            V.Store(TWeights.End(s5, in y2, Count, in Scales, 5 * Count, scale), ref y2, Count);
            V.Store(TWeights.End(s6, in y3, 0, in Scales, 6 * Count, scale), ref y3, 0);
            V.Store(TWeights.End(s7, in y3, Count, in Scales, 7 * Count, scale), ref y3, Count);
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public readonly void Six()
        {
            ref float b0 = ref Panels, b1 = ref Unsafe.Add(ref b0, Panel), b2 = ref Unsafe.Add(ref b1, Panel);
            ref float x = ref Factors, y0 = ref Y, y1 = ref Unsafe.Add(ref y0, Pair), y2 = ref Unsafe.Add(ref y1, Pair);
            V s0 = TWeights.Begin<V>(in y0, 0), s1 = TWeights.Begin<V>(in y0, Count);
            V s2 = TWeights.Begin<V>(in y1, 0), s3 = TWeights.Begin<V>(in y1, Count);
            V s4 = TWeights.Begin<V>(in y2, 0), s5 = TWeights.Begin<V>(in y2, Count);
            V aid = TWeights.Aid<V>();
            nuint i = 0;
            for (int k = Words; k != 0; k--)
            {
                V z = V.Broadcast(x);
                V m = TWeights.Companion(z);
                TWeights.First(ref s0, in b0, i, z, m, aid);
                TWeights.Second(ref s1, in b0, i, z, m, aid);
                TWeights.First(ref s2, in b1, i, z, m, aid);
                TWeights.Second(ref s3, in b1, i, z, m, aid);
                TWeights.First(ref s4, in b2, i, z, m, aid);
                TWeights.Second(ref s5, in b2, i, z, m, aid);
                x = ref Unsafe.Add(ref x, 1);
                i += Row;
            }

            V scale = V.Broadcast(Scale);
            V.Store(TWeights.End(s0, in y0, 0, in Scales, 0, scale), ref y0, 0);
            V.Store(TWeights.End(s1, in y0, Count, in Scales, Count, scale), ref y0, Count);
            V.Store(TWeights.End(s2, in y1, 0, in Scales, 2 * Count, scale), ref y1, 0);
            V.Store(TWeights.End(s3, in y1, Count, in Scales, 3 * Count, scale), ref y1, Count);
            V.Store(TWeights.End(s4, in y2, 0, in Scales, 4 * Count, scale), ref y2, 0);
            V.Store(TWeights.End(s5, in y2, Count, in Scales, 5 * Count, scale), ref y2, Count);
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public readonly void Four()
        {
            ref float b0 = ref Panels, b1 = ref Unsafe.Add(ref b0, Panel);
            ref float x = ref Factors, y0 = ref Y, y1 = ref Unsafe.Add(ref y0, Pair);
            V s0 = TWeights.Begin<V>(in y0, 0), s1 = TWeights.Begin<V>(in y0, Count);
            V s2 = TWeights.Begin<V>(in y1, 0), s3 = TWeights.Begin<V>(in y1, Count);
            V aid = TWeights.Aid<V>();
            nuint i = 0;
            for (int k = Words; k != 0; k--)
            {
                V z = V.Broadcast(x);
                V m = TWeights.Companion(z);
                TWeights.First(ref s0, in b0, i, z, m, aid);
                TWeights.Second(ref s1, in b0, i, z, m, aid);
                TWeights.First(ref s2, in b1, i, z, m, aid);
                TWeights.Second(ref s3, in b1, i, z, m, aid);
                x = ref Unsafe.Add(ref x, 1);
                i += Row;
            }

            V scale = V.Broadcast(Scale);
            V.Store(TWeights.End(s0, in y0, 0, in Scales, 0, scale), ref y0, 0);
            V.Store(TWeights.End(s1, in y0, Count, in Scales, Count, scale), ref y0, Count);
            V.Store(TWeights.End(s2, in y1, 0, in Scales, 2 * Count, scale), ref y1, 0);
            V.Store(TWeights.End(s3, in y1, Count, in Scales, 3 * Count, scale), ref y1, Count);
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public readonly void Two()
        {
            ref float b0 = ref Panels;
            ref float x = ref Factors, y0 = ref Y;
            V s0 = TWeights.Begin<V>(in y0, 0), s1 = TWeights.Begin<V>(in y0, Count);
            V aid = TWeights.Aid<V>();
            nuint i = 0;
            for (int k = Words; k != 0; k--)
            {
                V z = V.Broadcast(x);
                V m = TWeights.Companion(z);
                TWeights.First(ref s0, in b0, i, z, m, aid);
                TWeights.Second(ref s1, in b0, i, z, m, aid);
                x = ref Unsafe.Add(ref x, 1);
                i += Row;
            }

            V scale = V.Broadcast(Scale);
            V.Store(TWeights.End(s0, in y0, 0, in Scales, 0, scale), ref y0, 0);
            V.Store(TWeights.End(s1, in y0, Count, in Scales, Count, scale), ref y0, Count);
        }
    }
}
