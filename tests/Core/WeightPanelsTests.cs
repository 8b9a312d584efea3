using System.Runtime.InteropServices;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>Weights that are summed as numbers, against sums term by term: the same bits, for one row alone and in a batch.</summary>
[Trait("Category", "Simd")]
public class WeightPanelsTests
{
    private readonly Random _random = new(2);

    [Fact]
    public void Rows_of_fp32_have_the_bits_of_plain_sums() => EveryGroup<Fp32Weights>();

    [Fact]
    public void Rows_of_bf16_have_the_bits_of_plain_sums() => EveryGroup<Bf16Weights>();

    [Fact]
    public void Both_products_of_fp32_at_once_have_the_bits_of_one_after_the_other() => EveryPair<Fp32Weights>();

    [Fact]
    public void Both_products_of_bf16_at_once_have_the_bits_of_one_after_the_other() => EveryPair<Bf16Weights>();

    [Fact]
    public void A_wrong_weight_is_found() => Assert.ThrowsAny<Exception>(() => Rows<Fp32Weights>(4, 6, 5, 2, 3, fault: 1));

    [Fact]
    public void A_wrong_bias_is_found() => Assert.ThrowsAny<Exception>(() => Both<Fp32Weights>(8, 8, 0, 8, 8, 3, 5, fault: 1));

    // Groups of every number of registers, whole and last ones, side by side and apart.
    private void EveryGroup<TWeights>()
        where TWeights : struct, IWeights
    {
        foreach (int registers in (int[])[2, 4, 6, 8])
        {
            for (int all = 2; all <= registers + 8; all += 2)
            {
                foreach (int columns in (int[])[0, 1, 2, 3, 5, 17, 64])
                {
                    foreach (int batch in (int[])[1, 2, 7])
                    {
                        Rows<TWeights>(registers, all, columns, 2, batch);
                        Rows<TWeights>(registers, all, columns, 6, batch);
                    }
                }
            }
        }
    }

    private void Rows<TWeights>(int registers, int all, int columns, int pair, int batch, float fault = 0)
        where TWeights : struct, IWeights
    {
        int lanes = TWeights.Lanes;
        WeightPanels<TWeights> panels = Pack<TWeights>(columns, registers, all, pair, out float[] weights, out PackedMemory<float> memory);
        float[] x = Draw(batch * columns);
        int stride = registers / 2 * pair * lanes, width = panels.Groups * stride;
        float[] start = Draw(batch * width);
        foreach (bool oneForAll in (bool[])[true, false])
        {
            float[] expected = [.. Enumerable.Range(0, start.Length).Select(i => start[oneForAll ? i % width : i])];
            for (int b = 0; b < batch; b++)
            {
                for (int lane = 0; lane < all * lanes; lane++)
                {
                    (int register, int inside) = Math.DivRem(lane, lanes);
                    (int group, register) = Math.DivRem(register, registers);
                    int place = (group * stride) + (((register / 2 * pair) + (register % 2)) * lanes) + inside;
                    Sum(weights.AsSpan(lane * columns, columns), x.AsSpan(b * columns, columns), ref expected[(b * width) + place]);
                }
            }

            expected[0] += fault;
            foreach (bool backwards in (bool[])[false, true])
            {
                var y = Guarded<float>.Output(oneForAll ? expected : start, 1);
                for (int place = 0; oneForAll && place < y.Length; place++)
                {
                    // Between the sums nothing has to be written.
                    y.Span[place] = IsSum(place % width) ? float.NaN : y.Span[place];
                }

                MatrixView<float> sums = new(y.Span, batch, width);
                panels.AddRows(
                    new MatrixView<float>(Guarded<float>.Input(x, 1).Span, batch, columns),
                    oneForAll ? new MatrixView<float>(start, batch, width, stride: 0) : sums,
                    sums,
                    stride,
                    new float[panels.WorkspaceLength(batch)],
                    backwards);
                y.AssertIntact();
                Near.Bits<float>($"{batch} rows of {all} registers in groups of {registers}, {columns} columns", expected, y.Span);
            }
        }

        GC.KeepAlive(memory);

        bool IsSum(int place)
        {
            (int group, int inside) = Math.DivRem(place, stride);
            int register = (inside / (pair * lanes) * 2) + (inside % (pair * lanes) / lanes);
            return inside % (pair * lanes) < 2 * lanes && (group * registers) + register < all;
        }
    }

    // Both products add to all sums; to the first six and the last six of eight; to six and the first four.
    private void EveryPair<TWeights>()
        where TWeights : struct, IWeights
    {
        foreach ((int columns, int states) in ((int, int)[])[(0, 0), (1, 0), (0, 1), (1, 5), (4, 17), (17, 3)])
        {
            foreach (int registers in (int[])[2, 4, 6, 8])
            {
                for (int all = 2; all <= registers + 8; all += 2)
                {
                    Both<TWeights>(registers, all, 0, registers, all, columns, states);
                }
            }

            foreach (int groups in (int[])[1, 2, 3])
            {
                Both<TWeights>(6, 6 * groups, 1, 6, 6 * groups, columns, states);
                Both<TWeights>(6, 6 * groups, 0, 4, 4 * groups, columns, states);
            }
        }
    }

