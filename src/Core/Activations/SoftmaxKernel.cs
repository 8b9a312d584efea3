using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>
/// y ← scale·e^(a − m) / sum with m = max a and sum = Σ e^(a − m), which are outputs as well. No term exceeds 1 and the largest is 1, so
/// nothing overflows and the sum is at least 1. If y is empty, only m and the sum are computed.
/// </summary>
internal readonly ref struct SoftmaxKernel<T>(ReadOnlySpan<T> a, T scale, Span<T> y, ref T maximum, ref T sum)
    : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _a = a;
    private readonly T _scale = scale;
    private readonly Span<T> _y = y;
    private readonly ref T _maximum = ref maximum;
    private readonly ref T _sum = ref sum;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        _maximum = ElementLoop.Maximum<V, T>(_a);
        _sum = ElementLoop.Sum<V, T, SoftmaxKernel<T>>(this, _a.Length);
        ref T y = ref MemoryMarshal.GetReference(_y);
        nuint length = (nuint)_y.Length;
        T factor = _scale / _sum;
        nuint i = 0;
        for (; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            V.Store(V.Load(in y, i) * V.Broadcast(factor), ref y, i);
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref y, i) *= factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V power = Elementary.ExpOfNegative<V, T>(V.Load(in MemoryMarshal.GetReference(_a), i) - V.Broadcast(_maximum));
        if (!_y.IsEmpty)
        {
            V.Store(power, ref MemoryMarshal.GetReference(_y), i);
        }

        return power;
    }
}
