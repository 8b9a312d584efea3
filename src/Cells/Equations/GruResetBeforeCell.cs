using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

// Cho et al. 2014, reset before the product. Gate order r z n.
//   r, z = σ(W·x + b + U·h′ + d)    n = tanh(W·x + b + U·u + d), u = r ⊙ h′    h = (1 − z) ⊙ n + z ⊙ h′
// Other variants have other functions than σ and tanh.
internal readonly struct GruResetBeforeCell<TGate, TCandidate> : ICell
    where TGate : struct, IActivationRole
    where TCandidate : struct, IActivationRole
{
    public static int Gates => 3;

    public static bool HasCellState => false;

    public static Recurrence Recurrence => Recurrence.Gated;

    public static bool KeepsPreActivations
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCandidate.KeepsPreActivations;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Reset<V, T>(ref V r, V previousH, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V reset = TGate.Apply<V, T>(r, in operand);
        r = TGate.Keep(r, reset);
        return reset * previousH;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T>(ref V r, ref V z, ref V n, V u, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V update = TGate.Apply<V, T>(z, in operand);
        V candidate = TCandidate.Apply<V, T>(n, in operand);
        h = V.MultiplyAdd(update, h - candidate, candidate);
        z = TGate.Keep(z, update);
        n = TCandidate.Keep(n, candidate);
    }

    //   dn = dh ⊙ (1 − z)    dz = dh ⊙ (h′ − n)    dh′ = dh ⊙ z
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
        V update = TGate.Value<V, T>(z, in operand);
        V candidate = TCandidate.Value<V, T>(n, in operand);
        V previousDh = dh * update;
        n = TCandidate.Gradient<V, T>(n, candidate, dh - previousDh, in operand);
        z = TGate.Gradient<V, T>(z, update, dh * (previousH - candidate), in operand);
        dh = previousDh;
    }

    //   dr = du ⊙ h′    dh′ += du ⊙ r    (du is dGated)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ResetBackward<V, T>(ref V r, V previousH, V dGated, ref V dh, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V reset = TGate.Value<V, T>(r, in operand);
        dh = V.MultiplyAdd(dGated, reset, dh);
        r = TGate.Gradient<V, T>(r, reset, dGated * previousH, in operand);
    }
}
