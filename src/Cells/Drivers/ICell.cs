using System.Diagnostics;
using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

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
    /// Pre-activations to gate values, old states to new ones. <paramref name="u"/> is the last gate's recurrent product where it is
    /// apart. Where it is gated, g0 is the reset gate's value already.
    /// </summary>
    static abstract void Forward<V, T>(ref V g0, ref V g1, ref V g2, ref V g3, V u, ref V h, ref V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>With a second state only: the first half of <see cref="Forward"/>, up to the new c.</summary>
    static virtual void CellState<V, T>(ref V g0, ref V g1, ref V g2, ref V c)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>With a second state only: the second half of <see cref="Forward"/>, from the new c to the new h.</summary>
    static virtual void Output<V, T>(ref V g3, V c, ref V h)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>
    /// Gate values to gradients of pre-activations; <paramref name="u"/> to its gradient where it is apart; dL/dh to the part of dL/dh′
    /// that does not go through U; dL/dc to dL/dc′. Where the product is gated, g0 is left to <see cref="ResetBackward"/>.
    /// </summary>
    static abstract void Backward<V, T>(
        ref V g0, ref V g1, ref V g2, ref V g3, ref V u, V previousH, V previousC, V c, ref V dh, ref V dc)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Gated only: g0 from pre-activation to value.</summary>
    /// <returns>The gated state that the last gate's recurrent product is with.</returns>
    static virtual V Reset<V, T>(ref V g0, V previousH)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();

    /// <summary>Gated only: g0 from value to gradient of its pre-activation, given that of the gated state; adds to dL/dh′.</summary>
    static virtual void ResetBackward<V, T>(ref V g0, V previousH, V dGated, ref V dh)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => throw new UnreachableException();
}
