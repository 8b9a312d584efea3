using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>da ← dy·f′(a), element by element, f′ taken from y.</summary>
internal readonly ref struct ElementwiseGradientKernel<T, TActivation>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da)
    : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IActivation
{
    private readonly ReadOnlySpan<T> _y = y;
    private readonly ReadOnlySpan<T> _dy = dy;
    private readonly Span<T> _da = da;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, ElementwiseGradientKernel<T, TActivation>>(this, _y.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V y = V.Load(in MemoryMarshal.GetReference(_y), i);
        V da = default(TActivation).Gradient<V, T>(y, y, V.Load(in MemoryMarshal.GetReference(_dy), i));
        V.Store(da, ref MemoryMarshal.GetReference(_da), i);
        return da;
    }
}
