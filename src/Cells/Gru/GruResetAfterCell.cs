using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Gru;

// Cho et al. 2014, reset after the product, as cuDNN and PyTorch have it. Gate order r z n.
//   r, z = σ(W·x + b + U·h′ + d)    n = tanh(W·x + b + r ⊙ u), u = U·h′ + d    h = (1 − z) ⊙ n + z ⊙ h′
internal readonly struct GruResetAfterCell : ICell
{
    public static int Gates => 3;

    public static bool HasCellState => false;

    public static Recurrence Recurrence => Recurrence.Apart;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T>(ref V r, ref V z, ref V n, ref V g3, V u, ref V h, ref V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        r = Sigmoid.Apply<V, T>(r);
        z = Sigmoid.Apply<V, T>(z);
        n = Tanh.Apply<V, T>(V.MultiplyAdd(r, u, n));
        h = V.MultiplyAdd(z, h - n, n);
    }

    //   dn = dh ⊙ (1 − z)    dz = dh ⊙ (h′ − n)    dh′ = dh ⊙ z    da_n = dn ⊙ (1 − n²)    dr = da_n ⊙ u    du = da_n ⊙ r
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
        V du = dn * r;
        r = Sigmoid.Gradient<V, T>(r, dn * u);
        u = du;
        dh = previousDh;
    }
}
