using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>y ← max(x, y), NaN where either is NaN.</summary>
internal readonly ref struct MaximumKernel<T>(ReadOnlySpan<T> x, Span<T> y) : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _x = x;
    private readonly Span<T> _y = y;

    /// <summary>Computes y with the widest registers.</summary>
    public static void Compute(ReadOnlySpan<T> x, Span<T> y) => Dispatch.Run<T, MaximumKernel<T>>(new MaximumKernel<T>(x, y));

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, MaximumKernel<T>>(this, _y.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V y = V.Load(in MemoryMarshal.GetReference(_y), i);

        // Max has the NaN of its second operand; |y| > −1 is false only if y is NaN.
        V larger = V.Max(y, V.Load(in MemoryMarshal.GetReference(_x), i));
        larger = V.SelectGreater(V.Abs(y), V.Constant(-1), larger, y);
        V.Store(larger, ref MemoryMarshal.GetReference(_y), i);
        return larger;
    }
}
