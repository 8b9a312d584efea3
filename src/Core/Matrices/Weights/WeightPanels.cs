using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>
/// Weights W [rows, columns], packed for y ← W·x + y. Sums fill groups of up to eight registers. The panels of a group, two registers wide
/// each, follow one another. In a panel the weights that one word of x is multiplied by are adjacent.
/// </summary>
/// <remarks>The caller chooses which row of W each lane of a group sums: the gates of a unit, for example, are side by side.</remarks>
internal sealed class WeightPanels<TWeights>
    where TWeights : struct, IWeights
{
    /// <summary>Registers of sums of the largest group: as many as two multiply-adds per cycle with a latency of four keep busy.</summary>
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
    /// <param name="rows">Row of W that each lane sums, −1 for none; an even number of registers.</param>
    /// <param name="pair">Registers from the two sums of a panel to the two of the next; 2 where nothing is in between.</param>
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

    /// <summary>Number of words that the factors of a vector take.</summary>
    public int Words { get; }

    /// <summary>Number of groups of sums.</summary>
    public int Groups { get; }

    /// <summary>Number of registers of every group but the last.</summary>
    public int Registers { get; }

    /// <summary>Number of words that <see cref="Pack"/> fills.</summary>
    public long Length => _scales + ((nint)TWeights.SumWords * _rows.Length);

    /// <summary>First word of the packed weights.</summary>
    public ref float Origin => ref _memory.Origin;

    /// <summary>
    /// Length of the workspace of <see cref="AddRows"/> for up to <paramref name="rows"/> rows. A single row, and every row in int8, takes
    /// <see cref="Words"/> + 1: its factors and their scale. Several rows take a decoded group in bf16 and nothing in fp32.
    /// </summary>
    public long WorkspaceLength(int rows) => TWeights.Terms > 1
        ? (long)rows * (Words + 1)
        : Math.Max(Words + 1, TWeights.RowRegisters > 1 ? 0 : (long)Columns * Registers * TWeights.Lanes);

    /// <summary>Packs the weights into <paramref name="memory"/>.</summary>
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
                sum.Add<Constant.Four>();
                break;
            case 6:
                sum.Add<Constant.Three>();
                break;
            case 4:
                sum.Add<Constant.Two>();
                break;
            default:
                sum.Add<Constant.One>();
                break;
        }
    }

    /// <summary>
    /// y ← b + W·x + U·h for the sums of one group, which stay in registers from the first to the last term. W is these panels, U is
    /// <paramref name="second"/>. <paramref name="first"/> is the panel of sums at which U begins, 0 or 1. For weights that are summed
    /// without scales.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<V, TFlush>(
        WeightPanels<TWeights> second,
        int first,
        ref float origin,
        ref float secondOrigin,
        int group,
        ref readonly float bias,
        ref readonly float x,
        ref readonly float h,
        ref float y)
        where V : struct, ISimd<V, float>
        where TFlush : struct, IFlush
    {
        Sum<V> sum = new()
        {
            Panels = ref Unsafe.Add(ref origin, group * _group),
            Panel = _panel,
            Factors = ref Unsafe.AsRef(in x),
            Words = Words,
            SecondPanels = ref Unsafe.Add(ref secondOrigin, group * second._group),
            SecondPanel = second._panel,
            SecondFactors = ref Unsafe.AsRef(in h),
            SecondWords = second.Words,
            Bias = ref bias,
            Y = ref y,
        };
        int registers = group == Groups - 1 ? _lastRegisters : Registers;
        if (first == 1)
        {
            if (Registers == 6)
            {
                sum.AddBoth<TFlush, Constant.Three, Constant.Two, Constant.Three>();
            }
            else
            {
                sum.AddBoth<TFlush, Constant.Two, Constant.Two, Constant.Two>();
            }
        }
        else if (second.Registers < Registers)
        {
            if (Registers == 6)
            {
                sum.AddBoth<TFlush, Constant.Three, Constant.One, Constant.Two>();
            }
            else
            {
                sum.AddBoth<TFlush, Constant.Two, Constant.One, Constant.One>();
            }
        }
        else if (registers == 8)
        {
            sum.AddBoth<TFlush, Constant.Four, Constant.One, Constant.Four>();
        }
        else if (registers == 6)
        {
            sum.AddBoth<TFlush, Constant.Three, Constant.One, Constant.Three>();
        }
        else if (registers == 4)
        {
            sum.AddBoth<TFlush, Constant.Two, Constant.One, Constant.Two>();
        }
        else
        {
            sum.AddBoth<TFlush, Constant.One, Constant.One, Constant.One>();
        }
    }

    /// <summary>
    /// Y ← X·Wᵀ + S for rows of X, in which small numbers are already zero. The sums of a group are <paramref name="stride"/> numbers
    /// behind the sums of the group before. S is laid out like Y, is Y itself, or is one row for all. It is copied to Y where sums need it
    /// there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddRows(
        MatrixView<float> x, MatrixView<float> s, MatrixView<float> y, int stride, Span<float> workspace, bool backwards)
    {
        if (TWeights.Terms > 1 || x.Rows == 1)
        {
            if (!Unsafe.AreSame(ref s.Origin, ref y.Origin))
            {
                MatrixProduct.Copy(s, y);
            }

            TWeights.Run(new RowsKernel(this, x, y, stride, workspace, backwards));
            return;
        }

        PanelStrides strides = new(Registers / 2, stride, _pair * TWeights.Lanes);
        OperandA<float> operandA = new(x);
        if (TWeights.RowRegisters == 2)
        {
            Panels<float> panels = new(_memory.Span, Columns, _rows.Length);
            Dispatch.Run<float, ProductKernel<float>>(new ProductKernel<float>(operandA, panels, s, y, strides, backwards));
            return;
        }

        for (int i = 0; i < Groups; i++)
        {
            int group = backwards ? Groups - 1 - i : i;
            int columns = (group == Groups - 1 ? _lastRegisters : Registers) * TWeights.Lanes;
            Span<float> decoded = workspace[..(Columns * columns)];
            Dispatch.Run<float, Bf16DecodeKernel>(
                new Bf16DecodeKernel(_memory.Span.Slice(group * (int)_group, columns / (2 * TWeights.Lanes) * (int)_panel), decoded));
            int first = group * stride, rest = y.Columns - first;
            Panels<float> panels = new(decoded, Columns, columns);
            Dispatch.Run<float, ProductKernel<float>>(new ProductKernel<float>(
                operandA, panels, s.ColumnRange(first, rest), y.ColumnRange(first, rest), strides, backwards));
        }
    }

    /// <summary>Multiplies each group by every row before the next group, so that a group is read from memory once.</summary>
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
                ref float rowFactors = ref Unsafe.Add(ref factors, (nint)row * weights.Words);
                _scales[row] = TWeights.PrepareInput<V>(in _x.At(row, 0), _x.Columns, ref rowFactors);
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

    /// <summary>Sums of one group.</summary>
    private ref struct Sum<V>
        where V : struct, ISimd<V, float>
    {
        public ref float Panels;
        public nint Panel;
        public ref float Factors;
        public int Words;
        public ref float SecondPanels;
        public nint SecondPanel;
        public ref float SecondFactors;
        public int SecondWords;
        public ref readonly float Bias;
        public ref float Scales;
        public float Scale;
        public ref float Y;
        public nint Pair;

        private static nuint Row
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => (nuint)(TWeights.RowRegisters * V.Count);
        }

        /// <summary>y ← W·x + y for one to four panels.</summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public readonly void Add<TPanels>()
            where TPanels : struct
        {
            ref float b0 = ref Panels, b1 = ref Unsafe.Add(ref b0, Panel), b2 = ref Unsafe.Add(ref b1, Panel);
            ref float b3 = ref Unsafe.Add(ref b2, Panel);
            ref float y0 = ref Y, y1 = ref Unsafe.Add(ref y0, Pair), y2 = ref Unsafe.Add(ref y1, Pair), y3 = ref Unsafe.Add(ref y2, Pair);
            Two<V> s0 = default, s1 = default, s2 = default, s3 = default;
            s0.Load(in y0);
            if (Unsafe.SizeOf<TPanels>() > 1)
            {
                s1.Load(in y1);
            }

            if (Unsafe.SizeOf<TPanels>() > 2)
            {
                s2.Load(in y2);
            }

            if (Unsafe.SizeOf<TPanels>() > 3)
            {
                s3.Load(in y3);
            }

            V loopConstant = TWeights.LoopConstant<V>();
            ref float x = ref Factors;
            nuint i = 0;
            for (int k = Words; k != 0; k--)
            {
                V z = V.Broadcast(x);
                V m = TWeights.FactorAbs(z);
                s0.Add(in b0, i, z, m, loopConstant);
                if (Unsafe.SizeOf<TPanels>() > 1)
                {
                    s1.Add(in b1, i, z, m, loopConstant);
                }

                if (Unsafe.SizeOf<TPanels>() > 2)
                {
                    s2.Add(in b2, i, z, m, loopConstant);
                }

                if (Unsafe.SizeOf<TPanels>() > 3)
                {
                    s3.Add(in b3, i, z, m, loopConstant);
                }

                x = ref Unsafe.Add(ref x, 1);
                i += Row;
            }

            V scale = V.Broadcast(Scale);
            s0.Store(ref y0, in Scales, 0, scale);
            if (Unsafe.SizeOf<TPanels>() > 1)
            {
                s1.Store(ref y1, in Scales, 2, scale);
            }

            if (Unsafe.SizeOf<TPanels>() > 2)
            {
                s2.Store(ref y2, in Scales, 4, scale);
            }

            if (Unsafe.SizeOf<TPanels>() > 3)
            {
                s3.Store(ref y3, in Scales, 6, scale);
            }
        }

        /// <summary>
        /// y ← b + W·x + U·h for <typeparamref name="TPanels"/> panels of W, which begin at the first sums, and
        /// <typeparamref name="TSecondPanels"/> panels of U, at most as many, which begin at panel <typeparamref name="TFirst"/> of the
        /// sums, counted from one.
        /// </summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public readonly void AddBoth<TFlush, TPanels, TFirst, TSecondPanels>()
            where TFlush : struct, IFlush
            where TPanels : struct
            where TFirst : struct
            where TSecondPanels : struct
        {
            Two<V> s0 = default, s1 = default, s2 = default, s3 = default;
            s0.Load(in Bias, 0);
            if (Unsafe.SizeOf<TFirst>() + Unsafe.SizeOf<TPanels>() > 2)
            {
                s1.Load(in Bias, 2);
            }

            if (Unsafe.SizeOf<TFirst>() + Unsafe.SizeOf<TPanels>() > 3)
            {
                s2.Load(in Bias, 4);
            }

            if (Unsafe.SizeOf<TFirst>() + Unsafe.SizeOf<TPanels>() > 4)
            {
                s3.Load(in Bias, 6);
            }

            V loopConstant = TWeights.LoopConstant<V>(), least = TFlush.Least<V, float>();
            ref float b0 = ref Panels, b1 = ref Unsafe.Add(ref b0, Panel), b2 = ref Unsafe.Add(ref b1, Panel);
            ref float b3 = ref Unsafe.Add(ref b2, Panel);
            ref float x = ref Factors;
            nuint i = 0;
            for (int k = Words; k != 0; k--)
            {
                V z = TFlush.Read<V, float>(V.Broadcast(x), least);
                s0.Add(in b0, i, z, default, loopConstant);
                if (Unsafe.SizeOf<TPanels>() > 1)
                {
                    s1.Add(in b1, i, z, default, loopConstant);
                }

                if (Unsafe.SizeOf<TPanels>() > 2)
                {
                    s2.Add(in b2, i, z, default, loopConstant);
                }

                if (Unsafe.SizeOf<TPanels>() > 3)
                {
                    s3.Add(in b3, i, z, default, loopConstant);
                }

                x = ref Unsafe.Add(ref x, 1);
                i += Row;
            }

            b0 = ref SecondPanels;
            b1 = ref Unsafe.Add(ref b0, SecondPanel);
            b2 = ref Unsafe.Add(ref b1, SecondPanel);
            b3 = ref Unsafe.Add(ref b2, SecondPanel);
            x = ref SecondFactors;
            i = 0;
            for (int k = SecondWords; k != 0; k--)
            {
                V z = V.Broadcast(x);
                if (Unsafe.SizeOf<TFirst>() > 1)
                {
                    s1.Add(in b0, i, z, default, loopConstant);
                    s2.Add(in b1, i, z, default, loopConstant);
                    s3.Add(in b2, i, z, default, loopConstant);
                }
                else
                {
                    s0.Add(in b0, i, z, default, loopConstant);
                    if (Unsafe.SizeOf<TSecondPanels>() > 1)
                    {
                        s1.Add(in b1, i, z, default, loopConstant);
                    }

                    if (Unsafe.SizeOf<TSecondPanels>() > 2)
                    {
                        s2.Add(in b2, i, z, default, loopConstant);
                    }

                    if (Unsafe.SizeOf<TSecondPanels>() > 3)
                    {
                        s3.Add(in b3, i, z, default, loopConstant);
                    }
                }

                x = ref Unsafe.Add(ref x, 1);
                i += Row;
            }

            s0.Store(ref Y, 0);
            if (Unsafe.SizeOf<TFirst>() + Unsafe.SizeOf<TPanels>() > 2)
            {
                s1.Store(ref Y, 2);
            }

            if (Unsafe.SizeOf<TFirst>() + Unsafe.SizeOf<TPanels>() > 3)
            {
                s2.Store(ref Y, 4);
            }

            if (Unsafe.SizeOf<TFirst>() + Unsafe.SizeOf<TPanels>() > 4)
            {
                s3.Store(ref Y, 6);
            }
        }
    }

    /// <summary>Two registers of sums of a panel.</summary>
    private struct Two<V>
        where V : struct, ISimd<V, float>
    {
        private V _0;
        private V _1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(ref readonly float y)
        {
            _0 = TWeights.LoadAccumulators<V>(in y, 0);
            _1 = TWeights.LoadAccumulators<V>(in y, (nuint)V.Count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(ref readonly float from, int register)
        {
            _0 = V.Load(in from, (nuint)(register * V.Count));
            _1 = V.Load(in from, (nuint)((register + 1) * V.Count));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ref readonly float panel, nuint index, V factor, V factorAbs, V loopConstant)
        {
            TWeights.AccumulateLow(ref _0, in panel, index, factor, factorAbs, loopConstant);
            TWeights.AccumulateHigh(ref _1, in panel, index, factor, factorAbs, loopConstant);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(ref float to, int register)
        {
            V.Store(_0, ref to, (nuint)(register * V.Count));
            V.Store(_1, ref to, (nuint)((register + 1) * V.Count));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(ref float y, ref readonly float scales, int register, V scale)
        {
            V.Store(TWeights.Dequantize(_0, in y, 0, in scales, (nuint)(register * V.Count), scale), ref y, 0);
            V.Store(
                TWeights.Dequantize(_1, in y, (nuint)V.Count, in scales, (nuint)((register + 1) * V.Count), scale), ref y, (nuint)V.Count);
        }
    }
}
