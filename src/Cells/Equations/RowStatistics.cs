using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>Mean μ and factor r = 1 / √(Σ (x − μ)² / n + ε) of a row x.</summary>
/// <param name="Mean">μ, or 0.</param>
/// <param name="Factor">r.</param>
internal readonly record struct RowStatistics<T>(T Mean, T Factor)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes the statistics in two passes; μ is 0 unless <paramref name="centers"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowStatistics<T> Of<V>(ReadOnlySpan<T> x, bool centers, T epsilon)
        where V : struct, ISimd<V, T>
    {
        // The reciprocal is ready before the sums are: the processor divides while it adds.
        T each = T.One / T.CreateTruncating(x.Length);
        T mean = centers ? Sum<V>(x) * each : T.Zero;
        return new RowStatistics<T>(mean, T.One / T.Sqrt((SumOfSquares<V>(x, mean) * each) + epsilon));
    }

    // Σ x, as two sums that do not wait for each other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sum<V>(ReadOnlySpan<T> row)
        where V : struct, ISimd<V, T>
    {
        ref T x = ref MemoryMarshal.GetReference(row);
        V even = V.Broadcast(T.Zero), odd = even;
        int i = 0;
        for (; i <= row.Length - (2 * V.Count); i += 2 * V.Count)
        {
            even += V.Load(in x, (nuint)i);
            odd += V.Load(in x, (nuint)(i + V.Count));
        }

        T sum = V.Sum(even + odd);
        for (; i < row.Length; i++)
        {
            sum += Unsafe.Add(ref x, i);
        }

        return sum;
    }

    // Σ (x − μ)², as two sums as well.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T SumOfSquares<V>(ReadOnlySpan<T> row, T mean)
        where V : struct, ISimd<V, T>
    {
        ref T x = ref MemoryMarshal.GetReference(row);
        V even = V.Broadcast(T.Zero), odd = even;
        V center = V.Broadcast(mean);
        int i = 0;
        for (; i <= row.Length - (2 * V.Count); i += 2 * V.Count)
        {
            V difference = V.Load(in x, (nuint)i) - center;
            V.Accumulate(ref even, difference, difference);
            difference = V.Load(in x, (nuint)(i + V.Count)) - center;
            V.Accumulate(ref odd, difference, difference);
        }

        T sum = V.Sum(even + odd);
        for (; i < row.Length; i++)
        {
            T difference = Unsafe.Add(ref x, i) - mean;
            sum += difference * difference;
        }

        return sum;
    }
}
