using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>sum ← Σ (x / unit)². With the largest magnitude as the unit no square overflows, and what underflows does not count.</summary>
internal readonly ref struct SumOfSquaresKernel<T>(ReadOnlySpan<T> x, T unit, ref double sum) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // So many registers are summed in T before the sum goes on in double: rounding does not grow with the length.
    private const int Block = 256;

    private readonly ReadOnlySpan<T> _x = x;
    private readonly T _unit = unit;
    private readonly ref double _sum = ref sum;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        ref T x = ref MemoryMarshal.GetReference(_x);
        V unit = V.Broadcast(_unit);
        int i = 0;
        double total = 0;
        while (i <= _x.Length - V.Count)
        {
            V sum = V.Broadcast(T.Zero);
            for (int k = 0; k < Block && i <= _x.Length - V.Count; k++, i += V.Count)
            {
                V ratio = V.Load(in x, (nuint)i) / unit;
                sum = V.MultiplyAdd(ratio, ratio, sum);
            }

            total += double.CreateTruncating(V.Sum(sum));
        }

        for (; i < _x.Length; i++)
        {
            double ratio = double.CreateTruncating(Unsafe.Add(ref x, i) / _unit);
            total += ratio * ratio;
        }

        _sum = total;
    }
}
