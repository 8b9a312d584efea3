using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

// Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000. Gate order i f g o.
//   a = W·x + b + U·h′ + d          i, f, o = σ(a_i), σ(a_f), σ(a_o)          g = tanh(a_g)
//   c = f ⊙ c′ + i ⊙ g              h = o ⊙ tanh(c)
// Other variants have other functions than σ and tanh. With peepholes (Gers & Schmidhuber 2000) a_i, a_f and a_o have p_i ⊙ c′, p_f ⊙ c′
// and p_o ⊙ c added. With coupled gates (Greff et al. 2017) f is 1 − i and the gates are i g o.
// Branches compare types and do not ask properties: the compiler then skips the other branch, which it would inline whole otherwise.
internal readonly struct LstmCell<TGate, TCandidate, TOutput, TCoupling> : ICell
    where TGate : struct, IActivationRole
    where TCandidate : struct, IActivationRole
    where TOutput : struct, IActivationRole
    where TCoupling : struct
{
    public static int Gates
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TCoupling) == typeof(Coupled) ? 3 : 4;
    }

    public static bool HasCellState => true;

    public static Recurrence Recurrence => Recurrence.Together;

    public static bool KeepsPreActivations
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCandidate.KeepsPreActivations;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CellState<V, T>(ref V g0, ref V g1, ref V g2, ref V c, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(TCoupling) == typeof(Coupled))
        {
            NextCellState<V, T>(ref g0, ref g0, ref g1, ref c, in operand);
        }
        else
        {
            NextCellState<V, T>(ref g0, ref g1, ref g2, ref c, in operand);
        }
    }

    //   o = σ(a_o + p_o ⊙ c)    h = o ⊙ tanh(c)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<V, T>(ref V o, V c, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (TGate.KeepsPreActivations)
        {
            o = AddPeephole<V, T>(Peephole.Output, o, c, in operand);
        }

        V output = TGate.Apply<V, T>(o, in operand);
        h = output * TOutput.Apply<V, T>(c, in operand);
        o = TGate.Keep(o, output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<V, T>(
        ref V g0,
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
        if (typeof(TCoupling) == typeof(Coupled))
        {
            BackwardGates<V, T>(ref g0, ref g0, ref g1, ref g2, previousC, c, dh, ref dc, in operand);
        }
        else
        {
            BackwardGates<V, T>(ref g0, ref g1, ref g2, ref g3, previousC, c, dh, ref dc, in operand);
        }

        // All of dh′ comes through U.
        dh = V.Broadcast(T.Zero);
    }

    // a + p ⊙ c, or a if the layer has no peepholes. In backward a is a sum of gradients, and c is the gradient of the gate's
    // pre-activation. Not inlined, so that variants without peepholes lose nothing to it.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static V AddPeephole<V, T>(Peephole gate, V a, V c, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        operand.Layer.Peepholes ? V.MultiplyAdd(operand.Weights(gate), c, a) : a;

    //   i = σ(a_i + p_i ⊙ c′)    f = σ(a_f + p_f ⊙ c′)    g = tanh(a_g)    c = f ⊙ c′ + i ⊙ g
    // With coupled gates f is 1 − i, and the register f is not touched.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NextCellState<V, T>(ref V i, ref V f, ref V g, ref V c, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (TGate.KeepsPreActivations)
        {
            i = AddPeephole<V, T>(Peephole.Input, i, c, in operand);
        }

        V input = TGate.Apply<V, T>(i, in operand);
        i = TGate.Keep(i, input);
        V forget;
        if (typeof(TCoupling) == typeof(Coupled))
        {
            forget = V.Broadcast(T.One) - input;
        }
        else
        {
            if (TGate.KeepsPreActivations)
            {
                f = AddPeephole<V, T>(Peephole.Forget, f, c, in operand);
            }

            forget = TGate.Apply<V, T>(f, in operand);
            f = TGate.Keep(f, forget);
        }

        V candidate = TCandidate.Apply<V, T>(g, in operand);
        g = TCandidate.Keep(g, candidate);
        c = V.MultiplyAdd(forget, c, input * candidate);
    }

    //   do = dh ⊙ tanh(c)             dc += dh ⊙ o ⊙ tanh′(c) + da_o ⊙ p_o
    //   di = dc ⊙ g    df = dc ⊙ c′   dg = dc ⊙ i    dc′ = dc ⊙ f + da_i ⊙ p_i + da_f ⊙ p_f
    // da of a gate is its d times the derivative of its activation. With coupled gates di is dc ⊙ (g − c′), and there is no df.
    // tanh(c) is computed again, so the tape does not hold it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BackwardGates<V, T>(
        ref V i, ref V f, ref V g, ref V o, V previousC, V c, V dh, ref V dc, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V input = TGate.Value<V, T>(i, in operand);
        V candidate = TCandidate.Value<V, T>(g, in operand);
        V output = TGate.Value<V, T>(o, in operand);
        V squashed = TOutput.Apply<V, T>(c, in operand);
        dc += TOutput.Gradient<V, T>(c, squashed, dh * output, in operand);
        o = TGate.Gradient<V, T>(o, output, dh * squashed, in operand);
        if (TGate.KeepsPreActivations)
        {
            dc = AddPeephole<V, T>(Peephole.Output, dc, o, in operand);
        }

        V previousDc;
        if (typeof(TCoupling) == typeof(Coupled))
        {
            previousDc = dc * (V.Broadcast(T.One) - input);
            i = TGate.Gradient<V, T>(i, input, dc * (candidate - previousC), in operand);
        }
        else
        {
            V forget = TGate.Value<V, T>(f, in operand);
            previousDc = dc * forget;
            f = TGate.Gradient<V, T>(f, forget, dc * previousC, in operand);
            if (TGate.KeepsPreActivations)
            {
                previousDc = AddPeephole<V, T>(Peephole.Forget, previousDc, f, in operand);
            }

            i = TGate.Gradient<V, T>(i, input, dc * candidate, in operand);
        }

        g = TCandidate.Gradient<V, T>(g, candidate, dc * input, in operand);
        dc = previousDc;
        if (TGate.KeepsPreActivations)
        {
            dc = AddPeephole<V, T>(Peephole.Input, dc, i, in operand);
        }
    }
}
