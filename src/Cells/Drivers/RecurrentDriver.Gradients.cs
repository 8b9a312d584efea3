using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <content>Gradients of the parameters: products over all rows, once the steps are done.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    /// <summary>Numbers in the workspace of the largest product after the steps, for one thread.</summary>
    private int ProductLength(SequenceLayout layout)
    {
        int widest = Math.Max(Math.Max(InputSize, StateSize), Projects ? HiddenSize : 0);
        int inputGradient = MatrixProduct.WorkspaceLength<T>(layout.Rows, GateRows, InputSize);
        int product = Math.Max(inputGradient, MatrixProduct.WorkspaceLength<T>(Math.Max(GateRows, StateSize), layout.Rows, widest));
        return checked((int)Carver<T>.Room(Math.Max(product, GateRows)));
    }

    /// <summary>
    /// A share of the rows of every tensor. The recurrent side of the last gate has its gradient in a block of its own where it is apart,
    /// and another factor, the gated state, where that is gated.
    /// </summary>
    private ref struct GradientWork : IWork
    {
        public required RecurrentDriver<T, TCell> Driver;
        public required Tape Tape;
        public required MatrixView<T> X;
        public required MatrixView<T> PreActivations;
        public required MatrixView<T> PreviousH;
        public required MatrixView<T> DyTotal;
        public required Span<T> Gradients;
        public required Span<T> Products;
        public required int ProductLength;

        public readonly void Run(int part)
        {
            RecurrentDriver<T, TCell> driver = Driver;
            Span<T> product = Products.Slice(part * ProductLength, ProductLength);
            var rows = Share.Of(driver.GateRows, part, driver.Parts);
            var plain = new Share(Math.Min(rows.First, driver.PlainRows), 0);
            plain = plain with { Count = Math.Min(rows.End, driver.PlainRows) - plain.First };
            var last = new Share(Math.Max(rows.First, driver.PlainRows) - driver.PlainRows, 0);
            last = last with { Count = Math.Max(rows.End, driver.PlainRows) - driver.PlainRows - last.First };

            MatrixView<T> da = PreActivations;
            MatrixView<T> dLast = TCell.Recurrence == Recurrence.Apart ? driver.Candidate(da)
                : TCell.Recurrence == Recurrence.Gated ? driver.LastGate(da)
                : da.ColumnRange(0, 0);
            dLast = dLast.ColumnRange(last.First, last.Count);
            MatrixView<T> lastFactor = TCell.Recurrence == Recurrence.Gated ? driver.Candidate(Tape.Rows) : PreviousH;
            AddProduct(da.ColumnRange(rows.First, rows.Count), X, Weights(driver.InputWeights, Gradients), rows.First, product);
            AddProduct(da.ColumnRange(plain.First, plain.Count), PreviousH, driver.PlainRecurrent(Gradients), plain.First, product);
            AddProduct(dLast, lastFactor, driver.LastRecurrent(Gradients), last.First, product);
            if (driver.InputBias is not null && driver.RecurrentBias is not null)
            {
                // Both biases of a gate have one gradient, but where the candidate's recurrent one is apart.
                Span<T> sums = product[..rows.Count];
                sums.Clear();
                MatrixProduct.AddColumnSums(da.ColumnRange(rows.First, rows.Count), sums);
                AddRow(sums, driver.InputBias.In(Gradients).Slice(rows.First, rows.Count));
                int shared = TCell.Recurrence == Recurrence.Apart ? plain.Count : rows.Count;
                Span<T> recurrentBias = driver.RecurrentBias.In(Gradients);
                AddRow(sums[..shared], recurrentBias.Slice(rows.First, shared));
                if (TCell.Recurrence == Recurrence.Apart)
                {
                    MatrixProduct.AddColumnSums(dLast, recurrentBias.Slice(driver.PlainRows + last.First, last.Count));
                }
            }

            if (driver.ProjectionWeights is not null)
            {
                var projected = Share.Of(driver.StateSize, part, driver.Parts);
                AddProduct(
                    DyTotal.ColumnRange(projected.First, projected.Count),
                    driver.Unprojected(Tape.Rows),
                    Weights(driver.ProjectionWeights, Gradients),
                    projected.First,
                    product);
            }
        }

        private static void AddRow(ReadOnlySpan<T> row, Span<T> sums) =>
            MatrixProduct.Add(new MatrixView<T>(row, 1, row.Length), new MatrixView<T>(sums, 1, sums.Length));

        // Rows of dW from first on += daᵀ·x
        private static void AddProduct(MatrixView<T> da, MatrixView<T> x, MatrixView<T> gradients, int first, Span<T> product) =>
            MatrixProduct.MultiplyAdd(da.Transposed, x, gradients.RowRange(first, da.Columns), product);
    }
}
