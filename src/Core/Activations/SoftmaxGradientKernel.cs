using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>da ← y·(dy − Σ y·dy)</summary>
internal readonly ref struct SoftmaxGradientKernel<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _y = y;
    private readonly ReadOnlySpan<T> _dy = dy;
    private readonly Span<T> _da = da;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        ref T y = ref MemoryMarshal.GetReference(_y);
        ref T dy = ref MemoryMarshal.GetReference(_dy);
        ref T da = ref MemoryMarshal.GetReference(_da);
        nuint length = (nuint)_y.Length;
        V sums = V.Broadcast(T.Zero);
        nuint i = 0;
        for (; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            V.Accumulate(ref sums, in y, i, V.Load(in dy, i));
        }

        T sum = V.Sum(sums);
        for (; i < length; i++)
        {
            sum += Unsafe.Add(ref y, i) * Unsafe.Add(ref dy, i);
        }

        for (i = 0; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            V.Store(V.Load(in y, i) * (V.Load(in dy, i) - V.Broadcast(sum)), ref da, i);
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref da, i) = Unsafe.Add(ref y, i) * (Unsafe.Add(ref dy, i) - sum);
        }
    }
}
