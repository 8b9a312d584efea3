using SpanRnn.Cells.Sequences;
using SpanRnn.Cells.Training.Loop;
using SpanRnn.Core.Matrices;

namespace SpanRnn;

/// <content>The loss and its gradient.</content>
public sealed partial class Trainer<T>
{
    private readonly SequenceLayout _outputLayout = new();
    private int[] _outputSteps = [];
    private readonly T[] _classWeights;
    private int[] _labels = [];
    private T[] _weights = [];

    /// <summary>Loss over the counted steps; dy ← ∂L/∂y, zeros elsewhere.</summary>
    private double LossOf(Batch<T> batch, ReadOnlySpan<T> y, in StepMemory<T> memory)
    {
        SequenceLayout layout = OutputLayout(batch.Layout);
        Span<T> dy = memory.Dy;
        int size = Spec.OutputSize;
        int first = layout.Offset(batch.FirstCounted);
        if (layout.IsUnpadded)
        {
            // Rows have the order of the batch.
            dy[..(first * size)].Clear();
            return LossOf(
                y[(first * size)..],
                batch.Shape.HasLabels ? default : batch.Targets[(first * size)..],
                batch.Shape.HasLabels ? batch.Labels[first..] : default,
                batch.IsWeighted ? batch.Weights[first..] : default,
                dy[(first * size)..]);
        }

        Span<T> rows = memory.LossRows[..(layout.Rows * size)];
        SequenceRows.Gather(layout, y, size, rows);
        Span<T> targets = default;
        Span<int> labels = default;
        if (batch.Shape.HasLabels)
        {
            labels = _labels.AsSpan(0, layout.Rows);
            SequenceRows.Gather(layout, batch.Labels, 1, labels);
            labels = labels[first..];
        }
        else
        {
            targets = memory.LossRows.Slice(rows.Length, rows.Length);
            SequenceRows.Gather(layout, batch.Targets, size, targets);
            targets = targets[(first * size)..];
        }

        Span<T> weights = default;
        if (batch.IsWeighted)
        {
            weights = _weights.AsSpan(0, layout.Rows);
            SequenceRows.Gather(layout, batch.Weights, 1, weights);
            weights = weights[first..];
        }

        // The gradient replaces the logits, row by row.
        Span<T> counted = rows[(first * size)..];
        double loss = LossOf(counted, targets, labels, weights, counted);
        rows[..(first * size)].Clear();
        SequenceRows.Scatter(layout, new MatrixView<T>(rows, layout.Rows, size), dy);
        return loss;
    }

    private double LossOf(
        ReadOnlySpan<T> y, ReadOnlySpan<T> targets, ReadOnlySpan<int> labels, ReadOnlySpan<T> weights, Span<T> dy) =>
        double.CreateTruncating(Options.Loss switch
        {
            Loss.SoftmaxCrossEntropy => Losses.SoftmaxCrossEntropy(y, Spec.OutputSize, labels, dy, weights, _classWeights),
            Loss.BinaryCrossEntropy => Losses.BinaryCrossEntropyWithLogits(y, targets, dy, weights),
            _ => Losses.MeanSquaredError(y, targets, dy, weights),
        });

    /// <summary>Layout of y: with one output per sequence, that of every sequence that is not empty.</summary>
    private SequenceLayout OutputLayout(SequenceLayout layout)
    {
        if (!Spec.IsManyToOne)
        {
            return layout;
        }

        Span<int> steps = _outputSteps.AsSpan(0, layout.Batch);
        for (int sequence = 0; sequence < steps.Length; sequence++)
        {
            steps[sequence] = Math.Min(layout.Length(sequence), 1);
        }

        _outputLayout.Set(1, steps);
        return _outputLayout;
    }
}
