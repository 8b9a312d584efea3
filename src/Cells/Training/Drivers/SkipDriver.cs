using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A <see cref="SkipLayer"/>: the rows at the start of a stretch are added to those at its end.</summary>
internal sealed class SkipDriver<T>(StackLayer layer, SkipLayer skip) : LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _features = skip.FeaturesOf(layer.InputSize);

    /// <inheritdoc/>
    public override long ForwardWorkspaceLength(SequenceLayout layout) => Arena<T>.LengthOf(_features);

    /// <inheritdoc/>
    public override long BackwardWorkspaceLength(SequenceLayout layout) =>
        (2 * Arena<T>.LengthOf(_features)) + Arena<T>.LengthOf(layer.InputRows(layout.Rows, layout.Batch));

    /// <inheritdoc/>
    public override void Forward(in LayerForward<T> call)
    {
        ReadOnlySpan<T> factors = SkipFunction.Factors(In(layer.Scale, call.Parameters), _features, call.Workspace);
        for (int row = 0; row < call.Y.Rows; row++)
        {
            SkipFunction.Forward(call.X.Row(row), call.Skipped.Row(row), factors, _features, call.Y.Row(row));
        }
    }

    /// <inheritdoc/>
    public override void Backward(in LayerBackward<T> call)
    {
        Arena<T> scratch = new(call.Workspace);
        MatrixView<T> dy = call.Rows.Dy;
        AddNorms(call.Layout, dy, call.Norms, scratch.Take(dy.Rows));
        ReadOnlySpan<T> factors = SkipFunction.Factors(In(layer.Scale, call.Parameters), _features, scratch.Take(_features));
        Span<T> dScale = In(layer.Scale, call.Gradients);

        // The gradient of a factor for all features is the sum of those of a factor for each.
        Span<T> dFactors = skip.Scale == SkipScale.One ? scratch.Take(_features) : dScale;
        if (skip.Scale == SkipScale.One)
        {
            dFactors.Clear();
        }

        for (int row = 0; row < dy.Rows; row++)
        {
            ReadOnlySpan<T> added = dy.Row(row)[.._features];
            AffineKernel<T>.Compute(added, factors, default, call.DSkipped.Row(row));
            if (!dFactors.IsEmpty)
            {
                AffineKernel<T>.Compute(added, call.Skipped.Row(row)[.._features], dFactors, dFactors);
            }
        }

        if (call.Rows.Dx.Rows > 0)
        {
            MatrixProduct.Copy(dy, call.Rows.Dx);
        }

        if (skip.Scale == SkipScale.One)
        {
            foreach (T dFactor in dFactors)
            {
                dScale[0] += dFactor;
            }
        }
    }
}
