using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Workers;

namespace SpanRnn.Cells.Training.Drivers;

/// <content>Gradients of the parameters: products over all rows, once the steps are done.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    // Rows of a block: as many as a product packs at a time. In a block, each gradient of a row takes 1 KiB, so 1024 gradients take 1 MiB.
    private static int BlockRows => MatrixProduct.BlockInner<T>(copied: true);

    /// <summary>Numbers in the workspace of the largest product after the steps, for one thread.</summary>
    private int ProductLength(SequenceLayout layout)
    {
        int widest = Math.Max(Math.Max(InputSize, StateSize), Projects ? HiddenSize : 0);
        int rows = Math.Min(layout.Rows, BlockRows);
        return checked((int)Arena<T>.LengthOf(MatrixProduct.WorkspaceLength<T>(Math.Max(GateRows, StateSize), rows, widest)));
    }

    /// <summary>
    /// Gradients of a partition of the rows of every tensor and of the input. It takes one block of the live rows at a time, so that
    /// gradients of pre-activations are read from memory once for all products. The recurrent side of the last gate is a case of its own:
    /// if it is apart, its gradient has its own columns; if it is gated, its product takes the gated state and not h′.
    /// </summary>
    private ref struct GradientWork : IWork
    {
        public required RecurrentDriver<T, TCell> Driver;
        public required Tape Tape;
        public required MatrixView<T> X;
        public required MatrixView<T> Da;
        public required MatrixView<T> EnteredH;
        public required MatrixView<T> DyTotal;
        public required Span<T> Gradients;

        /// <summary>∂L/∂x; no rows if it is not needed.</summary>
        public required MatrixView<T> Dx;

        /// <summary>True if <see cref="Dx"/> is added to and not overwritten.</summary>
        public required bool AddsToDx;

        /// <summary>W, for da·W.</summary>
        public required Panels<T> InputWeights;

        /// <summary>Sums of the gradients of pre-activations over all blocks, [GateRows].</summary>
        public required Span<T> BiasSums;

        public required Span<T> Products;
        public required int ProductLength;

        public readonly void Run(int part)
        {
            var rows = Partition.Of(Driver.GateRows, part, Driver.Parts);
            BiasSums.Slice(rows.First, rows.Count).Clear();
            for (int first = 0; first < Da.Rows; first += BlockRows)
            {
                int count = Math.Min(BlockRows, Da.Rows - first);
                AddWeights(part, first, count);
                if (Dx.Rows > 0)
                {
                    WriteDx(part, first, count);
                }
            }

            AddBiases(rows);
        }

        // dW += daᵀ·x, dU += daᵀ·h′ for the rows of a block.
        private readonly void AddWeights(int part, int first, int count)
        {
            RecurrentDriver<T, TCell> driver = Driver;
            Span<T> product = Products.Slice(part * ProductLength, ProductLength);
            var rows = Partition.Of(driver.GateRows, part, driver.Parts);
            (Partition plain, Partition last) = Split(rows);
            MatrixView<T> dW = Weights(driver.InputWeights, Gradients), dU = Weights(driver.RecurrentWeights, Gradients);
            MatrixView<T> x = X.RowRange(first, count), h = EnteredH.RowRange(first, count);
            MatrixView<T> block = Da.RowRange(first, count), da = block.ColumnRange(rows.First, rows.Count);
            MatrixView<T> dPlain = block.ColumnRange(plain.First, plain.Count);
            MatrixView<T> dLast = block.ColumnRange(driver.PlainRows + last.First, last.Count);
            MatrixView<T> dWLast = dW.RowRange(driver.PlainRows + last.First, last.Count);
            MatrixView<T> dULast = dU.RowRange(driver.PlainRows + last.First, last.Count);
            AddProducts(dPlain, x, dW.RowRange(plain.First, plain.Count), h, dU.RowRange(plain.First, plain.Count), product);
            if (TCell.Recurrence == Recurrence.Apart)
            {
                MatrixView<T> dCandidate = driver.Candidate(block).ColumnRange(last.First, last.Count);
                AddProducts(dLast, x, dWLast, default, default, product);
                AddProducts(dCandidate, h, dULast, default, default, product);
                if (driver.HasBiases)
                {
                    MatrixProduct.AddColumnSums(
                        dCandidate, driver.RecurrentBias.In(Gradients).Slice(driver.PlainRows + last.First, last.Count));
                }
            }
            else if (TCell.Recurrence == Recurrence.Gated)
            {
                AddProducts(dLast, x, dWLast, driver.Candidate(Tape.Rows.RowRange(first, count)), dULast, product);
            }

            if (driver.HasBiases)
            {
                MatrixProduct.AddColumnSums(da, BiasSums.Slice(rows.First, rows.Count));
            }

            if (driver.ProjectionWeights is not null)
            {
                var projected = Partition.Of(driver.StateSize, part, driver.Parts);
                AddProducts(
                    DyTotal.RowRange(first, count).ColumnRange(projected.First, projected.Count),
                    driver.Unprojected(Tape.Rows.RowRange(first, count)),
                    Weights(driver.ProjectionWeights, Gradients).RowRange(projected.First, projected.Count),
                    default,
                    default,
                    product);
            }
        }

        // ∂L/∂x for a partition of the rows of a block.
        private readonly void WriteDx(int part, int first, int count)
        {
            var rows = Partition.Of(count, part, Driver.Parts);
            MatrixView<T> da = Driver.Gates(Da).RowRange(first + rows.First, rows.Count);
            MatrixView<T> dx = Dx.RowRange(first + rows.First, rows.Count);
            if (rows.Count == 0)
            {
                return;
            }

            if (AddsToDx)
            {
                MatrixProduct.MultiplyAdd(da, InputWeights, dx);
            }
            else
            {
                MatrixProduct.Multiply(da, InputWeights, dx);
            }
        }

        // Both biases of a gate have the same gradient, except for the candidate's recurrent bias if it is apart.
        private readonly void AddBiases(Partition rows)
        {
            if (Driver.HasBiases)
            {
                int shared = TCell.Recurrence == Recurrence.Apart ? Split(rows).Plain.Count : rows.Count;
                AddRow(BiasSums.Slice(rows.First, rows.Count), Driver.InputBias.In(Gradients).Slice(rows.First, rows.Count));
                AddRow(BiasSums.Slice(rows.First, shared), Driver.RecurrentBias.In(Gradients).Slice(rows.First, shared));
            }
        }

        // Splits a partition of all gates' rows: rows of the gates that take U·h′ plainly, and rows of a last gate that does not.
        private readonly (Partition Plain, Partition Last) Split(Partition rows)
        {
            int plainRows = Driver.PlainRows;
            int first = Math.Min(rows.First, plainRows), last = Math.Max(rows.First, plainRows) - plainRows;
            return (new Partition(first, Math.Min(rows.End, plainRows) - first),
                new Partition(last, Math.Max(rows.End, plainRows) - plainRows - last));
        }

        private static void AddRow(ReadOnlySpan<T> row, Span<T> sums) =>
            MatrixProduct.Add(new MatrixView<T>(row, 1, row.Length), new MatrixView<T>(sums, 1, sums.Length));

        // dW += daᵀ·x, and dU += daᵀ·h unless dU has no rows; da is copied once for both.
        private static void AddProducts(
            MatrixView<T> da, MatrixView<T> x, MatrixView<T> dW, MatrixView<T> h, MatrixView<T> dU, Span<T> product)
        {
            for (int first = 0; first < da.Columns; first += MatrixProduct.CopiedRows)
            {
                int count = Math.Min(MatrixProduct.CopiedRows, da.Columns - first);
                int length = OperandA<T>.Length(count, da.Rows);
                var left = OperandA<T>.Pack(da.ColumnRange(first, count).Transposed, product[..length]);
                MatrixProduct.MultiplyCopiedAdd(left, x, dW.RowRange(first, count), product[length..]);
                if (dU.Rows > 0)
                {
                    MatrixProduct.MultiplyCopiedAdd(left, h, dU.RowRange(first, count), product[length..]);
                }
            }
        }
    }

    /// <summary>dp_i += Σ da_i ⊙ c′, dp_f += Σ da_f ⊙ c′, dp_o += Σ da_o ⊙ c over all rows, from step 0 on.</summary>
    private void AddPeepholeGradients(SequenceLayout layout, in Tape saved, MatrixView<T> da, Span<T> gradients)
    {
        if (Peepholes is null)
        {
            return;
        }

        // The rows are i f o, or i o if the gates are coupled; g, the gate before o, has no peephole.
        MatrixView<T> weights = Weights(Peepholes, gradients);
        for (int step = 0; step < layout.Steps; step++)
        {
            (Segment carried, Segment started) = Segment.Of(layout, Direction, step);
            for (int gate = 0; gate < TCell.Gates - 2; gate++)
            {
                AddProducts(Block(da, gate), PreviousC(saved, carried), carried, weights.RowRange(gate, 1));
                AddProducts(Block(da, gate), PreviousC(saved, started), started, weights.RowRange(gate, 1));
            }
        }

        var all = new Segment(0, 0, layout.Rows, 0, IsFirstStep: false);
        AddProducts(Block(da, TCell.Gates - 1), CellStates(saved.Rows), all, weights.RowRange(TCell.Gates - 2, 1));
    }

    /// <summary>dp += Σ da ⊙ c over the rows of a segment; c has the rows of the segment only.</summary>
    private static void AddProducts(MatrixView<T> da, MatrixView<T> c, in Segment segment, MatrixView<T> dp)
    {
        for (int row = 0; row < segment.Count; row++)
        {
            MatrixProduct.MultiplyElementsAdd(da.RowRange(segment.First + row, 1), c.RowRange(row, 1), dp);
        }
    }
}
