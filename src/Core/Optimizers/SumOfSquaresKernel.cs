using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Optimizers;

/// <summary>sum ← Σ x²; infinite where a square overflows <typeparamref name="T"/>.</summary>
internal readonly ref struct SumOfSquaresKernel<T>(ReadOnlySpan<T> x, ref double sum) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Number of registers that are summed in T before the sum goes on in double, so that rounding does not grow with the length.
    private const int Block = 256;

    private readonly ReadOnlySpan<T> _x = x;
    private readonly ref double _sum = ref sum;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        ref T x = ref MemoryMarshal.GetReference(_x);
        int i = 0;
        double total = 0;
        while (i <= _x.Length - V.Count)
        {
            V sum = V.Broadcast(T.Zero);
            for (int k = 0; k < Block && i <= _x.Length - V.Count; k++, i += V.Count)
            {
                V value = V.Load(in x, (nuint)i);
                V.Accumulate(ref sum, value, value);
            }

            total += double.CreateTruncating(V.Sum(sum));
        }

        for (; i < _x.Length; i++)
        {
            T value = Unsafe.Add(ref x, i);
            total += double.CreateTruncating(value * value);
        }

        _sum = total;
    }
}
