using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

// Cho et al. 2014, reset after the product, as in cuDNN and PyTorch. Gate order r z n.
//   r, z = σ(W·x + b + U·h′ + d)    n = tanh(W·x + b + r ⊙ u), u = U·h′ + d    h = (1 − z) ⊙ n + z ⊙ h′
// Other variants have other functions than σ and tanh.
internal readonly struct GruResetAfterCell<TGate, TCandidate> : ICell
    where TGate : struct, IActivationRole
    where TCandidate : struct, IActivationRole
{
    public static int Gates => 3;

    public static bool HasCellState => false;

    public static Recurrence Recurrence => Recurrence.Apart;

    public static bool KeepsPreActivations
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCandidate.KeepsPreActivations;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T>(ref V r, ref V z, ref V n, V u, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V reset = TGate.Apply<V, T>(r, in operand);
        V update = TGate.Apply<V, T>(z, in operand);
        n = V.MultiplyAdd(reset, u, n);
        V candidate = TCandidate.Apply<V, T>(n, in operand);
        h = V.MultiplyAdd(update, h - candidate, candidate);
        r = TGate.Keep(r, reset);
        z = TGate.Keep(z, update);
        n = TCandidate.Keep(n, candidate);
    }

    //   dn = dh ⊙ (1 − z)    dz = dh ⊙ (h′ − n)    dh′ = dh ⊙ z    da_n = dn ⊙ tanh′    dr = da_n ⊙ u    du = da_n ⊙ r
    // In the code dn is da_n.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<V, T>(
        ref V r,
        ref V z,
        ref V n,
        ref V g3,
        ref V u,
        V previousH,
        V previousC,
        V c,
        ref V dh,
        ref V dc,
        in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V reset = TGate.Value<V, T>(r, in operand);
        V update = TGate.Value<V, T>(z, in operand);
        V candidate = TCandidate.Value<V, T>(n, in operand);
        V previousDh = dh * update;
        V dn = TCandidate.Gradient<V, T>(n, candidate, dh - previousDh, in operand);
        z = TGate.Gradient<V, T>(z, update, dh * (previousH - candidate), in operand);
        n = dn;
        V du = dn * reset;
        r = TGate.Gradient<V, T>(r, reset, dn * u, in operand);
        u = du;
        dh = previousDh;
    }
}
