using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>Promises of the register types beside arithmetic.</summary>
[Trait("Category", "Simd")]
public class SimdTests
{
    [Fact]
    public void Parts_of_registers_read_and_write_no_more_than_they_hold()
    {
        foreach (int bits in Widths.All)
        {
            Widths.Run<float, Parts<float>>(bits, default);
            Widths.Run<double, Parts<double>>(bits, default);
        }
    }

    [Fact]
    public void Tiny_numbers_become_zero_and_NaN_stays()
    {
        const float Limit = 1e-30f;
        foreach (int bits in Widths.All)
        {
            Check([0, -0f, 1e-31f, -1e-31f, float.Epsilon, -1e-40f, MathF.BitDecrement(Limit)], value => 0);
            Check([Limit, -Limit, 1, -1, 1e30f, float.PositiveInfinity, float.NegativeInfinity, float.NaN], value => value);

            void Check(float[] x, Func<float, float> expected)
            {
                // Repeated, so that every lane of the widest register sees every number.
                float[] input = [.. Enumerable.Repeat(x, 32).SelectMany(row => row)];
                float[] y = new float[input.Length];
                Widths.Run<float, Flush<float>>(bits, new(input, y));
                Assert.Equal(input.Select(expected), y);

                // 1e-290 / 1e-30 times as large a float is as far from the limit in double.
                double[] wide = [.. input.Select(value => value * 1e-260)];
                double[] wideY = new double[wide.Length];
                Widths.Run<double, Flush<double>>(bits, new(wide, wideY));
                Assert.Equal(wide.Select(value => Math.Abs(value) < 1e-290 ? 0 : value), wideY);
            }
        }
    }

    private readonly struct Parts<T> : IKernel<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run<V>()
            where V : struct, ISimd<V, T>
        {
            for (int count = 1; count <= V.Count; count++)
            {
                T[] numbers = [.. Enumerable.Range(1, count).Select(T.CreateTruncating)];
                var source = Guarded<T>.Input(numbers, 1);
                V register = V.LoadMasked(in source.Span[0], 0, count);
                for (int lane = 0; lane < V.Count; lane++)
                {
                    T expected = lane < count ? numbers[lane] : T.Zero;
                    Assert.Equal(expected, Unsafe.Add(ref Unsafe.As<V, T>(ref register), lane));
                }

                var destination = Guarded<T>.Output(new T[count], 1);
                V.StoreMasked(register, ref destination.Span[0], 0, count);
                destination.AssertIntact();
                Assert.Equal(numbers, destination.Span.ToArray());
            }
        }
    }

    private readonly ref struct Flush<T>(ReadOnlySpan<T> x, Span<T> y) : IKernel<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly ReadOnlySpan<T> _x = x;
        private readonly Span<T> _y = y;

        public void Run<V>()
            where V : struct, ISimd<V, T>
        {
            for (int i = 0; i < _x.Length; i += V.Count)
            {
                V.Store(Denormals.Flush<V, T>(V.Load(in _x[i], 0)), ref _y[i], 0);
            }
        }
    }
}
