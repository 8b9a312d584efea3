using System.Diagnostics.CodeAnalysis;
using SpanRnn.Cells.Description;
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
    /// [layers, T] out: ‖∂L/∂h‖ of each layer and step, over batch and directions; empty if it is not needed. A layer that is not
    /// recurrent has ‖∂L/∂y‖ of its output, or 0 if that is one row per sequence and thus has no steps.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A length is not the one asked for, or an output shares memory with another argument; nothing has been written then.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A layer has the activation HardStep, which has no derivative to learn from.
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
        Guard.Length<double>(stepNorms, stepNorms.IsEmpty ? 0 : (long)Spec.Layers.Length * layout.Steps, "layers × layout.Steps, or 0");
        CheckDifferentiable();
        Check(dropout, layout);
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
