using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

/// <summary>Which activation of a <see cref="LayerSpec"/>.</summary>
internal interface IChoice
{
    /// <summary>The activation.</summary>
    static abstract ActivationSpec Of(LayerSpec layer);
}

/// <summary>Of i, f, o; of r, z.</summary>
internal readonly struct Gate : IChoice
{
    public static ActivationSpec Of(LayerSpec layer) => layer.GateActivation;
}

/// <summary>Of g; of n; of an Elman layer.</summary>
internal readonly struct Candidate : IChoice
{
    public static ActivationSpec Of(LayerSpec layer) => layer.Activation;
}

/// <summary>An activation that is looked up for every register, of a pre-activation within the layer's limits.</summary>
internal readonly struct Chosen<TChoice> : IRole
    where TChoice : struct, IChoice
{
    public static bool KeepsPreActivations => true;

    public static V Apply<V, T>(V a, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V limit = V.Constant(operand.Layer.Clip);
        return ChosenActivation.Apply<V, T>(TChoice.Of(operand.Layer), V.Max(-limit, V.Min(limit, a)));
    }

    public static V Value<V, T>(V kept, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<V, T>(kept, in operand);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Keep<V>(V a, V value)
        where V : struct => a;

    // Within the limits, and on them, as PyTorch's clamp has it.
    public static V Gradient<V, T>(V kept, V value, V dy, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V da = ChosenActivation.Gradient<V, T>(TChoice.Of(operand.Layer), kept, dy);
        return V.SelectGreater(V.Abs(kept), V.Constant(operand.Layer.Clip), V.Broadcast(T.Zero), da);
    }
}

/// <summary>That of c on its way to h, which has no limits.</summary>
internal readonly struct ChosenOutput : IRole
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
