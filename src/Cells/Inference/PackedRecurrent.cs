using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;

namespace SpanRnn.Cells.Inference;

/// <summary>One direction of a packed recurrent layer.</summary>
internal abstract class PackedRecurrent(int hidden, int cell) : PackedLayer(hidden)
{
    /// <summary>Numbers in a row of pre-activations.</summary>
    public abstract int PreActivations { get; }

    /// <summary>Numbers in a row of c, or of what a cell without one uses instead, and the room behind them.</summary>
    public abstract int CellWidth { get; }

    /// <summary>Where c lies in a state; −1 for none.</summary>
    public int Cell { get; } = cell;

    /// <summary>The layer of a description, yet without weights.</summary>
    public static PackedRecurrent Create<TWeights>(NetworkSpec spec, int layer, Direction direction, int hidden, int cell)
        where TWeights : struct, IWeights =>
        CellTypes.Visit<PackedRecurrent, Make<TWeights>>(
            spec.Layers[layer].For(direction), new Make<TWeights>(spec, layer, direction, hidden, cell));

    /// <summary>Numbers in the workspace of <see cref="Project"/> and <see cref="StepRows"/>.</summary>
    public abstract long WorkspaceLength(int projected, int advanced);

    /// <summary>Pre-activations ← W·x + b over rows of any steps.</summary>
    public abstract void Project(MatrixView<float> x, MatrixView<float> pre, Span<float> workspace, bool backwards);

    /// <summary>One step of rows whose pre-activations hold W·x + b: h and c in and out.</summary>
    public abstract void StepRows(
        MatrixView<float> pre, MatrixView<float> h, MatrixView<float> c, Span<float> workspace, bool backwards);

    private readonly struct Make<TWeights>(NetworkSpec spec, int layer, Direction direction, int hidden, int cell)
        : ICellVisitor<PackedRecurrent>
        where TWeights : struct, IWeights
    {
        public PackedRecurrent Visit<TCell>()
            where TCell : struct, ICell => new PackedRecurrent<TCell, TWeights>(spec, layer, direction, hidden, cell);
    }
}
