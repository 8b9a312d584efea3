using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A layer without a matrix: its <see cref="RowFunction{T}"/> over rows.</summary>
internal sealed class FunctionDriver<T>(StackLayer layer) : LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly RowFunction<T> _function = RowFunctions.Create<T>(layer);

    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(SequenceLayout layout) =>
        Arena<T>.LengthOf(layer.InputRows(layout.Rows, layout.Batch));

    /// <inheritdoc/>
    public override void Forward(in LayerForward<T> call)
    {
        ReadOnlySpan<T> scale = In(layer.Scale, call.Parameters), shift = In(layer.Shift, call.Parameters);
        for (int row = 0; row < call.Y.Rows; row++)
        {
            _function.Forward(call.X.Row(row), scale, shift, call.Y.Row(row));
        }
    }

    /// <inheritdoc/>
    public override void Backward(in LayerBackward<T> call)
    {
        AddNorms(call.Layout, call.Rows.Dy, call.Norms, call.Workspace);
        ReadOnlySpan<T> scale = In(layer.Scale, call.Parameters);
        Span<T> dScale = In(layer.Scale, call.Gradients), dShift = In(layer.Shift, call.Gradients);
        for (int row = 0; row < call.Rows.Dy.Rows; row++)
        {
            _function.Backward(new RowGradient<T>
            {
                X = call.Rows.X.Row(row),
                Scale = scale,
                Y = call.Rows.Y.Row(row),
                Dy = call.Rows.Dy.Row(row),
                Dx = call.Rows.Dx.Rows > 0 ? call.Rows.Dx.Row(row) : default,
                DScale = dScale,
                DShift = dShift,
            });
        }
    }
}
