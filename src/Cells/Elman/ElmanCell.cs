using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Elman;

// Elman 1990.
//   a = W·x + b + U·h′ + d          h = φ(a)
internal readonly struct ElmanCell<TActivation> : ICell
    where TActivation : struct, IActivation
{
    public static int Gates => 1;

    public static bool HasCellState => false;

    public static bool GateIsState => true;

    public static Recurrence Recurrence => Recurrence.Together;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T>(ref V a, ref V g1, ref V g2, ref V g3, V u, ref V h, ref V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        a = TActivation.Apply<V, T>(a);
        h = a;
    }

    // On the tape the gate holds φ(a), from which φ′ is taken.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<V, T>(
        ref V a, ref V g1, ref V g2, ref V g3, ref V u, V previousH, V previousC, V c, ref V dh, ref V dc)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        a = TActivation.Gradient<V, T>(a, dh);
        dh = V.Broadcast(T.Zero);
    }
}
