using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>y ← x, or 0 where the magnitude is below <see cref="Denormals.Least"/>; y may be x.</summary>
internal readonly ref struct FlushKernel(ReadOnlySpan<float> x, Span<float> y) : IKernel<float>, IElements<float>
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly Span<float> _y = y;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, float> => ElementLoop.Run<V, float, FlushKernel>(this, _x.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, float>
    {
        V flushed = Denormals.Flush<V, float>(V.Load(in MemoryMarshal.GetReference(_x), i));
        V.Store(flushed, ref MemoryMarshal.GetReference(_y), i);
        return flushed;
    }
}
