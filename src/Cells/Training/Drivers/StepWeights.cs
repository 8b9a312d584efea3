using System.Numerics;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>The packed weights of a forward step, and the operands of the cell's variant.</summary>
internal readonly ref struct StepWeights<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The rows of U of the gates that take U·h′ plainly.</summary>
    public required Panels<T> Plain { get; init; }

    /// <summary>The rows of U of the last gate, if it does not take U·h′ plainly; else no rows.</summary>
    public required Panels<T> LastGate { get; init; }

    /// <summary>The bias of the last gate's product if it is apart, [H]; else empty.</summary>
    public required ReadOnlySpan<T> CandidateBias { get; init; }

    /// <summary>The projection, if the layer has one.</summary>
    public required Panels<T> Projection { get; init; }

    /// <summary>The description and the peepholes of the layer.</summary>
    public required LayerOperand<T> Operand { get; init; }
}
