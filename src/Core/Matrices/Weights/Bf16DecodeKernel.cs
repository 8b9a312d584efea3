using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices.Weights;

/// <summary>Decodes panels of <see cref="Bf16Weights"/> into panels of <see cref="Fp32Weights"/>: twice as many numbers.</summary>
internal readonly ref struct Bf16DecodeKernel(ReadOnlySpan<float> packed, Span<float> panels) : IKernel<float>
{
    private readonly ReadOnlySpan<float> _packed = packed;
    private readonly Span<float> _panels = panels;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, float>
    {
        ref float from = ref MemoryMarshal.GetReference(_packed);
        ref float to = ref MemoryMarshal.GetReference(_panels);
        V mask = Bf16Weights.LoopConstant<V>();
        for (nuint i = 0; i < (nuint)_packed.Length; i += (nuint)V.Count)
        {
            V.Store(V.Bf16LowToSingle(in from, i), ref to, 2 * i);
            V.Store(V.Bf16HighToSingle(in from, i, mask), ref to, (2 * i) + (nuint)V.Count);
        }
    }
}
