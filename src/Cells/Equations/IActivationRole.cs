using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>An activation in its place in a cell's equations, so that each of these stands once, whatever the activation is.</summary>
/// <remarks>The operand of a method is there where <see cref="KeepsPreActivations"/>, and is not read otherwise.</remarks>
internal interface IActivationRole
{
    /// <summary>
    /// Whether the tape keeps pre-activations, from which every activation has a derivative, or values, which save backward an
    /// activation each.
    /// </summary>
    static abstract bool KeepsPreActivations { get; }

    /// <summary>The value from the pre-activation.</summary>
    static abstract V Apply<V, T>(V a, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The value from what the tape has kept.</summary>
    static abstract V Value<V, T>(V kept, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>What the tape keeps.</summary>
    static abstract V Keep<V>(V a, V value)
        where V : struct;

    /// <summary>Gradient of the pre-activation from what was kept, the value, and the value's gradient.</summary>
    static abstract V Gradient<V, T>(V kept, V value, V dy, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
