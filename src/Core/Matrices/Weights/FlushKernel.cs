using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>y ← x, or 0 where the magnitude is below <see cref="Denormals.Least"/>; y may be x.</summary>
internal readonly ref struct FlushKernel(ReadOnlySpan<float> x, Span<float> y) : IKernel<float>
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly Span<float> _y = y;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, float> =>
        Fp32Weights.PrepareInput<V>(in MemoryMarshal.GetReference(_x), _x.Length, ref MemoryMarshal.GetReference(_y));
}