    private void Both<TWeights>(
        int registers, int all, int first, int secondRegisters, int secondAll, int columns, int states, float fault = 0)
        where TWeights : struct, IWeights
    {
        const int Batch = 3;
        int lanes = TWeights.Lanes, groupRegisters = Math.Max(registers, (2 * first) + secondRegisters);
        WeightPanels<TWeights> input = Pack<TWeights>(columns, registers, all, 2, out _, out PackedMemory<float> inputMemory);
        WeightPanels<TWeights> recurrent = Pack<TWeights>(
            states, secondRegisters, secondAll, 2, out _, out PackedMemory<float> recurrentMemory);
        int stride = groupRegisters * lanes, width = input.Groups * stride, skipped = 2 * first * lanes;
        float[] x = Draw(Batch * columns), h = Draw(Batch * states), bias = Draw(width);
        for (int k = 0; k < x.Length; k += 4)
        {
            x[k] = 0;
        }

        // The batch: one product after the other.
        float[] expected = new float[Batch * width];
        MatrixView<float> sums = new(expected, Batch, width), later = sums.ColumnRange(skipped, width - skipped);
        MatrixProduct.Copy(new MatrixView<float>(bias, Batch, width, stride: 0), sums);
        input.AddRows(new(x, Batch, columns), sums, sums, stride, new float[input.WorkspaceLength(Batch)], false);
        recurrent.AddRows(new(h, Batch, states), later, later, stride, new float[recurrent.WorkspaceLength(Batch)], false);

        bias[0] += fault;
        for (int row = 0; row < Batch; row++)
        {
            foreach (bool flushed in (bool[])[false, true])
            {
                // A number that the step flushes itself, if asked to, is a zero of the batch.
                float[] alone = x[(row * columns)..((row + 1) * columns)];
                for (int k = 0; flushed && k < columns; k++)
                {
                    alone[k] = alone[k] == 0 ? 1e-38f : alone[k];
                }

                var y = Guarded<float>.Output([.. bias], 1);
                TWeights.Run(new BothKernel<TWeights>(
                    input, recurrent, first, flushed, bias, alone, h.AsSpan(row * states, states), stride, y.Span));
                y.AssertIntact();
                Near.Bits<float>(
                    $"row {row} of {all} registers in groups of {registers} and {secondRegisters}, {columns} inputs, {states} states",
                    expected.AsSpan(row * width, width),
                    y.Span);
            }
        }

        GC.KeepAlive(inputMemory);
        GC.KeepAlive(recurrentMemory);
    }

    // Every fifth sum has no row, which is a row of zeros.
    private WeightPanels<TWeights> Pack<TWeights>(
        int columns, int registers, int all, int pair, out float[] weights, out PackedMemory<float> memory)
        where TWeights : struct, IWeights
    {
        int[] rows = [.. Enumerable.Range(0, all * TWeights.Lanes).Select(lane => lane % 5 == 3 ? -1 : lane)];

        // Multiples of 1/128, which both kinds of weights hold as they are.
        weights = [.. Enumerable.Range(0, rows.Length * columns).Select(_ => _random.Next(-128, 129) / 128f)];
        for (int lane = 0; lane < rows.Length; lane++)
        {
            if (rows[lane] < 0)
            {
                weights.AsSpan(lane * columns, columns).Clear();
            }
        }

        var panels = new WeightPanels<TWeights>(columns, registers, rows, pair);
        int words = (int)panels.Length;
        memory = PackedMemory<float>.Allocate(words + 1);
        memory.Span[words] = 1234.5f;
        panels.Pack(new MatrixView<float>(weights, rows.Length, columns), memory.Slice(0, words));
        Assert.Equal(1234.5f, memory.Span[words]);
        return panels;
    }

    // Thousandths, so that every sum is rounded.
    private float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(-1000, 1001) / 1000f)];

    private static void Sum(ReadOnlySpan<float> weights, ReadOnlySpan<float> x, ref float sum)
    {
        for (int k = 0; k < x.Length; k++)
        {
            sum = float.MultiplyAddEstimate(weights[k], x[k], sum);
        }
    }

    private readonly ref struct BothKernel<TWeights>(
        WeightPanels<TWeights> input,
        WeightPanels<TWeights> recurrent,
        int first,
        bool flushed,
        ReadOnlySpan<float> bias,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> h,
        int stride,
        Span<float> y) : IKernel<float>
        where TWeights : struct, IWeights
    {
        private readonly ReadOnlySpan<float> _bias = bias;
        private readonly ReadOnlySpan<float> _x = x;
        private readonly ReadOnlySpan<float> _h = h;
        private readonly Span<float> _y = y;

        public void Run<V>()
            where V : struct, ISimd<V, float>
        {
            ref readonly float x = ref MemoryMarshal.GetReference(_x), h = ref MemoryMarshal.GetReference(_h);
            for (int group = 0; group < input.Groups; group++)
            {
                ref readonly float bias = ref _bias[group * stride];
                ref float y = ref _y[group * stride];
                if (flushed)
                {
                    input.Add<V, FlushToZero>(
                        recurrent, first, ref input.Origin, ref recurrent.Origin, group, in bias, in x, in h, ref y);
                }
                else
                {
                    input.Add<V, NoFlush>(recurrent, first, ref input.Origin, ref recurrent.Origin, group, in bias, in x, in h, ref y);
                }
            }
        }
    }
}
