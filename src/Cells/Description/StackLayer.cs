using System.Diagnostics.CodeAnalysis;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Description;

/// <summary>A layer of the stack (<see cref="NetworkSpec.Stack"/>): the rows that it reads, and the columns that it writes.</summary>
internal sealed class StackLayer
{
    /// <summary>The layer itself; a head is a dense layer here.</summary>
    public required LayerSpec Spec { get; init; }

    /// <summary>Numbers in a row of the input.</summary>
    public required int InputSize { get; init; }

    /// <summary>Numbers in a row of the output.</summary>
    public required int OutputSize { get; init; }

    /// <summary>The layer itself if it is recurrent.</summary>
    public RecurrentLayer? Recurrent => Spec as RecurrentLayer;

    /// <summary>The layer itself if it is dense.</summary>
    public DenseLayer? Dense => Spec as DenseLayer;

    /// <summary>Rows that the layer reads. It writes as many rows.</summary>
    public required LayerInput Input { get; init; }

    /// <summary>True if the layer has one row per sequence, and not one row per live step.</summary>
    public bool IsPerSequence => Input != LayerInput.Steps;

    /// <summary>True if the input is gathered from the end of every sequence in the layer below, which is recurrent.</summary>
    public bool ReadsSequenceEnds => Input is LayerInput.FinalStates or LayerInput.LastOutputs;

    /// <summary>The state h of each direction; a dense layer has none.</summary>
    public required StateSlot[] HiddenStates { get; init; }

    /// <summary>True if the layer is dense.</summary>
    [MemberNotNullWhen(true, nameof(Weights))]
    public bool IsDense => Weights is not null;

    /// <summary>W of a dense layer.</summary>
    public ParameterSlot? Weights { get; init; }

    /// <summary>b of a dense layer, or null for none.</summary>
    public ParameterSlot? Bias { get; init; }

    /// <summary>s of a layer that computes every row on its own without a matrix, or null for none.</summary>
    public ParameterSlot? Scale { get; init; }

    /// <summary>t of such a layer, or null for none.</summary>
    public ParameterSlot? Shift { get; init; }

    /// <summary>ν of a dense layer.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>Number of the network's inputs that are added to the output, from the first one on.</summary>
    public int Skip { get; init; }

    /// <summary>Number of rows of the layer in a batch.</summary>
    /// <param name="liveRows">R, the live rows of all steps.</param>
    /// <param name="sequences">N.</param>
    public int Rows(int liveRows, int sequences) => IsPerSequence ? sequences : liveRows;

    /// <summary>The columns of one direction in rows of a recurrent layer's output: the directions are side by side.</summary>
    public MatrixView<T> Columns<T>(MatrixView<T> output, int direction) =>
        output.ColumnRange(direction * Recurrent!.StateSize, Recurrent.StateSize);
}
