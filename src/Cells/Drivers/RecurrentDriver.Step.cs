using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <content>One step of one stream.</content>
internal sealed partial class RecurrentDriver<T, TCell>
{
    /// <inheritdoc/>
    public override long StepWorkspaceLength => Carver<T>.Room(TapeRow);

    /// <inheritdoc/>
    public override void Step(ReadOnlySpan<T> parameters, MatrixView<T> x, Span<T> state, Span<T> workspace)
    {
        MatrixView<T> row = new(workspace, 1, TapeRow);
        WriteBias(parameters, row.Row(0));
        new RightSide<T>(Weights(InputWeights, parameters)).MultiplyAdd(x, Gates(row));

        MatrixView<T> h = new(HiddenState.In(state, 1), 1, StateSize);
        MatrixView<T> c = CellState is null ? default : new(CellState.In(state, 1), 1, HiddenSize);
        StepWeights<T> weights = new()
        {
            Plain = new(PlainRecurrent(parameters)),
            LastGate = new(LastRecurrent(parameters)),
            Projection = ProjectionWeights is null ? default : new(Weights(ProjectionWeights, parameters)),
        };
        Advance(row, h, c, weights, h);
        if (TCell.HasCellState)
        {
            CellStates(row).Row(0).CopyTo(c.Row(0));
        }
    }
}
