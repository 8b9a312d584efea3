using SpanRnn.Cells.Sequences;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <content>Gradients of peephole weights.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
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
