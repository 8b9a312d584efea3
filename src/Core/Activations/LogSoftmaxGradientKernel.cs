using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>da ← dy − e^y·Σ dy; the sum is an argument.</summary>
internal readonly ref struct LogSoftmaxGradientKernel<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, T sum, Span<T> da)
    : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _y = y;
    private readonly ReadOnlySpan<T> _dy = dy;
    private readonly T _sum = sum;
    private readonly Span<T> _da = da;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, LogSoftmaxGradientKernel<T>>(this, _y.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V power = Elementary.ExpOfNegative<V, T>(V.Load(in MemoryMarshal.GetReference(_y), i));
        V da = V.MultiplyAdd(-power, V.Broadcast(_sum), V.Load(in MemoryMarshal.GetReference(_dy), i));
        V.Store(da, ref MemoryMarshal.GetReference(_da), i);
        return da;
    }
}
