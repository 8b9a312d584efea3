using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

// Cho et al. 2014. Gate order r z n.
//   r, z = σ(W·x + b + U·h′ + d)    h = (1 − z) ⊙ n + z ⊙ h′
//   n = tanh(W·x + b + r ⊙ u), u = U·h′ + d, reset after the product, as in cuDNN and PyTorch
//   n = tanh(W·x + b + U·u + d), u = r ⊙ h′, reset before the product
// Other variants have other functions than σ and tanh.
internal readonly struct GruCell<TGate, TCandidate, TReset>(TGate gate, TCandidate candidate) : ICell
    where TGate : struct, IActivation
    where TCandidate : struct, IActivation
    where TReset : struct
{
    private const int R = 0;
    private const int Z = 1;
    private const int N = 2;

    public static int Gates => 3;

    public static bool HasCellState => false;

    public static bool HasFirstPhase => typeof(TReset) == typeof(ResetBefore);

    public static Recurrence Recurrence
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TReset) == typeof(ResetBefore) ? Recurrence.Gated : Recurrence.Apart;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Forward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IForwardUnits<V>, allows ref struct
    {
        V previousH = u.PreviousH();
        if (typeof(TPhase) == typeof(FirstPhase))
        {
            u.StoreGated(Gate<V, T, TUnits>(ref u, R) * previousH);
            return;
        }

        V a = u.Gate(N);
        if (typeof(TReset) == typeof(ResetAfter))
        {
            a = V.MultiplyAdd(Gate<V, T, TUnits>(ref u, R), u.CandidateProduct(), a);
        }

        V z = Gate<V, T, TUnits>(ref u, Z);
        V n = Kept.Apply<V, T, TUnits, TCandidate>(ref u, N, candidate, a);
        u.StoreH(V.MultiplyAdd(z, previousH - n, n));
    }

    //   dn = dh ⊙ (1 − z)    dz = dh ⊙ (h′ − n)    dh′ = dh ⊙ z
    //   after: dr = da_n ⊙ u, du = da_n ⊙ r        before: dr = du ⊙ h′, dh′ += du ⊙ r
    // da of a gate is its d times the derivative of its activation.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Backward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IBackwardUnits<V>, allows ref struct
    {
        V dh = u.Dh();
        V previousH = u.PreviousH();
        if (typeof(TPhase) == typeof(FirstPhase))
        {
            V du = u.GatedGradient();
            u.StoreDh(V.MultiplyAdd(du, ResetBackward<V, T, TUnits>(ref u, du * previousH), dh));
            return;
        }

        V keptZ = u.Kept(Z), z = Kept.Value<V, T, TGate>(gate, keptZ);
        V keptN = u.Kept(N), n = Kept.Value<V, T, TCandidate>(candidate, keptN);
        V previousDh = dh * z;
        V da = candidate.Gradient<V, T>(keptN, n, dh - previousDh);
        u.StoreGradient(Z, gate.Gradient<V, T>(keptZ, z, dh * (previousH - n)));
        u.StoreGradient(N, da);
        if (typeof(TReset) == typeof(ResetAfter))
        {
            u.StoreCandidateGradient(da * ResetBackward<V, T, TUnits>(ref u, da * u.CandidateProduct()));
        }

        u.StoreDh(previousDh);
    }

    // The value of r or z.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Gate<V, T, TUnits>(ref TUnits u, int index)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TUnits : struct, IForwardUnits<V>, allows ref struct =>
        Kept.Apply<V, T, TUnits, TGate>(ref u, index, gate, u.Gate(index));

    // Stores the gradient of the reset gate's pre-activation. Returns r.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V ResetBackward<V, T, TUnits>(ref TUnits u, V dr)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TUnits : struct, IBackwardUnits<V>, allows ref struct
    {
        V kept = u.Kept(R), r = Kept.Value<V, T, TGate>(gate, kept);
        u.StoreGradient(R, gate.Gradient<V, T>(kept, r, dr));
        return r;
    }
}
