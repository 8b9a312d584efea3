using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Inference;

/// <summary>Arguments of <see cref="PackedRows.Run"/>.</summary>
internal readonly ref struct PackedCall
{
    /// <summary>The shape of the batch.</summary>
    public required BatchShape Shape { get; init; }

    /// <summary>The input, in.</summary>
    public required MatrixView<float> X { get; init; }

    /// <summary>The rows at the start of a skip, in; none for another layer.</summary>
    public required MatrixView<float> Skipped { get; init; }

    /// <summary>The output, [rows, Width] out.</summary>
    public required MatrixView<float> Y { get; init; }

    /// <summary>The states of the sequences, in and out; those of the layers below are final.</summary>
    public required ReadOnlySpan<StreamState> States { get; init; }

    /// <summary>Undefined before and after.</summary>
    public required Span<float> Workspace { get; init; }

    /// <summary>True if the weights are read from the last to the first.</summary>
    public required bool Backwards { get; init; }
}
