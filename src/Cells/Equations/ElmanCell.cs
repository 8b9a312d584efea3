using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

// Elman 1990.
//   a = W·x + b + U·h′ + d          h = φ(a)
internal readonly struct ElmanCell<TCandidate> : ICell
    where TCandidate : struct, IActivationRole
{
    public static int Gates => 1;

    public static bool HasCellState => false;

    public static bool GateIsState => !TCandidate.KeepsPreActivations;

    public static Recurrence Recurrence => Recurrence.Together;

    public static bool KeepsPreActivations
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCandidate.KeepsPreActivations;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T>(ref V a, ref V g1, ref V g2, V u, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        h = TCandidate.Apply<V, T>(a, in operand);
        a = TCandidate.Keep(a, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<V, T>(
        ref V a,
        ref V g1,
        ref V g2,
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
        V h = TCandidate.Value<V, T>(a, in operand);
        a = TCandidate.Gradient<V, T>(a, h, dh, in operand);
        // All of dh′ comes through U.
        dh = V.Broadcast(T.Zero);
    }
}
