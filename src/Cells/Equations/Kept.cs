using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// The number of a gate that the tape keeps: the value of an activation that is known when the code is compiled, since its derivative
/// follows from it, which saves backward an activation; the pre-activation of a <see cref="Chosen"/> one.
/// </summary>
/// <remarks>
/// Branches compare types and do not ask properties: the compiler then skips the other branch, which it would inline whole otherwise.
/// </remarks>
internal static class Kept
{
    /// <summary>The value of a gate from its pre-activation; keeps the number that backward needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T, TUnits, TActivation>(ref TUnits u, int gate, TActivation f, V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TUnits : struct, IForwardUnits<V>, allows ref struct
        where TActivation : struct, IActivation
    {
        V y = f.Apply<V, T>(a);
        u.Keep(gate, typeof(TActivation) == typeof(Chosen) ? a : y);
        return y;
    }

    /// <summary>The value of a gate from the number that was kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<V, T, TActivation>(TActivation f, V kept)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TActivation : struct, IActivation => typeof(TActivation) == typeof(Chosen) ? f.Apply<V, T>(kept) : kept;
}
