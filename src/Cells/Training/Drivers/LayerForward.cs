using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>Arguments of <see cref="LayerDriver{T}.Forward"/>.</summary>
internal readonly ref struct LayerForward<T>
{
    /// <summary>The parameters of the network, in.</summary>
    public required ReadOnlySpan<T> Parameters { get; init; }

    /// <summary>The shape of the batch.</summary>
    public required SequenceLayout Layout { get; init; }

    /// <summary>The state of the batch, in and out; that of the layers below is final.</summary>
    public required Span<T> State { get; init; }

    /// <summary>The input, in.</summary>
    public required MatrixView<T> X { get; init; }

    /// <summary>The rows at the start of a skip, in; none for another layer.</summary>
    public required MatrixView<T> Skipped { get; init; }

    /// <summary>The output, out.</summary>
    public required MatrixView<T> Y { get; init; }

    /// <summary>The layer's tape, out.</summary>
    public required Span<T> Tape { get; init; }

    /// <summary>Undefined before and after.</summary>
    public required Span<T> Workspace { get; init; }
}
