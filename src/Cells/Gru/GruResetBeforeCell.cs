using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Gru;

// Cho et al. 2014, reset before the product. Gate order r z n.
//   r, z = σ(W·x + b + U·h′ + d)    n = tanh(W·x + b + U·u + d), u = r ⊙ h′    h = (1 − z) ⊙ n + z ⊙ h′
internal readonly struct GruResetBeforeCell : ICell
{
    public static int Gates => 3;

    public static bool HasCellState => false;

    public static Recurrence Recurrence => Recurrence.Gated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Reset<V, T>(ref V r, V previousH)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        r = Sigmoid.Apply<V, T>(r);
        return r * previousH;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T>(ref V r, ref V z, ref V n, ref V g3, V u, ref V h, ref V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        z = Sigmoid.Apply<V, T>(z);
        n = Tanh.Apply<V, T>(n);
        h = V.MultiplyAdd(z, h - n, n);
    }

    //   dn = dh ⊙ (1 − z)    dz = dh ⊙ (h′ − n)    dh′ = dh ⊙ z
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<V, T>(
        ref V r, ref V z, ref V n, ref V g3, ref V u, V previousH, V previousC, V c, ref V dh, ref V dc)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V previousDh = dh * z;
        V dn = Tanh.Gradient<V, T>(n, dh - previousDh);
        z = Sigmoid.Gradient<V, T>(z, dh * (previousH - n));
        n = dn;
        dh = previousDh;
    }

    //   dr = du ⊙ h′    dh′ += du ⊙ r
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ResetBackward<V, T>(ref V r, V previousH, V dGated, ref V dh)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        dh = V.MultiplyAdd(dGated, r, dh);
        r = Sigmoid.Gradient<V, T>(r, dGated * previousH);
    }
}
