using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

// Elman 1990.
//   a = W·x + b + U·h′ + d          h = φ(a)
internal readonly struct ElmanCell<TCandidate>(TCandidate candidate) : ICell
    where TCandidate : struct, IActivation
{
    public static int Gates => 1;

    public static bool HasCellState => false;

    public static bool GateIsState => typeof(TCandidate) != typeof(Chosen);

    public static bool HasFirstPhase => false;

    public static Recurrence Recurrence => Recurrence.Together;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Forward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IForwardUnits<V>, allows ref struct
        => u.StoreH(Kept.Apply<V, T, TUnits, TCandidate>(ref u, 0, candidate, u.Gate(0)));

    //   da = dh ⊙ φ′
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Backward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IBackwardUnits<V>, allows ref struct
    {
        V kept = u.Kept(0);
        u.StoreGradient(0, candidate.Gradient<V, T>(kept, Kept.Value<V, T, TCandidate>(candidate, kept), u.Dh()));
        // All of dh′ comes through U.
        u.StoreDh(V.Broadcast(T.Zero));
    }
}
