using System.Numerics;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>Arguments of <see cref="LayerDriver{T}.Backward"/>.</summary>
internal readonly ref struct LayerBackward<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The parameters of the network, in.</summary>
    public required ReadOnlySpan<T> Parameters { get; init; }

    /// <summary>The shape of the batch.</summary>
    public required SequenceLayout Layout { get; init; }

    /// <summary>Input and output of the layer, in, and their gradients.</summary>
    public required LayerRows<T> Rows { get; init; }

    /// <summary>The rows at the start of a skip, in; none for another layer.</summary>
    public required MatrixView<T> Skipped { get; init; }

    /// <summary>The gradient of what a skip adds, out, [rows, its features].</summary>
    public required MatrixView<T> DSkipped { get; init; }

    /// <summary>The gradient of the state of the batch, in and out; that of the layers below is still of their final states.</summary>
    public required Span<T> DState { get; init; }

    /// <summary>The layer's tape, in.</summary>
    public required ReadOnlySpan<T> Tape { get; init; }

    /// <summary>The gradients of the network's parameters, added to.</summary>
    public required Span<T> Gradients { get; init; }

    /// <summary>The norms of the steps, [T] added to, or empty.</summary>
    public required Span<double> Norms { get; init; }

    /// <summary>Undefined before and after.</summary>
    public required Span<T> Workspace { get; init; }
}
