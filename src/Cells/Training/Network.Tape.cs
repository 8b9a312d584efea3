using SpanRnn.Cells.Training.Drivers;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <content>
/// Division of a tape. For each layer: the rows of its input, if it is the first; the rows of its output, if backward reads them; then
/// the tape of each direction of a recurrent layer, or of another layer. A view does not know that memory is read-only: forward writes
/// through it, backward only reads.
/// </content>
public sealed partial class Network<T>
{
    /// <summary>The input of a layer: the rows of the network's input, or the output of the layer below.</summary>
    private MatrixView<T> Input(SequenceLayout layout, ReadOnlySpan<T> tape, int layer) => layer == 0
        ? View(tape, layout.Rows, Spec.InputSize)
        : Output(layout, tape, layer - 1);

    /// <summary>The rows at the start of a skip; none if the layer is no skip.</summary>
    private MatrixView<T> Skipped(SequenceLayout layout, ReadOnlySpan<T> tape, int layer) =>
        Spec.Layers[layer] is SkipLayer skip ? Input(layout, tape, skip.From) : default;

    /// <summary>The output of a layer; no rows if the tape does not keep it.</summary>
    private MatrixView<T> Output(SequenceLayout layout, ReadOnlySpan<T> tape, int layer) => KeepsOutput(layer)
        ? View(
            tape[(int)(TapeOffset(layout, layer) + InputLength(layout, layer))..],
            OutputRows(layout, layer),
            Spec.Stack[layer].OutputSize)
        : default;

    /// <summary>Start of the tape of a layer that is not recurrent, or of a direction.</summary>
    private int KeptOffset(SequenceLayout layout, int layer, int direction) =>
        (int)(TapeOffset(layout, layer)
            + InputLength(layout, layer)
            + OutputLength(layout, layer)
            + LengthOf(layout, _recurrent[layer].AsSpan(0, direction)));

    // The layer above reads the output. Without such a layer, backward of the layer itself may read it.
    private bool KeepsOutput(int layer) => layer < _drivers.Length - 1 || _drivers[layer] is null or { NeedsOutput: true };

    private long InputLength(SequenceLayout layout, int layer) =>
        layer == 0 ? Arena<T>.LengthOf((long)layout.Rows * Spec.InputSize) : 0;

    private long OutputLength(SequenceLayout layout, int layer) =>
        KeepsOutput(layer) ? Arena<T>.LengthOf((long)OutputRows(layout, layer) * Spec.Stack[layer].OutputSize) : 0;

    /// <summary>Start of the rows and tapes of a layer. The layer behind the last one starts at the end of the tape.</summary>
    private long TapeOffset(SequenceLayout layout, int layer)
    {
        long offset = 0;
        for (int below = 0; below < layer; below++)
        {
            offset += InputLength(layout, below)
                + OutputLength(layout, below)
                + LengthOf(layout, _recurrent[below])
                + (_drivers[below]?.TapeLength(layout) ?? 0);
        }

        return offset;
    }

    private static long LengthOf(SequenceLayout layout, ReadOnlySpan<RecurrentDriver<T>> directions)
    {
        long length = 0;
        foreach (RecurrentDriver<T> direction in directions)
        {
            length += direction.TapeLength(layout);
        }

        return length;
    }

    private static MatrixView<T> View(ReadOnlySpan<T> buffer, int rows, int size) => new(buffer[..(rows * size)], rows, size);
}
