using System.Runtime.InteropServices;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>
/// int8 weights against whole numbers rounded and summed one by one. Sums are exact, and sums, factors and results have the same bits at
/// every width, whichever instruction multiplies bytes.
/// </summary>
[Trait("Category", "Simd")]
public class Int8WeightsTests
{
    /// <summary>The runtime's switch for VNNI's 256-bit form.</summary>
    private const string VnniVariable = "DOTNET_EnableAVXVNNI";

    private readonly Random _random = new(1);

    // Weights, then numbers of the vector. One number of either is 127, so that each is its own whole number.
    private (string Name, Func<int, int> Weight, Func<int, int> Number)[] Operands =>
    [
        ("random", _ => _random.Next(-127, 128), _ => _random.Next(-127, 128)),
        ("largest", _ => 127, _ => 127),
        ("least weights", _ => -127, _ => 127),
        ("least numbers", _ => 127, _ => -127),
        ("least of both", _ => -127, _ => -127),
        ("alternating", k => k % 2 == 0 ? 127 : -127, _ => -127),
        ("alternating pairs", k => k / 2 % 2 == 0 ? 127 : -127, k => k / 2 % 2 == 0 ? -127 : 127),
        ("small", k => (k % 3) - 1, k => 1 - (k % 2)),
        ("no weights", _ => 0, _ => _random.Next(-127, 128)),
        ("silence", _ => _random.Next(-127, 128), _ => 0),
    ];

    [Fact]
    public void Sums_are_exact_at_every_width()
    {
        foreach ((string name, Func<int, int> weight, Func<int, int> number) in Operands)
        {
            for (int length = 0; length <= 70; length++)
            {
                Exact(name, length, 2 * Simd512<float>.Count, weight, number);
            }

            Exact(name, 1027, 5, weight, number);
        }
    }

    // Sums with a bias are twice as large and overflow on the way.
    [Theory]
    [InlineData(66_300)]
    [InlineData(66_309)]
    [InlineData(Int8Weights.LongestVector - 1)]
    [InlineData(Int8Weights.LongestVector)]
    public void So_are_the_longest(int length)
    {
        foreach ((string name, Func<int, int> weight, Func<int, int> number) in Operands[..6])
        {
            Exact(name, length, 2, weight, number);
        }
    }

