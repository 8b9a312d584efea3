using System.Numerics;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>The rows that one direction of a layer, or a dense one, reads and writes on its way back.</summary>
internal readonly ref struct LayerGradients<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The layer's input, [R, I] in.</summary>
    public required MatrixView<T> X { get; init; }

    /// <summary>The direction's h or the layer's y, [R, P] in.</summary>
    public required MatrixView<T> Y { get; init; }

    /// <summary>Gradient of <see cref="Y"/> from above, [R, P] in.</summary>
    public required MatrixView<T> Dy { get; init; }

    /// <summary>Gradient of <see cref="X"/>, [R, I] out; no rows where nobody wants it.</summary>
    public required MatrixView<T> Dx { get; init; }

    /// <summary>Whether to add to <see cref="Dx"/>, as a layer's second direction does, and not to overwrite it.</summary>
    public bool AddsToDx { get; init; }
}
