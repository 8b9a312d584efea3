using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// An activation in its role in a cell's equations, so that each equation is written once for all activations.
/// </summary>
/// <remarks>A method reads its operand only if <see cref="KeepsPreActivations"/> is true; else the operand is a null reference.</remarks>
internal interface IActivationRole
{
    /// <summary>
    /// True if the tape keeps pre-activations, from which every activation has a derivative; false if it keeps values, which save
    /// backward an activation each.
    /// </summary>
    static abstract bool KeepsPreActivations { get; }

    /// <summary>Value of the activation from its pre-activation.</summary>
    static abstract V Apply<V, T>(V a, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Value of the activation from the number that the tape keeps.</summary>
    static abstract V Value<V, T>(V kept, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The number that the tape keeps: the pre-activation or the value.</summary>
    static abstract V Keep<V>(V a, V value)
        where V : struct;

    /// <summary>Gradient of the pre-activation from the kept number, the value and the value's gradient.</summary>
    static abstract V Gradient<V, T>(V kept, V value, V dy, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
