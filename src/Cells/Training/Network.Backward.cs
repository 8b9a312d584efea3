using System.Diagnostics.CodeAnalysis;
using SpanRnn.Cells.Sequences;
using SpanRnn.Cells.Training.Drivers;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <content>Backpropagation through time.</content>
public sealed partial class Network<T>
{
    /// <summary>
    /// Backpropagation through time (Werbos 1990) over the sequences of the last <see cref="Forward"/> on this tape.
    /// </summary>
    /// <param name="parameters">[Spec.Parameters.Length] in, as they were in Forward.</param>
    /// <param name="layout">The layout of that Forward, not set again since: the tape does not know the lengths.</param>
    /// <param name="tape">[TapeLength(layout)] in, as Forward left it. It is only read, so it serves more than one backward.</param>
    /// <param name="dy">∂L/∂y in the shape of y; not read beyond a sequence's length.</param>
    /// <param name="dState">
    /// [StateLength(N)] in and out: enters as ∂L/∂(final state), zeros where the loss does not depend on it, and leaves as
    /// ∂L/∂(initial state).
    /// </param>
    /// <param name="dx">[T, N, I] out: ∂L/∂x, zeros beyond a sequence's length; empty if it is not needed.</param>
    /// <param name="gradients">[Spec.Parameters.Length] added to: ∂L/∂parameters.</param>
    /// <param name="workspace">[WorkspaceLength(layout)] undefined before and after.</param>
    /// <param name="dropout">The masks of that Forward.</param>
    /// <param name="stepNorms">
    /// [layers, T] out: ‖∂L/∂h‖ of each layer and step, over batch and directions; empty if it is not needed. A dense layer has ‖∂L/∂y‖
    /// of its output, or 0 if it has one row per sequence and thus no steps.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or an output shares memory with another argument; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A layer or the head has the activation HardStep, which has no derivative to learn from.
    /// </exception>
    /// <remarks>Allocates nothing. Weight gradients are products after the recurrence, a block of rows of all steps at a time.</remarks>
    public void Backward(
        ReadOnlySpan<T> parameters,
        SequenceLayout layout,
        ReadOnlySpan<T> tape,
        ReadOnlySpan<T> dy,
        Span<T> dState,
        Span<T> dx,
        Span<T> gradients,
        Span<T> workspace,
        Dropout<T>? dropout = null,
        Span<double> stepNorms = default)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Guard.Length(parameters, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length(tape, TapeLength(layout), "TapeLength(layout)");
        Guard.Length(dy, Spec.OutputLength(layout.Steps, layout.Batch), "Spec.OutputLength(layout.Steps, layout.Batch)");
        Guard.Length<T>(dState, StateLength(layout.Batch), "StateLength(layout.Batch)");
        int inputs = Spec.InputLength(layout.Steps, layout.Batch);
        Guard.Length<T>(dx, dx.IsEmpty ? 0 : inputs, "Spec.InputLength(layout.Steps, layout.Batch), or 0");
        Guard.Length<T>(gradients, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length<T>(workspace, WorkspaceLength(layout), "WorkspaceLength(layout)");
        Guard.NoOverlap(dState, parameters, tape, dy);
        Guard.NoOverlap(dx, parameters, tape, dy, dState);
        Guard.NoOverlap(gradients, parameters, tape, dy, dState, dx);
        Guard.NoOverlap(workspace, parameters, tape, dy, dState, dx, gradients);
        Guard.Length<double>(stepNorms, stepNorms.IsEmpty ? 0 : (long)_layers.Length * layout.Steps, "layers × layout.Steps, or 0");
        CheckDifferentiable();
        Check(dropout, layout);
        stepNorms.Clear();

        Arena<T> scratch = new(workspace);
        Span<T> above = scratch.Take(MostRows(layout) * WidestRow);
        Span<T> below = scratch.Take(MostRows(layout) * WidestRow);
        MatrixView<T> dOutput = Spec.IsManyToOne ? new(dy, layout.Batch, Spec.OutputSize) : Gathered(layout, dy, above);
        for (int layer = _dense[^1] is null ? _layers.Length - 1 : _layers.Length; layer >= 0; layer--)
        {
            bool needsDx = layer > 0 || !dx.IsEmpty;
            Span<T> buffer = layer == 0 && layout.IsUnpadded ? dx : below;
            MatrixView<T> dBelow = needsDx ? Rows(buffer, InputRows(layout, layer), layer) : default;
            Arena<T> rest = new(scratch.Rest);
            MatrixView<T> input = Masked(Input(layout, tape, layer), dropout, layer, ref rest);
            MatrixView<T> output = Level(layout, tape, layer + 1);
            if (_dense[layer] is { } dense)
            {
                LayerRows<T> rows = new() { X = input, Y = output, Dy = dOutput, Dx = dBelow };
                ReadOnlySpan<T> kept = tape[(int)TapeOffset(layout, layer, 0)..];
                dense.Backward(parameters, layout, rows, kept, gradients, Norms(stepNorms, layout, layer), rest.Rest);
            }
            else
            {
                for (int direction = 0; direction < _layers[layer].Length; direction++)
                {
                    LayerRows<T> rows = new()
                    {
                        X = input,
                        Y = DirectionColumns(output, layer, direction),
                        Dy = DirectionColumns(dOutput, layer, direction),
                        Dx = dBelow,
                        AddsToDx = direction > 0,
                    };
                    ReadOnlySpan<T> kept = tape[(int)TapeOffset(layout, layer, direction)..];
                    MatrixView<T> mask = dropout is null ? default : dropout.Recurrent(layer, direction);
                    _layers[layer][direction].Backward(
                        parameters, layout, rows, mask, kept, dState, gradients, Norms(stepNorms, layout, layer), rest.Rest);
                }
            }

            if (needsDx && Between(dropout, layer) is { Rows: > 0 } between)
            {
                MatrixProduct.MultiplyElements(dBelow, between, dBelow);
            }

            if (ReadsLastStates(layer))
            {
                // The layer read final states, or outputs of the reverse direction. Its gradient is added to their gradient.
                MatrixView<T> dLast = scratch.Take(layout.Batch, LastStatesSize);
                dBelow.Span.CopyTo(dLast.Span);
                dBelow = Rows(buffer, layout.Rows, layer);
                dBelow.Span.Clear();
                AddToLastStates(layout, dLast, dBelow, dState);
            }

            dOutput = dBelow;
            Span<T> used = above;
            above = below;
            below = used;
        }

        if (!dx.IsEmpty)
        {
            if (!layout.IsUnpadded)
            {
                SequenceRows.Scatter(layout, dOutput, dx);
            }

            SequenceRows.AddFirst(layout, dy, Spec.OutputSize, dx, Spec.InputSize, Spec.Head?.Skip ?? 0);
        }
    }

    // The live rows of dy: dy itself if there is no padding.
    private MatrixView<T> Gathered(SequenceLayout layout, ReadOnlySpan<T> dy, Span<T> buffer)
    {
        if (layout.IsUnpadded)
        {
            return new(dy, layout.Rows, Spec.OutputSize);
        }

        MatrixView<T> rows = new(buffer, layout.Rows, Spec.OutputSize);
        SequenceRows.Gather(layout, dy, Spec.OutputSize, rows.Span);
        return rows;
    }

    private void AddToLastStates(SequenceLayout layout, MatrixView<T> dLast, MatrixView<T> dOutput, Span<T> dState)
    {
        for (int direction = 0; direction < _layers[Spec.LastRecurrent].Length; direction++)
        {
            StateSlot slot = LastHidden(direction);
            MatrixView<T> dh = new(slot.In(dState, layout.Batch), layout.Batch, slot.Size);
            MatrixView<T> dGiven = DirectionColumns(dOutput, Spec.LastRecurrent, direction);
            MatrixView<T> columns = DirectionColumns(dLast, Spec.LastRecurrent, direction);
            for (int sortedIndex = 0; sortedIndex < layout.Batch; sortedIndex++)
            {
                int sequence = layout.Sequence(sortedIndex);
                int row = Spec.ReadsLastOutput(direction) ? layout.LastRow(sortedIndex) : -1;
                MatrixProduct.Add(
                    columns.RowRange(sequence, 1), row < 0 ? dh.RowRange(sequence, 1) : dGiven.RowRange(row, 1));
            }
        }
    }

    // The norms of a layer; empty for the head and for a layer with one row per sequence.
    private Span<double> Norms(Span<double> stepNorms, SequenceLayout layout, int layer) =>
        stepNorms.IsEmpty || layer == _layers.Length || Spec.IsPerSequence(layer)
            ? default
            : stepNorms.Slice(layer * layout.Steps, layout.Steps);

    private MatrixView<T> Rows(Span<T> buffer, int rows, int level) => new(buffer[..(rows * LevelSize(level))], rows, LevelSize(level));

    private void CheckDifferentiable()
    {
        foreach (NetworkActivation activation in Spec.Activations)
        {
            if (activation.Activation.Kind == ActivationKind.HardStep)
            {
                ThrowUndifferentiable(activation.Place);
            }
        }
    }

    [DoesNotReturn]
    private static void ThrowUndifferentiable(string place) => throw new InvalidOperationException(
        $"{place} has the activation HardStep, expected an activation with a derivative.");
}
