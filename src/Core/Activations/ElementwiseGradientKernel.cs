using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>da ← dy·f′(a), element by element, f′ taken from y.</summary>
internal readonly ref struct ElementwiseGradientKernel<T, TActivation>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IActivation
{
    private readonly ReadOnlySpan<T> _y = y;
    private readonly ReadOnlySpan<T> _dy = dy;
    private readonly Span<T> _da = da;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        ref T y = ref MemoryMarshal.GetReference(_y);
        ref T dy = ref MemoryMarshal.GetReference(_dy);
        ref T da = ref MemoryMarshal.GetReference(_da);
        nuint length = (nuint)_y.Length;
        nuint i = 0;
        for (; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            Gradient<V>(ref y, ref dy, ref da, i);
        }

        for (; i < length; i++)
        {
            Gradient<Simd1<T>>(ref y, ref dy, ref da, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gradient<V>(ref T y, ref T dy, ref T da, nuint i)
        where V : struct, ISimd<V, T> => V.Store(TActivation.Gradient<V, T>(V.Load(in y, i), V.Load(in dy, i)), ref da, i);
}
