using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;

namespace SpanRnn.Cells.Inference;

/// <summary>One direction of a packed recurrent layer.</summary>
internal abstract class PackedRecurrent(int outputOffset, int cellOffset) : PackedLayer(outputOffset)
{
    /// <summary>Numbers in a row of pre-activations.</summary>
    public abstract int PreActivations { get; }

    /// <summary>Numbers in a row of c, its padding included; a cell without c has rows of the same size and does not use them.</summary>
    public abstract int CellWidth { get; }

    /// <summary>Offset of c in a state; −1 for none.</summary>
    public int CellOffset { get; } = cellOffset;

    /// <summary>Creates the layer of a description; its weights are packed later.</summary>
    public static PackedRecurrent Create<TWeights>(NetworkSpec spec, int layer, Direction direction, int outputOffset, int cellOffset)
        where TWeights : struct, IWeights =>
        CellTypes.Visit<PackedRecurrent, Make<TWeights>>(
            spec.Stack[layer].Recurrent!.For(direction), new Make<TWeights>(spec, layer, direction, outputOffset, cellOffset));

    /// <summary>Numbers in the workspace of <see cref="MultiplyInputs"/> and <see cref="StepRows"/> for these numbers of rows.</summary>
    public abstract long WorkspaceLength(int projectedRows, int stepRows);

    /// <summary>Pre-activations ← W·x + b for rows of any steps.</summary>
    public abstract void MultiplyInputs(MatrixView<float> x, MatrixView<float> preActivations, Span<float> workspace, bool backwards);

    /// <summary>Runs one step of rows whose pre-activations are W·x + b already: h and c in and out.</summary>
    public abstract void StepRows(
        MatrixView<float> preActivations, MatrixView<float> h, MatrixView<float> c, Span<float> workspace, bool backwards);

    private readonly struct Make<TWeights>(NetworkSpec spec, int layer, Direction direction, int outputOffset, int cellOffset)
        : ICellVisitor<PackedRecurrent>
        where TWeights : struct, IWeights
    {
        public PackedRecurrent Visit<TCell>(TCell cell)
            where TCell : struct, ICell => new PackedRecurrent<TCell, TWeights>(spec, layer, direction, cell, outputOffset, cellOffset);
    }
}
