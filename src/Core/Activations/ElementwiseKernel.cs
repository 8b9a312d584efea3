using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>y ← f(a), element by element.</summary>
internal readonly ref struct ElementwiseKernel<T, TActivation>(ReadOnlySpan<T> a, Span<T> y) : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IActivation
{
    private readonly ReadOnlySpan<T> _a = a;
    private readonly Span<T> _y = y;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, ElementwiseKernel<T, TActivation>>(this, _a.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V y = default(TActivation).Apply<V, T>(V.Load(in MemoryMarshal.GetReference(_a), i));
        V.Store(y, ref MemoryMarshal.GetReference(_y), i);
        return y;
    }
}
