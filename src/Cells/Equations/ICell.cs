using System.Diagnostics;
using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// The equations of a cell, pointwise over its units: one step forward and one step backward, written once for every width and
/// precision. Products, directions, lengths and projections belong to the drivers.
/// </summary>
/// <remarks>
/// Every cell has up to four gates g0 … g3 in its own order; those it does not have are not loaded, and it leaves them alone.
/// h and c enter forward as the states of the step before and leave as the new ones.
/// </remarks>
internal interface ICell
{
    /// <summary>How many gates, 1 to 4: blocks of H rows in the weights.</summary>
    static abstract int Gates { get; }

    /// <summary>Whether there is a second state, c.</summary>
    static abstract bool HasCellState { get; }

    /// <summary>Whether the value of the one gate is the new h, so that the layer's output is all that backward needs.</summary>
    static virtual bool GateIsState => false;

    /// <summary>How the recurrent product of the last gate enters.</summary>
    static abstract Recurrence Recurrence { get; }

    /// <summary>
    /// Whether the tape keeps pre-activations, and the <see cref="CellOperand{V}"/> of every method is there; otherwise the tape keeps
    /// gate values, and no method reads its operand.
    /// </summary>
    static abstract bool KeepsPreActivations { get; }

    /// <summary>
    /// Without a second state: pre-activations to what the tape keeps of the gates, old states to new ones. <paramref name="u"/> is the
    /// last gate's recurrent product where it is apart. Where it is gated, <see cref="Reset"/> has been.
    /// </summary>
    static virtual void Forward<V, T>(ref V g0, ref V g1, ref V g2, V u, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>With a second state: the same up to the new c, for which all gates but the last are enough.</summary>
    /// <remarks>
    /// In halves, because the compiler inlines no further once a method has 512 local variables, and every operation brings two or three:
    /// five activations are more than that. Halves also do not wait for each other, where tanh(c) would wait long for its c.
    /// </remarks>
    static virtual void CellState<V, T>(ref V g0, ref V g1, ref V g2, ref V c, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>With a second state: from the last gate and the new c to the new h.</summary>
    static virtual void Output<V, T>(ref V gate, V c, ref V h, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>
    /// What was kept of the gates to gradients of pre-activations; <paramref name="u"/> to its gradient where it is apart; dL/dh to the
    /// part of dL/dh′ that does not go through U; dL/dc to dL/dc′. Where the product is gated, g0 is left to <see cref="ResetBackward"/>.
    /// </summary>
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

    /// <summary>Gated only: g0 from pre-activation to what is kept of it.</summary>
    /// <returns>The gated state that the last gate's recurrent product is with.</returns>
    static virtual V Reset<V, T>(ref V g0, V previousH, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>
    /// Gated only: g0 from what was kept to the gradient of its pre-activation, given that of the gated state; adds to dL/dh′.
    /// </summary>
    static virtual void ResetBackward<V, T>(ref V g0, V previousH, V dGated, ref V dh, in CellOperand<V> operand)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();
}
