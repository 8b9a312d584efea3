using System.Numerics;
using SpanRnn.Cells.Description;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>A layer that is not recurrent, over all rows of a batch.</summary>
internal abstract class LayerDriver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>True if backward reads the output.</summary>
    public virtual bool NeedsOutput => false;

    /// <summary>Makes the driver of a layer; null if it is recurrent.</summary>
    public static LayerDriver<T>? Create(StackLayer layer) => layer.Spec switch
    {
        RecurrentLayer => null,
        DenseLayer dense => new DenseDriver<T>(layer, dense),
        PoolLayer pool => new PoolDriver<T>(layer, pool),
        StepLayer step => new StepDriver<T>(step.Step),
        AttentionLayer => new AttentionDriver<T>(layer),
        FinalStateLayer => new FinalStateDriver<T>(layer),
        SkipLayer skip => new SkipDriver<T>(layer, skip),
        _ => new FunctionDriver<T>(layer),
    };

    /// <summary>Numbers on the tape.</summary>
    public virtual long TapeLength(SequenceLayout layout) => 0;

    /// <summary>Numbers in the workspace of <see cref="Forward"/>.</summary>
    public virtual long ForwardWorkspaceLength(SequenceLayout layout) => 0;

    /// <summary>Numbers in the workspace of <see cref="Backward"/>.</summary>
    public virtual long BackwardWorkspaceLength(SequenceLayout layout) => 0;

    /// <summary>y ← f(x); the tape is filled for <see cref="Backward"/>.</summary>
    public abstract void Forward(in LayerForward<T> call);

    /// <summary>Adds to the gradients, and ∂L/∂x ← its gradient if it is needed.</summary>
    public abstract void Backward(in LayerBackward<T> call);

    /// <summary>The numbers of a parameter; none if the layer does not have it.</summary>
    protected static ReadOnlySpan<T> In(ParameterSlot? slot, ReadOnlySpan<T> parameters) => slot is null ? default : slot.In(parameters);

    /// <inheritdoc cref="In(ParameterSlot?, ReadOnlySpan{T})"/>
    protected static Span<T> In(ParameterSlot? slot, Span<T> gradients) => slot is null ? default : slot.In(gradients);

    /// <summary>
    /// norms [T] or empty: norm ← √(norm² + ‖∂L/∂y‖²) of each step; <paramref name="scratch"/> has a number for each row.
    /// </summary>
    protected static void AddNorms(SequenceLayout layout, MatrixView<T> dy, Span<double> norms, Span<T> scratch)
    {
        Span<T> rowNorms = scratch[..(norms.IsEmpty ? 0 : dy.Rows)];
        for (int row = 0; row < rowNorms.Length; row++)
        {
            rowNorms[row] = GradientClipping.Norm<T>(dy.Row(row));
        }

        StepNorms.Add(layout, rowNorms, norms);
    }
}
