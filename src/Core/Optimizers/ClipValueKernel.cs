using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Optimizers;

/// <summary>g ← min(max(g, −maximum), maximum), where a NaN stays NaN; changed ← number of g beyond the limits.</summary>
internal readonly ref struct ClipValueKernel<T>(Span<T> gradients, T maximum, ref int changed) : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Number of elements that are counted in T, exactly, before the count goes on as an integer.
    private const int Block = 1 << 16;

    private readonly Span<T> _gradients = gradients;
    private readonly T _maximum = maximum;
    private readonly ref int _changed = ref changed;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int total = 0;
        for (int from = 0; from < _gradients.Length; from += Block)
        {
            Span<T> block = _gradients.Slice(from, Math.Min(Block, _gradients.Length - from));
            total += int.CreateTruncating(ElementLoop.Sum<V, T, ClipValueKernel<T>>(new(block, _maximum, ref _changed), block.Length));
        }

        _changed = total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        ref T gradients = ref MemoryMarshal.GetReference(_gradients);
        V g = V.Load(in gradients, i);
        V maximum = V.Broadcast(_maximum);
        V.Store(V.Max(-maximum, V.Min(maximum, g)), ref gradients, i);
        return V.SelectGreater(V.Abs(g), maximum, V.Constant(1), V.Constant(0));
    }
}
