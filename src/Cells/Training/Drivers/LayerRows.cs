using System.Numerics;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>The rows that backward of a dense layer, or of one direction of a recurrent one, reads and writes.</summary>
internal readonly ref struct LayerRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The layer's input, [R, I] in.</summary>
    public required MatrixView<T> X { get; init; }

    /// <summary>The direction's h or the layer's y, [R, P] in.</summary>
    public required MatrixView<T> Y { get; init; }

    /// <summary>Gradient of <see cref="Y"/> from above, [R, P] in.</summary>
    public required MatrixView<T> Dy { get; init; }

    /// <summary>Gradient of <see cref="X"/>, [R, I] out; no rows if it is not needed.</summary>
    public required MatrixView<T> Dx { get; init; }

    /// <summary>True if <see cref="Dx"/> is added to and not overwritten, as by a layer's second direction.</summary>
    public bool AddsToDx { get; init; }
}
