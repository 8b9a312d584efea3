using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// The equations of a cell, pointwise over its units: one step forward and one step backward, written once for every width, precision and
/// engine. Products, directions, lengths and projections belong to the engines.
/// </summary>
/// <remarks>
/// <para>A step has one phase or two. <see cref="FirstPhase"/> computes for all units what <see cref="LastPhase"/> needs: an LSTM its c,
/// a gated cell the gated state, whose product with U runs between the phases. Two phases of an LSTM are faster than one, because tanh(c)
/// waits long for its c; and the compiler stops inlining once a method has 512 local variables, which five activations exceed.</para>
/// <para>Backward computes <see cref="LastPhase"/>. If the cell is gated, the gradient of its product and <see cref="FirstPhase"/>
/// follow.</para>
/// <para>The phase is a type, so the compiler drops the other one.</para>
/// </remarks>
internal interface ICell
{
    /// <summary>Number of gates: blocks of H rows in the weights.</summary>
    static abstract int Gates { get; }

    /// <summary>True if there is a second state, c.</summary>
    static abstract bool HasCellState { get; }

    /// <summary>True if the value of the one gate is the new h, so that backward needs the layer's output only.</summary>
    static virtual bool GateIsState => false;

    /// <summary>True if forward has a <see cref="FirstPhase"/>.</summary>
    static abstract bool HasFirstPhase { get; }

    /// <summary>The way in which the recurrent product of the last gate enters.</summary>
    static abstract Recurrence Recurrence { get; }

    /// <summary>One phase of a step forward, for the units of one register.</summary>
    void Forward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IForwardUnits<V>, allows ref struct;

    /// <summary>One phase of a step backward, for the units of one register.</summary>
    void Backward<V, T, TPhase, TUnits>(ref TUnits u)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPhase : struct
        where TUnits : struct, IBackwardUnits<V>, allows ref struct;
}
