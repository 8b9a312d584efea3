using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Description;

/// <summary>A layer of the stack (<see cref="NetworkSpec.Stack"/>): the rows that it reads, and the columns that it writes.</summary>
internal sealed class StackLayer
{
    /// <summary>Index of the layer.</summary>
    public required int Index { get; init; }

    /// <summary>The layer itself.</summary>
    public required LayerSpec Spec { get; init; }

    /// <summary>Numbers in a row of the input.</summary>
    public required int InputSize { get; init; }

    /// <summary>Numbers in a row of the output.</summary>
    public required int OutputSize { get; init; }

    /// <summary>The layer itself if it is recurrent.</summary>
    public RecurrentLayer? Recurrent => Spec as RecurrentLayer;

    /// <summary>True if the layer reads one row per sequence, and not one row per live step.</summary>
    public required bool ReadsSequences { get; init; }

    /// <summary>True if the layer writes one row per sequence, and not one row per live step.</summary>
    public bool WritesSequences => ReadsSequences || Spec.PoolsSteps;

    /// <summary>The states that the layer has: h and c of each direction, or what a pooling has so far.</summary>
    public required StateSlot[] States { get; init; }

    /// <summary>The states of layers below that are the output of the layer, in their order there.</summary>
    public required StateSlot[] ReadStates { get; init; }

    /// <summary>
    /// True if dropout between layers masks the input: of every recurrent and dense layer but the first, and but a dense layer on top of
    /// all others, the head.
    /// </summary>
    public required bool HasInputDropout { get; init; }

    /// <summary>W of a dense layer, w of attention.</summary>
    public ParameterSlot? Weights { get; init; }

    /// <summary>b of a dense layer, or null for none.</summary>
    public ParameterSlot? Bias { get; init; }

    /// <summary>s of a layer without a matrix, or null for none.</summary>
    public ParameterSlot? Scale { get; init; }

    /// <summary>t of such a layer, or null for none.</summary>
    public ParameterSlot? Shift { get; init; }

    /// <summary>Number of rows of the input in a batch.</summary>
    /// <param name="liveRows">R, the live rows of all steps.</param>
    /// <param name="sequences">N.</param>
    public int InputRows(int liveRows, int sequences) => ReadsSequences ? sequences : liveRows;

    /// <summary>Number of rows of the output in a batch.</summary>
    /// <param name="liveRows">R, the live rows of all steps.</param>
    /// <param name="sequences">N.</param>
    public int OutputRows(int liveRows, int sequences) => WritesSequences ? sequences : liveRows;

    /// <summary>The columns of one direction in rows of a recurrent layer's output: the directions are side by side.</summary>
    public MatrixView<T> Columns<T>(MatrixView<T> output, int direction) =>
        output.ColumnRange(direction * Recurrent!.StateSize, Recurrent.StateSize);
}
