using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>An activation that each register reads from the layer's description, after the clip if it has one.</summary>
internal readonly struct LayerActivation<TChoice> : IActivationRole
    where TChoice : struct, IActivationChoice
{
    public static bool KeepsPreActivations => true;

    public static V Apply<V, T>(V a, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (TChoice.IsClipped)
        {
            V limit = V.Constant(operand.Layer.Clip);
            a = V.Max(-limit, V.Min(limit, a));
        }

        return ChosenActivation.Apply<V, T>(TChoice.Of(operand.Layer), a);
    }

    public static V Value<V, T>(V kept, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<V, T>(kept, in operand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Keep<V>(V a, V value)
        where V : struct => a;

    // dy passes within the limits and on them, as in PyTorch's clamp.
    public static V Gradient<V, T>(V kept, V value, V dy, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V da = ChosenActivation.Gradient<V, T>(TChoice.Of(operand.Layer), kept, dy);
        return TChoice.IsClipped
            ? V.SelectGreater(V.Abs(kept), V.Constant(operand.Layer.Clip), V.Broadcast(T.Zero), da)
            : da;
    }
}