    [Fact]
    public void A_longer_vector_is_refused()
    {
        const int Length = Int8Weights.LongestVector + 1;
        int[] rows = new int[2 * Int8Weights.Lanes];
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => new WeightPanels<Int8Weights>(Length, 2, rows)).Message;
        Assert.Equal(
            "'columns' is 133145 = columns of int8 weights, expected at most 133144. (Parameter 'columns')", message);
    }

    /// <summary>The comparison sees a bias that is not subtracted; without VNNI there is no bias.</summary>
    [Fact]
    public void A_bias_that_stays_is_found_out()
    {
        foreach (int bits in Widths.All)
        {
            var panel = new Panel(new float[] { 1, 127, 0, 5, -127, 6 }, 2, 3, new float[] { 3, -127, 2 });
            Widths.Run<float, PanelKernel>(bits, new PanelKernel(panel));
            Assert.Equal(-127 * 127 + 3, panel.Sums[0]);
            Assert.Equal(128 * (5 - 127 + 6) * (panel.Bias == 0 ? 0 : 1), panel.Raw[1] - panel.Sums[1]);
            if (Environment.GetEnvironmentVariable(VnniVariable) == "0")
            {
                Assert.Equal(0, panel.Bias);
            }
        }
    }

    [Fact]
    public void Vectors_are_rounded_alike_at_every_width()
    {
        const float Small = 9e-31f;
        float[][] vectors =
        [
            [],
            [0],
            [Small, -Small, float.Epsilon],
            [127, 0.5f, 1.5f, -0.5f, -1.5f, 126.5f, -126.5f, 63.499996f, -63.500004f, -127, Small],
            [float.MaxValue, float.MinValue, 1, -0f],
            [float.NaN, 1, 2],
            [1, float.PositiveInfinity],
            [1, float.NegativeInfinity],
            .. Enumerable.Range(1, 70).Select(length => Draw(length, _ => (_random.NextSingle() * 4) - 2)),
        ];
        foreach (float[] vector in vectors)
        {
            // Repeated, so that every lane of the widest register sees every number; whole, and with numbers left over.
            foreach (float[] x in (float[][])[vector, [.. Enumerable.Repeat(vector, 17).SelectMany(numbers => numbers)]])
            {
                (sbyte[] expected, float scale) = Rounded(x);
                foreach (int bits in Widths.All)
                {
                    var factors = Guarded<float>.Output(new float[(x.Length + 3) / 4], 1);
                    float[] result = new float[2];
                    Widths.Run<float, PrepareKernel>(bits, new PrepareKernel(Guarded<float>.Input(x, 1).Span, factors.Span, result));
                    factors.AssertIntact();
                    Assert.Equal(scale, result[0]);
                    Assert.Equal(expected, MemoryMarshal.Cast<float, sbyte>(factors.Span).ToArray().Select(
                        factor => (sbyte)(factor - (int)result[1])));
                }
            }
        }
    }

    [Fact]
    public void Results_have_the_same_bits_at_every_width()
    {
        foreach (int length in (int[])[1, 2, 3, 4, 5, 8, 31, 33, 130, 515])
        {
            const int Rows = 7;
            float[] weights = Draw(Rows * length, k => ((_random.NextSingle() * 2) - 1) * MathF.Pow(10, (k / length) - 3));
            float[] x = Draw(length, _ => (_random.NextSingle() * 6) - 3);
            weights[^1] = float.NaN;
            float[] expected = Result(weights, Rows, x, 0.25f);
            foreach (int bits in Widths.All)
            {
                var panel = new Panel(weights, Rows, length, x);
                Widths.Run<float, PanelKernel>(bits, new PanelKernel(panel));
                Assert.Equal(expected[..panel.Y.Length], panel.Y);
            }
        }
    }

    /// <summary>Groups of every number of registers, whole and last ones, side by side and apart, in both directions.</summary>
    [Fact]
    public void Panels_have_the_bits_of_plain_sums()
    {
        foreach (int registers in (int[])[2, 4, 6, 8])
        {
            for (int all = 2; all <= registers + 8; all += 2)
            {
                foreach (int columns in (int[])[0, 1, 2, 3, 4, 5, 17, 64])
                {
                    Panels(registers, all, columns, 2, 3);
                    Panels(registers, all, columns, 6, 1);
                }
            }
        }
    }

    private void Panels(int registers, int all, int columns, int pair, int batch)
    {
        int lanes = Int8Weights.Lanes;
        int[] rows = [.. Enumerable.Range(0, all * lanes).Select(lane => lane % 5 == 3 ? -1 : lane)];
        float[] weights = Draw(rows.Length * columns, _ => _random.NextSingle() - 0.25f);
        float[] x = Draw(batch * columns, _ => _random.NextSingle() - 0.75f);
        var panels = new WeightPanels<Int8Weights>(columns, registers, rows, pair);

        int words = (int)panels.Length;
        var memory = PackedMemory<float>.Allocate(words + 1);
        memory.Span[words] = 1234.5f;
        panels.Pack(new MatrixView<float>(weights, rows.Length, columns), memory.Slice(0, words));
        Assert.Equal(1234.5f, memory.Span[words]);

        // A group is as wide as its last panel's last sum.
        int stride = registers / 2 * pair * lanes;
        int width = panels.Groups * stride;
        float[] expected = [.. Enumerable.Repeat(0.25f, batch * width)];
        for (int b = 0; b < batch; b++)
        {
            float[] sums = Result(weights, rows.Length, x.AsSpan(b * columns, columns), 0.25f);
            for (int lane = 0; lane < rows.Length; lane++)
            {
                (int register, int inside) = Math.DivRem(lane, lanes);
                (int group, register) = Math.DivRem(register, registers);
                int place = (group * stride) + (((register / 2 * pair) + (register % 2)) * lanes) + inside;
                expected[(b * width) + place] = rows[lane] < 0 ? 0.25f : sums[lane];
            }
        }

        foreach (bool backwards in (bool[])[false, true])
        {
            var y = Guarded<float>.Output([.. Enumerable.Repeat(0.25f, batch * width)], 1);
            MatrixView<float> sums = new(y.Span, batch, width);
            panels.AddRows(
                new MatrixView<float>(x, batch, columns),
                sums,
                sums,
                stride,
                new float[panels.WorkspaceLength(batch)],
                backwards);
            y.AssertIntact();
            Near.Same<float>($"y of {all} registers in groups of {registers}, {columns} columns", expected, y.Span);
        }
    }

    private static void Exact(string name, int length, int rows, Func<int, int> weight, Func<int, int> number)
    {
        float[] weights = Draw(rows * length, k => weight(k % length));
        float[] x = Draw(length, k => number(k));
        for (int row = 0; row < rows && length > 0 && name != "no weights"; row++)
        {
            weights[(row * length) + (length / 2)] = 127;
        }

        if (length > 0 && name != "silence")
        {
            x[length / 2] = 127;
        }

        long[] expected = new long[rows];
        for (int i = 0; i < weights.Length; i++)
        {
            expected[i / length] += (long)weights[i] * (long)x[i % length];
        }

        foreach (int bits in Widths.All)
        {
            var panel = new Panel(weights, rows, length, x);
            Widths.Run<float, PanelKernel>(bits, new PanelKernel(panel));
            for (int row = 0; row < panel.Sums.Length; row++)
            {
                Assert.True(
                    expected[row] == panel.Sums[row],
                    $"The sum of row {row} of {length} numbers ({name}) at {bits} bits is {panel.Sums[row]}, expected {expected[row]}.");
            }
        }
    }

    private static float[] Draw(int count, Func<int, float> number) => [.. Enumerable.Range(0, count).Select(number)];

    /// <summary>y + scale of the row · scale of the vector · Σ q·p, the sums in long integers.</summary>
    private static float[] Result(ReadOnlySpan<float> weights, int rows, ReadOnlySpan<float> x, float y)
    {
        (sbyte[] numbers, float scale) = Rounded(x);
        float[] result = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            double largest = 0;
            foreach (float weight in weights.Slice(row * x.Length, x.Length))
            {
                largest = Math.Max(largest, Math.Abs(weight));
            }

            long sum = 0;
            for (int k = 0; k < x.Length && largest > 0; k++)
            {
                sum += (long)Math.Round(weights[(row * x.Length) + k] * (127 / largest)) * numbers[k];
            }

            float rowScale = double.IsFinite(largest) ? (float)(largest / 127) : float.NaN;
            result[row] = float.MultiplyAddEstimate(sum * rowScale, scale, y);
        }

        return result;
    }

    /// <summary>A vector in whole numbers of its largest magnitude / 127, padded to whole words; zeros if it has no scale.</summary>
    private static (sbyte[] Numbers, float Scale) Rounded(ReadOnlySpan<float> x)
    {
        sbyte[] numbers = new sbyte[(x.Length + 3) / 4 * 4];
        float largest = 0;
        foreach (float number in x)
        {
            largest = Math.Max(largest, Math.Abs(number));
        }

        if (!float.IsFinite(largest))
        {
            return (numbers, float.NaN);
        }

        for (int k = 0; k < x.Length && largest >= 1e-30f; k++)
        {
            float number = Math.Abs(x[k]) < 1e-30f ? 0 : x[k];
            numbers[k] = (sbyte)MathF.Round(number * (127 / largest), MidpointRounding.ToEven);
        }

        return (numbers, largest >= 1e-30f ? largest / 127 : 0);
    }

    /// <summary>Rows of weights and a vector, with the results of a register type for as many rows as fit into its panel.</summary>
    private sealed class Panel(float[] weights, int rows, int columns, float[] x)
    {
        public float[] Weights => weights;

        public int Rows => rows;

        public int Columns => columns;

        public float[] X => x;

        public int Bias { get; set; }

        /// <summary>Sums before the bias is subtracted.</summary>
        public int[] Raw { get; set; } = [];

        public int[] Sums { get; set; } = [];

        /// <summary>Starting values of 0.25 with the scaled sums added.</summary>
        public float[] Y { get; set; } = [];
    }

    private readonly struct PanelKernel(Panel panel) : IKernel<float>
    {
        public void Run<V>()
            where V : struct, ISimd<V, float>
        {
            int width = 2 * V.Count, words = (panel.Columns + 3) / 4, count = Math.Min(width, panel.Rows);
            int[] rows = new int[width];
            for (int lane = 0; lane < width; lane++)
            {
                rows[lane] = lane < count ? lane : -1;
            }

            var packed = Guarded<float>.Output(new float[words * width], 1);
            var scales = Guarded<float>.Output(new float[Int8Weights.SumWords * width], 1);
            var factors = Guarded<float>.Output(new float[words], 1);
            Int8Weights.Pack(new MatrixView<float>(panel.Weights, panel.Rows, panel.Columns), rows, packed.Span, scales.Span);
            float scale = Int8Weights.PrepareInput<V>(
                in MemoryMarshal.GetReference(panel.X.AsSpan()), panel.Columns, ref MemoryMarshal.GetReference(factors.Span));
            packed.AssertIntact();
            scales.AssertIntact();
            factors.AssertIntact();

            float[] y = new float[width];
            y.AsSpan().Fill(0.25f);
            V first = Int8Weights.LoadAccumulators<V>(in y[0], 0), second = Int8Weights.LoadAccumulators<V>(in y[0], (nuint)V.Count);
            V loopConstant = Int8Weights.LoopConstant<V>();
            for (int word = 0; word < words; word++)
            {
                V factor = V.Broadcast(factors.Span[word]);
                V factorAbs = Int8Weights.FactorAbs(factor);
                nuint index = (nuint)(word * width);
                Int8Weights.AccumulateLow(ref first, in packed.Span[0], index, factor, factorAbs, loopConstant);
                Int8Weights.AccumulateHigh(ref second, in packed.Span[0], index, factor, factorAbs, loopConstant);
            }

            nuint next = (nuint)V.Count;
            float[] raw = new float[width], sums = new float[width];
            V.Store(first, ref raw[0], 0);
            V.Store(second, ref raw[0], next);
            V.Store(V.SubtractBias(first, in scales.Span[0], next), ref sums[0], 0);
            V.Store(V.SubtractBias(second, in scales.Span[0], 3 * next), ref sums[0], next);
            V.Store(Int8Weights.Dequantize(first, in y[0], 0, in scales.Span[0], 0, V.Broadcast(scale)), ref y[0], 0);
            V.Store(Int8Weights.Dequantize(second, in y[0], next, in scales.Span[0], next, V.Broadcast(scale)), ref y[0], next);
            panel.Bias = V.ByteBias;
            panel.Raw = MemoryMarshal.Cast<float, int>(raw)[..count].ToArray();
            panel.Sums = MemoryMarshal.Cast<float, int>(sums)[..count].ToArray();
            panel.Y = y[..count];
        }
    }

    private readonly ref struct PrepareKernel(ReadOnlySpan<float> x, Span<float> factors, Span<float> result) : IKernel<float>
    {
        private readonly ReadOnlySpan<float> _x = x;
        private readonly Span<float> _factors = factors;
        private readonly Span<float> _result = result;

        public void Run<V>()
            where V : struct, ISimd<V, float>
        {
            _result[0] = Int8Weights.PrepareInput<V>(
                in MemoryMarshal.GetReference(_x), _x.Length, ref MemoryMarshal.GetReference(_factors));
            _result[1] = V.ByteBias;
        }
    }
}
