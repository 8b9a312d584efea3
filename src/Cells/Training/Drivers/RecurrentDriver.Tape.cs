using System.Runtime.InteropServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <content>The tape, which forward writes and backward reads.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    /// <inheritdoc/>
    public override long TapeLength(SequenceLayout layout) =>
        Arena<T>.LengthOf((long)layout.Batch * StateSize)
        + Arena<T>.LengthOf((long)layout.Batch * CellStateSize)
        + Arena<T>.LengthOf((long)layout.Rows * TapeRow);

    // A view does not know that memory is read-only: forward writes through it, backward only reads.
    private Tape Open(SequenceLayout layout, ReadOnlySpan<T> tape, MatrixView<T> y)
    {
        Arena<T> pieces = new(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(tape), tape.Length));
        return new Tape
        {
            InitialH = pieces.Take(layout.Batch, StateSize),
            InitialC = pieces.Take(layout.Batch, CellStateSize),
            Rows = TCell.GateIsState ? y : pieces.Take(layout.Rows, TapeRow),
        };
    }

    /// <summary>h of the step before, for the rows of a segment.</summary>
    private static MatrixView<T> PreviousH(in Tape tape, MatrixView<T> y, in Segment segment) =>
        (segment.IsFirstStep ? tape.InitialH : y).RowRange(segment.Previous, segment.Count);

    /// <summary>c of the step before, for the rows of a segment.</summary>
    private MatrixView<T> PreviousC(in Tape tape, in Segment segment) => TCell.HasCellState
        ? (segment.IsFirstStep ? tape.InitialC : CellStates(tape.Rows)).RowRange(segment.Previous, segment.Count)
        : default;

    /// <summary>The pieces of a tape.</summary>
    private readonly ref struct Tape
    {
        /// <summary>The initial h, [N, P] by sorted index.</summary>
        public required MatrixView<T> InitialH { get; init; }

        /// <summary>The initial c, [N, H] by sorted index; no columns for cells without c.</summary>
        public required MatrixView<T> InitialC { get; init; }

        /// <summary>
        /// A tape row of <see cref="CellShape{TCell}"/> for each live row; the output itself if the cell's one gate is its h.
        /// </summary>
        public required MatrixView<T> Rows { get; init; }
    }
}
