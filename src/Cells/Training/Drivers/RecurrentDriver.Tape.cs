using System.Runtime.InteropServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <content>What forward leaves for backward.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    /// <inheritdoc/>
    public override long TapeLength(SequenceLayout layout) =>
        Arena<T>.LengthOf((long)layout.Batch * StateSize)
        + Arena<T>.LengthOf((long)layout.Batch * CellStateSize)
        + Arena<T>.LengthOf((long)layout.Rows * TapeRow);

    // Views do not know read-only memory: forward writes through them, backward only reads.
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
        /// <summary>h before the first step, [N, P], the longest sequence first.</summary>
        public required MatrixView<T> InitialH { get; init; }

        /// <summary>c before the first step, [N, H], the longest sequence first; no columns for cells without one.</summary>
        public required MatrixView<T> InitialC { get; init; }

        /// <summary>
        /// What <see cref="CellShape{TCell}"/> says, one row per live step; of a cell whose one gate is its h, the output itself.
        /// </summary>
        public required MatrixView<T> Rows { get; init; }
    }
}
