using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>An activation that is known when the code is compiled; its pre-activation has no limits.</summary>
internal readonly struct FixedActivation<TActivation> : IActivationRole
    where TActivation : struct, IActivation
{
    public static bool KeepsPreActivations
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V, T>(V a, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TActivation.Apply<V, T>(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<V, T>(V kept, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => kept;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Keep<V>(V a, V value)
        where V : struct => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gradient<V, T>(V kept, V value, V dy, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TActivation.Gradient<V, T>(value, dy);
}
