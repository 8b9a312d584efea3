using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>result ← f(a), or dy·f′(a) if dy is not empty.</summary>
internal readonly ref struct ChosenKernel<T>(ActivationSpec f, ReadOnlySpan<T> a, ReadOnlySpan<T> dy, Span<T> result)
    : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Chosen _f = new(f);
    private readonly ReadOnlySpan<T> _a = a;
    private readonly ReadOnlySpan<T> _dy = dy;
    private readonly Span<T> _result = result;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, ChosenKernel<T>>(this, _a.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V a = V.Load(in MemoryMarshal.GetReference(_a), i);
        V result = _dy.IsEmpty
            ? _f.Apply<V, T>(a)
            : _f.Gradient<V, T>(a, a, V.Load(in MemoryMarshal.GetReference(_dy), i));
        V.Store(result, ref MemoryMarshal.GetReference(_result), i);
        return result;
    }
}
