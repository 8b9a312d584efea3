using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Activations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>The activation ψ of c in h = o ⊙ ψ(c), read from the layer's description. It has no clip.</summary>
internal readonly struct LayerOutputActivation : IActivationRole
{
    public static bool KeepsPreActivations => true;

    public static V Apply<V, T>(V a, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ChosenActivation.Apply<V, T>(operand.Layer.OutputActivation, a);

    public static V Value<V, T>(V kept, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<V, T>(kept, in operand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Keep<V>(V a, V value)
        where V : struct => a;

    public static V Gradient<V, T>(V kept, V value, V dy, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ChosenActivation.Gradient<V, T>(operand.Layer.OutputActivation, kept, dy);
}
