using System.Numerics;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>What a step multiplies h by, and what the cell's variant needs to know.</summary>
internal readonly ref struct StepWeights<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The rows of U whose product enters plainly.</summary>
    public required Panels<T> Plain { get; init; }

    /// <summary>The rows of U of a last gate whose product does not; of no use to other cells.</summary>
    public required Panels<T> LastGate { get; init; }

    /// <summary>The bias of the last gate's product where that is apart, [H]; else nothing.</summary>
    public required ReadOnlySpan<T> CandidateBias { get; init; }

    /// <summary>The projection of a layer that has one.</summary>
    public required Panels<T> Projection { get; init; }

    /// <summary>The description and the peepholes of the layer.</summary>
    public required LayerOperand<T> Operand { get; init; }
}
