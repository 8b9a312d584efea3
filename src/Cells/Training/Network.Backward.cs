using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Sequences;
using SpanRnn.Cells.Training;
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
    /// <param name="buffers">The gradients in and out; their members say the shapes.</param>
    /// <param name="workspace">[WorkspaceLength(layout)] undefined before and after.</param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or memory that is written is shared with anything else; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A layer has the activation HardStep, which has no derivative to learn from.
    /// </exception>
    /// <remarks>Allocates nothing. Weight gradients are products after the recurrence, a block of rows of all steps at a time.</remarks>
    public void Backward(
        ReadOnlySpan<T> parameters, SequenceLayout layout, ReadOnlySpan<T> tape, in BackwardBuffers<T> buffers, Span<T> workspace)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Check(parameters, layout, tape, buffers, workspace);
        CheckDifferentiable();
        Dropout<T>? dropout = buffers.Dropout;
        Check(dropout, layout);
        ReadOnlySpan<T> dy = buffers.Dy;
        Span<T> dState = buffers.DState;
        Span<T> dx = buffers.Dx;
        Span<T> gradients = buffers.Gradients;
        Span<double> stepNorms = buffers.StepNorms;
        stepNorms.Clear();

        Arena<T> scratch = new(workspace);
        int largest = (int)LargestLayer(layout);
        Span<T> above = scratch.Take(largest);
        Span<T> below = scratch.Take(largest);
        Span<T> skipped = scratch.Take((int)SkippedOffset(layout, Spec.Stack.Length));
        MatrixView<T> dOutput = Spec.IsManyToOne ? new(dy, layout.Batch, Spec.OutputSize) : Gathered(layout, dy, above);
        for (int i = Spec.Stack.Length - 1; i >= 0; i--)
        {
            StackLayer layer = Spec.Stack[i];
            bool needsDx = i > 0 || !dx.IsEmpty;
            Span<T> buffer = i == 0 && layout.IsUnpadded ? dx : below;
            MatrixView<T> dInput = needsDx ? View(buffer, InputRows(layout, i), layer.InputSize) : default;
            Arena<T> rest = new(scratch.Rest);
            MatrixView<T> input = Masked(Input(layout, tape, i), dropout, i, ref rest);
            MatrixView<T> output = Output(layout, tape, i);
            _drivers[i]?.Backward(new LayerBackward<T>
            {
                Parameters = parameters,
                Layout = layout,
                Rows = new LayerRows<T> { X = input, Y = output, Dy = dOutput, Dx = dInput },
                Skipped = Skipped(layout, tape, i),
                DSkipped = DSkipped(layout, skipped, i),
                DState = dState,
                Tape = tape[KeptOffset(layout, i, 0)..],
                Gradients = gradients,
                Norms = Norms(stepNorms, layout, i),
                Workspace = rest.Rest,
            });
            for (int direction = 0; direction < _recurrent[i].Length; direction++)
            {
                LayerRows<T> rows = new()
                {
                    X = input,
                    Y = layer.Columns(output, direction),
                    Dy = layer.Columns(dOutput, direction),
                    Dx = dInput,
                    AddsToDx = direction > 0,
                };
                ReadOnlySpan<T> kept = tape[KeptOffset(layout, i, direction)..];
                MatrixView<T> mask = dropout is null ? default : dropout.Recurrent(i, direction);
                _recurrent[i][direction].Backward(
                    parameters, layout, rows, mask, kept, dState, gradients, Norms(stepNorms, layout, i), rest.Rest);
            }

            if (needsDx)
            {
                if (dropout is not null && dropout.Between(i) is { Rows: > 0 } between)
                {
                    MatrixProduct.MultiplyElements(dInput, between, dInput);
                }

                AddSkipped(layout, skipped, i, dInput);
            }

            dOutput = dInput;
            Span<T> used = above;
            above = below;
            below = used;
        }

        if (!dx.IsEmpty && !layout.IsUnpadded)
        {
            SequenceRows.Scatter(layout, dOutput, dx);
        }
    }

    /// <summary>The gradient of what a skip adds; no rows if the layer is no skip.</summary>
    private MatrixView<T> DSkipped(SequenceLayout layout, Span<T> skipped, int layer) => SkippedSize(layer) == 0
        ? default
        : View(skipped[(int)SkippedOffset(layout, layer)..], InputRows(layout, layer), SkippedSize(layer));

    // Adds the gradients of the skips that start at a layer to that of its input.
    private void AddSkipped(SequenceLayout layout, Span<T> skipped, int layer, MatrixView<T> dInput)
    {
        for (int above = layer + 1; above < Spec.Layers.Length; above++)
        {
            if (Spec.Layers[above] is SkipLayer skip && skip.From == layer)
            {
                MatrixProduct.Add(DSkipped(layout, skipped, above), dInput.ColumnRange(0, SkippedSize(above)));
            }
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

    // The norms of a layer; empty if its output has one row per sequence.
    private Span<double> Norms(Span<double> stepNorms, SequenceLayout layout, int layer) =>
        stepNorms.IsEmpty || Spec.Stack[layer].WritesSequences ? default : stepNorms.Slice(layer * layout.Steps, layout.Steps);

    private void Check(
        ReadOnlySpan<T> parameters, SequenceLayout layout, ReadOnlySpan<T> tape, in BackwardBuffers<T> buffers, Span<T> workspace)
    {
        Guard.Length(parameters, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length(tape, TapeLength(layout), "TapeLength(layout)");
        Guard.Length(buffers.Dy, Spec.OutputLength(layout.Steps, layout.Batch), "Spec.OutputLength(layout.Steps, layout.Batch)");
        Guard.Length<T>(buffers.DState, StateLength(layout.Batch), "StateLength(layout.Batch)");
        int inputs = buffers.Dx.IsEmpty ? 0 : Spec.InputLength(layout.Steps, layout.Batch);
        Guard.Length<T>(buffers.Dx, inputs, "Spec.InputLength(layout.Steps, layout.Batch), or 0");
        Guard.Length<T>(buffers.Gradients, Spec.Parameters.Length, "Spec.Parameters.Length");
        Guard.Length<T>(workspace, WorkspaceLength(layout), "WorkspaceLength(layout)");
        Guard.NoOverlap(buffers.DState, parameters, tape, buffers.Dy);
        Guard.NoOverlap(buffers.Dx, parameters, tape, buffers.Dy, buffers.DState);
        Guard.NoOverlap(buffers.Gradients, parameters, tape, buffers.Dy, buffers.DState, buffers.Dx);
        Guard.NoOverlap(workspace, parameters, tape, buffers.Dy, buffers.DState, buffers.Dx, buffers.Gradients);
        Span<T> stepNorms = MemoryMarshal.Cast<double, T>(buffers.StepNorms);
        Guard.NoOverlap(stepNorms, parameters, tape, buffers.Dy, buffers.DState, buffers.Dx, buffers.Gradients);
        Guard.NoOverlap<T>(stepNorms, workspace);
        long norms = buffers.StepNorms.IsEmpty ? 0 : (long)Spec.Layers.Length * layout.Steps;
        Guard.Length<double>(buffers.StepNorms, norms, "layers × layout.Steps, or 0");
    }

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
