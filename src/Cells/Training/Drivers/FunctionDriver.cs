using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A layer without a matrix: its <see cref="RowFunction{T}"/> over rows.</summary>
internal sealed class FunctionDriver<T>(StackLayer layer) : RowsDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly RowFunction<T> _function = RowFunctions.Create<T>(layer);

    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    /// <inheritdoc/>
    public override long TapeLength(int rows) => 0;

    /// <inheritdoc/>
    public override long ForwardWorkspaceLength(int rows) => 0;

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(int rows) => Arena<T>.LengthOf(rows);

    /// <inheritdoc/>
    public override void Forward(ReadOnlySpan<T> parameters, MatrixView<T> x, MatrixView<T> y, Span<T> tape, Span<T> workspace)
    {
        ReadOnlySpan<T> scale = In(layer.Scale, parameters), shift = In(layer.Shift, parameters);
        for (int row = 0; row < y.Rows; row++)
        {
            _function.Forward(x.Row(row), scale, shift, y.Row(row));
        }
    }

    /// <inheritdoc/>
    public override void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        in LayerRows<T> rows,
        ReadOnlySpan<T> tape,
        Span<T> gradients,
        Span<double> norms,
        Span<T> workspace)
    {
        AddNorms(layout, rows.Dy, norms, workspace);
        ReadOnlySpan<T> scale = In(layer.Scale, parameters);
        Span<T> dScale = layer.Scale is null ? default : layer.Scale.In(gradients);
        Span<T> dShift = layer.Shift is null ? default : layer.Shift.In(gradients);
        for (int row = 0; row < rows.Dy.Rows; row++)
        {
            _function.Backward(new RowGradient<T>
            {
                X = rows.X.Row(row),
                Scale = scale,
                Y = rows.Y.Row(row),
                Dy = rows.Dy.Row(row),
                Dx = rows.Dx.Rows > 0 ? rows.Dx.Row(row) : default,
                DScale = dScale,
                DShift = dShift,
            });
        }
    }

    private static ReadOnlySpan<T> In(ParameterSlot? slot, ReadOnlySpan<T> parameters) => slot is null ? default : slot.In(parameters);
}
