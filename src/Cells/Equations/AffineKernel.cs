using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>y ← s ⊙ x + t, where s or t may be empty; y may be x or t. The product and the sum are rounded one after the other.</summary>
internal readonly ref struct AffineKernel<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
    : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _x = x;
    private readonly ReadOnlySpan<T> _scale = scale;
    private readonly ReadOnlySpan<T> _shift = shift;
    private readonly Span<T> _y = y;

    /// <summary>Computes y with the widest registers.</summary>
    public static void Compute(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y) =>
        Dispatch.Run<T, AffineKernel<T>>(new AffineKernel<T>(x, scale, shift, y));

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, AffineKernel<T>>(this, _y.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V value = V.Load(in MemoryMarshal.GetReference(_x), i);
        value = _scale.IsEmpty ? value : value * V.Load(in MemoryMarshal.GetReference(_scale), i);
        value = _shift.IsEmpty ? value : value + V.Load(in MemoryMarshal.GetReference(_shift), i);
        V.Store(value, ref MemoryMarshal.GetReference(_y), i);
        return value;
    }
}
