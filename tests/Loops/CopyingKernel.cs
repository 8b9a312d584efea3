using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>
/// A kernel with a fault: its sums are results of MultiplyAdd, so the compiler adds into a factor that is not used again and copies the
/// result back.
/// </summary>
internal readonly ref struct CopyingKernel<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> c) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _a = a;
    private readonly ReadOnlySpan<T> _b = b;
    private readonly Span<T> _c = c;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        V s0 = V.Broadcast(T.Zero), s1 = s0;
        for (int k = 0; k < _a.Length; k++)
        {
            V x = V.Broadcast(_a[k]);
            s0 = V.MultiplyAdd(x, V.Load(in _b[0], 0), s0);
            s1 = V.MultiplyAdd(x, V.Load(in _b[0], (nuint)V.Count), s1);
        }

        V.Store(s0, ref _c[0], 0);
        V.Store(s1, ref _c[0], (nuint)V.Count);
    }
}
