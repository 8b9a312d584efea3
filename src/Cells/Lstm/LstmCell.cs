using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Lstm;

// Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000; no peepholes. Gate order i f g o.
//   a = W·x + b + U·h′ + d          i, f, o = σ(a_i), σ(a_f), σ(a_o)          g = tanh(a_g)
//   c = f ⊙ c′ + i ⊙ g              h = o ⊙ tanh(c)
internal readonly struct LstmCell : ICell
{
    public static int Gates => 4;

    public static bool HasCellState => true;

    public static Recurrence Recurrence => Recurrence.Together;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T>(ref V i, ref V f, ref V g, ref V o, V u, ref V h, ref V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CellState<V, T>(ref i, ref f, ref g, ref c);
        OutputApart<V, T>(ref o, in c, ref h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CellState<V, T>(ref V i, ref V f, ref V g, ref V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        i = Sigmoid.Apply<V, T>(i);
        f = Sigmoid.Apply<V, T>(f);
        g = Tanh.Apply<V, T>(g);
        c = V.MultiplyAdd(f, c, i * g);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<V, T>(ref V o, V c, ref V h)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        o = Sigmoid.Apply<V, T>(o);
        h = o * Tanh.Apply<V, T>(c);
    }

    // tanh(c) is computed again, so that the tape need not hold it.
    //   do = dh ⊙ tanh(c)             dc += dh ⊙ o ⊙ (1 − tanh²(c))
    //   di = dc ⊙ g    df = dc ⊙ c′   dg = dc ⊙ i    dc′ = dc ⊙ f, each gate's gradient then through its activation
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<V, T>(
        ref V i, ref V f, ref V g, ref V o, ref V u, V previousH, V previousC, V c, ref V dh, ref V dc)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V tanhC = Tanh.Apply<V, T>(c);
        dc += Tanh.Gradient<V, T>(tanhC, dh * o);
        V previousDc = dc * f;
        o = Sigmoid.Gradient<V, T>(o, dh * tanhC);
        f = Sigmoid.Gradient<V, T>(f, dc * previousC);
        V di = Sigmoid.Gradient<V, T>(i, dc * g);
        g = Tanh.Gradient<V, T>(g, dc * i);
        i = di;
        dc = previousDc;
        dh = V.Broadcast(T.Zero);
    }

    // Not inlined: the compiler inlines no further once a method has 512 local variables, and every operation here brings two or three.
    // All five activations in one method are more than that, and the operators that became calls made it take two to ten times as long.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OutputApart<V, T>(ref V o, in V c, ref V h)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Output<V, T>(ref o, c, ref h);
}
