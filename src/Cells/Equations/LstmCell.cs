using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

// Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000. Gate order i f g o.
//   a = W·x + b + U·h′ + d          i, f, o = σ(a_i), σ(a_f), σ(a_o)          g = tanh(a_g)
//   c = f ⊙ c′ + i ⊙ g              h = o ⊙ tanh(c)
// Other variants have other functions than σ and tanh. With peepholes (Gers & Schmidhuber 2000) a_i, a_f and a_o have p_i ⊙ c′, p_f ⊙ c′
// and p_o ⊙ c added. With coupled gates (Greff et al. 2017) f is 1 − i and the gates are i g o.
internal readonly struct LstmCell<TGate, TCandidate, TOutput, TCoupling>(
    TGate gate, TCandidate candidate, TOutput output, bool hasPeepholes) : ICell
    where TGate : struct, IActivation
    where TCandidate : struct, IActivation
    where TOutput : struct, IActivation
    where TCoupling : struct
{
    // The gates are i f g o, or i g o without f if they are coupled.
    private const int I = 0;
    private const int F = 1;

    private static int G => Gates - 2;

    private static int O => Gates - 1;

    public static int Gates
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TCoupling) == typeof(Coupled) ? 3 : 4;
    }

    public static bool HasCellState => true;

    public static bool HasFirstPhase => true;

    public static Recurrence Recurrence => Recurrence.Together;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Forward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IForwardUnits<V>, allows ref struct
    {
        if (typeof(TPhase) == typeof(FirstPhase))
        {
            V previousC = u.PreviousC();
            V i = Gate<V, T, TUnits>(ref u, I, previousC);
            V f = typeof(TCoupling) == typeof(Coupled) ? V.Broadcast(T.One) - i : Gate<V, T, TUnits>(ref u, F, previousC);
            V g = Kept.Apply<V, T, TUnits, TCandidate>(ref u, G, candidate, u.Gate(G));
            u.StoreC(V.MultiplyAdd(f, previousC, i * g));
        }
        else
        {
            V c = u.C();
            u.StoreH(Gate<V, T, TUnits>(ref u, O, c) * output.Apply<V, T>(c));
        }
    }

    //   do = dh ⊙ tanh(c)             dc += dh ⊙ o ⊙ tanh′(c) + da_o ⊙ p_o
    //   di = dc ⊙ g    df = dc ⊙ c′   dg = dc ⊙ i    dc′ = dc ⊙ f + da_i ⊙ p_i + da_f ⊙ p_f
    // da of a gate is its d times the derivative of its activation. With coupled gates di is dc ⊙ (g − c′), and there is no df.
    // tanh(c) is computed again, so the tape does not hold it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Backward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IBackwardUnits<V>, allows ref struct
    {
        V keptI = u.Kept(I), i = Kept.Value<V, T, TGate>(gate, keptI);
        V keptG = u.Kept(G), g = Kept.Value<V, T, TCandidate>(candidate, keptG);
        V keptO = u.Kept(O), o = Kept.Value<V, T, TGate>(gate, keptO);
        V previousC = u.PreviousC(), c = u.C(), tanhC = output.Apply<V, T>(c);
        V dh = u.Dh(), dc = u.Dc() + output.Gradient<V, T>(c, tanhC, dh * o);
        V daO = gate.Gradient<V, T>(keptO, o, dh * tanhC);
        dc = AddPeephole<V, T, TUnits>(ref u, O, dc, daO);
        V previousDc, daI;
        if (typeof(TCoupling) == typeof(Coupled))
        {
            previousDc = dc * (V.Broadcast(T.One) - i);
            daI = gate.Gradient<V, T>(keptI, i, dc * (g - previousC));
        }
        else
        {
            V keptF = u.Kept(F), f = Kept.Value<V, T, TGate>(gate, keptF);
            V daF = gate.Gradient<V, T>(keptF, f, dc * previousC);
            previousDc = AddPeephole<V, T, TUnits>(ref u, F, dc * f, daF);
            daI = gate.Gradient<V, T>(keptI, i, dc * g);
            u.StoreGradient(F, daF);
        }

        u.StoreGradient(I, daI);
        u.StoreGradient(G, candidate.Gradient<V, T>(keptG, g, dc * i));
        u.StoreGradient(O, daO);
        u.StoreDc(AddPeephole<V, T, TUnits>(ref u, I, previousDc, daI));
        // All of dh′ comes through U.
        u.StoreDh(V.Broadcast(T.Zero));
    }

    // The value of i, f or o, which sees c through its peephole.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Gate<V, T, TUnits>(ref TUnits u, int index, V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TUnits : struct, IForwardUnits<V>, allows ref struct =>
        Kept.Apply<V, T, TUnits, TGate>(ref u, index, gate, AddPeephole<V, T, TUnits>(ref u, index, u.Gate(index), c));

    // sum + p ⊙ factor, or the sum if the layer has no peepholes, as no layer with compiled activations has. Forward adds p ⊙ c to a, and
    // backward p ⊙ da to dc. The rows of p are i f o, or i o if the gates are coupled.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V AddPeephole<V, T, TUnits>(ref TUnits u, int index, V sum, V factor)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TUnits : struct, IUnits<V>, allows ref struct
    {
        if (typeof(TGate) == typeof(Chosen) && hasPeepholes)
        {
            sum = V.MultiplyAdd(u.Peephole(index == O ? O - 1 : index), factor, sum);
        }

        return sum;
    }
}
