using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>y ← x / n for a number n; y may be x.</summary>
internal readonly ref struct QuotientKernel<T>(ReadOnlySpan<T> x, T divisor, Span<T> y) : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _x = x;
    private readonly T _divisor = divisor;
    private readonly Span<T> _y = y;

    /// <summary>Computes y with the widest registers.</summary>
    public static void Compute(ReadOnlySpan<T> x, T divisor, Span<T> y) =>
        Dispatch.Run<T, QuotientKernel<T>>(new QuotientKernel<T>(x, divisor, y));

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, QuotientKernel<T>>(this, _y.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V value = V.Load(in MemoryMarshal.GetReference(_x), i) / V.Broadcast(_divisor);
        V.Store(value, ref MemoryMarshal.GetReference(_y), i);
        return value;
    }
}
