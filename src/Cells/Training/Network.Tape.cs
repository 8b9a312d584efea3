using SpanRnn.Cells.Training.Drivers;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <content>
/// Division of a tape: the rows of the input; the rows of every layer's output, and of the head's output if backward reads it; the last
/// states, if the head is on the last step; then the tape of each direction of each recurrent layer and of each dense layer. A view does
/// not know that memory is read-only: forward writes through it, backward only reads.
/// </content>
public sealed partial class Network<T>
{
    /// <summary>
    /// Numbers in a row of a level. Level 0 is the input, level k is the output of layer k − 1, and the last level is the head's output,
    /// if it is kept.
    /// </summary>
    private int LevelSize(int level) => level == 0 ? Spec.InputSize
        : level <= _layers.Length ? Spec.Layers[level - 1].OutputSize
        : _dense[^1] is { NeedsOutput: true } ? Spec.OutputSize : 0;

    private int LevelRows(SequenceLayout layout, int level) => level == 0 ? layout.Rows : InputRows(layout, level - 1);

    /// <summary>The rows of a level.</summary>
    private MatrixView<T> Level(SequenceLayout layout, ReadOnlySpan<T> tape, int level)
    {
        int offset = (int)LevelOffset(layout, level);
        int rows = LevelRows(layout, level);
        return new(tape.Slice(offset, rows * LevelSize(level)), rows, LevelSize(level));
    }

    /// <summary>Input of a layer or of the head: the level below, or the last states if this is the first layer per sequence.</summary>
    private MatrixView<T> Input(SequenceLayout layout, ReadOnlySpan<T> tape, int layer) =>
        ReadsLastStates(layer) ? LastStates(layout, tape) : Level(layout, tape, layer);

    private bool ReadsLastStates(int layer) => Spec.IsManyToOne && layer == Spec.LastRecurrent + 1;

    /// <summary>The last h of the last recurrent layer, all directions, for a head on the last step: [N, its output size].</summary>
    private MatrixView<T> LastStates(SequenceLayout layout, ReadOnlySpan<T> tape)
    {
        int size = LastStatesSize;
        return new(tape.Slice((int)LevelOffset(layout, _layers.Length + 2), layout.Batch * size), layout.Batch, size);
    }

    private int LastStatesSize => Spec.IsManyToOne ? Spec.Layers[Spec.LastRecurrent].OutputSize : 0;

    private long LevelOffset(SequenceLayout layout, int level)
    {
        long offset = 0;
        for (int below = 0; below < level; below++)
        {
            offset += Arena<T>.LengthOf((long)LevelRows(layout, below) * LevelSize(below));
        }

        return offset;
    }

    /// <summary>Start of the tape of a dense layer or of a direction. The layer behind the head starts at the end of the tape.</summary>
    private long TapeOffset(SequenceLayout layout, int layer, int direction)
    {
        long offset = LevelOffset(layout, _layers.Length + 2) + Arena<T>.LengthOf((long)layout.Batch * LastStatesSize);
        for (int i = 0; i < layer; i++)
        {
            offset += _dense[i]?.TapeLength(InputRows(layout, i)) ?? 0;
            offset += i < _layers.Length ? LengthOf(layout, _layers[i]) : 0;
        }

        return direction == 0 ? offset : offset + LengthOf(layout, _layers[layer].AsSpan(0, direction));
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
}
