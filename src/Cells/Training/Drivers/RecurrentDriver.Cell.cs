using System.Numerics;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Workers;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>The driver of one cell: code that forward and backward share, and the tape between them.</summary>
/// <typeparam name="T">The precision.</typeparam>
/// <typeparam name="TCell">The cell's equations.</typeparam>
internal sealed partial class RecurrentDriver<T, TCell>(
    NetworkSpec spec, int layer, Direction direction, TCell cell, WorkerPool? workers)
    : RecurrentDriver<T>(spec, layer, direction)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly TCell _cell = cell;

    /// <summary>Number of parts that work is divided into: one for each thread.</summary>
    private int Parts => workers?.Threads ?? 1;

    private bool Projects => ProjectionWeights is not null;

    private int CellStateSize => TCell.HasCellState ? HiddenSize : 0;

    /// <summary>Rows of the weights: G·H.</summary>
    private int GateRows => TCell.Gates * HiddenSize;

    /// <summary>Rows of the weights of the gates that take U·h′ plainly, which are the first rows.</summary>
    private int PlainRows => CellShape<TCell>.PlainGates * HiddenSize;

    /// <summary>Numbers in the bias that sums start from.</summary>
    private int BiasLength => GateRows + (TCell.Recurrence == Recurrence.Apart ? HiddenSize : 0);

    /// <summary>Numbers on the tape per row.</summary>
    private int TapeRow => TCell.GateIsState ? 0 : (CellShape<TCell>.UnprojectedBlock + (Projects ? 1 : 0)) * HiddenSize;

    private void RunParts<TWork>(ref TWork work)
        where TWork : struct, IWork, allows ref struct
    {
        if (workers is null)
        {
            work.Run(0);
        }
        else
        {
            workers.Run(ref work, Parts);
        }
    }

    /// <summary>Numbers in a workspace for the panels of W [rows, columns], for x·Wᵀ.</summary>
    private static long PackedLength(int rows, int columns) => Arena<T>.LengthOf(Panels<T>.Length(columns, rows));

    /// <summary>Packs W, for x·Wᵀ, into the next piece of <paramref name="scratch"/>; all steps of a sequence read it.</summary>
    private static Panels<T> Pack(MatrixView<T> weights, ref Arena<T> scratch) =>
        Panels<T>.Pack(weights.Transposed, scratch.Take((int)Panels<T>.Length(weights.Columns, weights.Rows)));

    private static MatrixView<T> Weights(ParameterSlot slot, ReadOnlySpan<T> parameters) =>
        new(slot.In(parameters), slot.Rows, slot.Columns);

    /// <summary>The rows of U of the gates that take U·h′ plainly.</summary>
    private MatrixView<T> PlainRecurrent(ReadOnlySpan<T> parameters) => Weights(RecurrentWeights, parameters).RowRange(0, PlainRows);

    /// <summary>The rows of U of the last gate; none if it takes U·h′ plainly.</summary>
    private MatrixView<T> LastRecurrent(ReadOnlySpan<T> parameters) =>
        Weights(RecurrentWeights, parameters).RowRange(PlainRows, GateRows - PlainRows);

    /// <summary>The peephole weights, a row of H numbers for each gate but g; no rows if the layer has none.</summary>
    private MatrixView<T> PeepholeRows(ReadOnlySpan<T> parameters) =>
        Peepholes is null ? default : Weights(Peepholes, parameters);

    private MatrixView<T> Gates(MatrixView<T> rows) => rows.ColumnRange(0, GateRows);

    private MatrixView<T> PlainGates(MatrixView<T> rows) => rows.ColumnRange(0, PlainRows);

    /// <summary>The last gate of a cell, if it does not take U·h′ plainly.</summary>
    private MatrixView<T> LastGate(MatrixView<T> rows) => rows.ColumnRange(PlainRows, HiddenSize);

    private MatrixView<T> Candidate(MatrixView<T> rows) => Block(rows, CellShape<TCell>.CandidateBlock);

    private MatrixView<T> CellStates(MatrixView<T> tape) =>
        TCell.HasCellState ? Block(tape, CellShape<TCell>.CellStateBlock) : default;

    private MatrixView<T> Unprojected(MatrixView<T> tape) => Block(tape, CellShape<TCell>.UnprojectedBlock);

    private MatrixView<T> Block(MatrixView<T> rows, int block) => rows.ColumnRange(block * HiddenSize, HiddenSize);

    /// <summary>
    /// Writes the <see cref="BiasLength"/> numbers that sums start from: the sum of both biases of each gate. If the candidate is apart, it
    /// has its input bias only, and its recurrent bias follows behind all gates. Zeros without biases.
    /// </summary>
    private void WriteBias(ReadOnlySpan<T> parameters, Span<T> row)
    {
        row.Clear();
        if (!HasBiases)
        {
            return;
        }

        ReadOnlySpan<T> recurrentBias = RecurrentBias.In(parameters);
        int added = TCell.Recurrence == Recurrence.Apart ? PlainRows : GateRows;
        InputBias.In(parameters).CopyTo(row);
        MatrixProduct.Add(new(recurrentBias, 1, added), new MatrixView<T>(row, 1, added));
        if (TCell.Recurrence == Recurrence.Apart)
        {
            recurrentBias[added..].CopyTo(row[GateRows..]);
        }
    }

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
