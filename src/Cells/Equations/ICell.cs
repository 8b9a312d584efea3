using System.Diagnostics;
using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// The equations of a cell, pointwise over its units: one step forward and one step backward, written once for every width and
/// precision. Products, directions, lengths and projections belong to the engines.
/// </summary>
/// <remarks>
/// A cell has up to four gates g0 … g3 in its own order. Gates that it does not have are not loaded, and it leaves them alone.
/// In forward, h and c enter as the states of the step before and leave as the new states.
/// </remarks>
internal interface ICell
{
    /// <summary>Number of gates, 1 to 4: blocks of H rows in the weights.</summary>
    static abstract int Gates { get; }

    /// <summary>True if there is a second state, c.</summary>
    static abstract bool HasCellState { get; }

    /// <summary>True if the value of the one gate is the new h, so that backward needs the layer's output only.</summary>
    static virtual bool GateIsState => false;

    /// <summary>The way in which the recurrent product of the last gate enters.</summary>
    static abstract Recurrence Recurrence { get; }

    /// <summary>
    /// True if the tape keeps pre-activations and every method reads its <see cref="CellOperand{V}"/>; false if the tape keeps gate
    /// values and no method reads its operand, which is a null reference then.
    /// </summary>
    static abstract bool KeepsPreActivations { get; }

    /// <summary>
    /// Cells without a second state. Gates: from pre-activations to the numbers that the tape keeps. h: from the old state to the new
    /// state. <paramref name="u"/> is the recurrent product of the last gate if it is apart. If it is gated, <see cref="Reset"/> has
    /// run before.
    /// </summary>
    static virtual void Forward<V, T>(ref V g0, ref V g1, ref V g2, V u, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>
    /// Cells with a second state: the first half of a step, from pre-activations and the old c to the new c. It needs all gates but
    /// the last.
    /// </summary>
    /// <remarks>
    /// A step has two halves because the compiler stops inlining once a method has 512 local variables. Every operation brings two or
    /// three of them, and five activations are more than 512. The loops over units run one half after the other, so tanh(c) does not
    /// wait long for its c.
    /// </remarks>
    static virtual void CellState<V, T>(ref V g0, ref V g1, ref V g2, ref V c, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>Cells with a second state: the second half of a step, from the last gate and the new c to the new h.</summary>
    static virtual void Output<V, T>(ref V gate, V c, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>One step backward, in place.</summary>
    /// <remarks>
    /// <para>g0 … g3: the tape's numbers → gradients of pre-activations. If gated, g0 is left to <see cref="ResetBackward"/>.</para>
    /// <para>u: the recurrent product of the last gate → its gradient. Only if it is apart.</para>
    /// <para>dh: ∂L/∂h → the part of ∂L/∂h′ that does not go through U.</para>
    /// <para>dc: ∂L/∂c → ∂L/∂c′.</para>
    /// </remarks>
    static abstract void Backward<V, T>(
        ref V g0,
        ref V g1,
        ref V g2,
        ref V g3,
        ref V u,
        V previousH,
        V previousC,
        V c,
        ref V dh,
        ref V dc,
        in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Gated only: g0 from its pre-activation to the number that the tape keeps.</summary>
    /// <returns>The gated state, which the recurrent product of the last gate takes.</returns>
    static virtual V Reset<V, T>(ref V g0, V previousH, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>
    /// Gated only: g0 from the number that the tape keeps to the gradient of its pre-activation, given the gradient of the gated
    /// state. Adds to <paramref name="dh"/>, ∂L/∂h′.
    /// </summary>
    static virtual void ResetBackward<V, T>(ref V g0, V previousH, V dGated, ref V dh, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();
}
