using SpanRnn.Cells.Drivers;
using SpanRnn.Core;

namespace SpanRnn.Cells;

/// <content>
/// How a tape is divided: the rows of the input, the rows of every layer's output, the last states that a head on the last step reads,
/// then what each direction of each layer keeps for itself. Views do not know read-only memory: forward writes through them, backward
/// only reads.
/// </content>
public sealed partial class Network<T>
{
    /// <summary>Numbers in the rows of a level: level 0 is the input, level k the output of layer k − 1.</summary>
    private int LevelSize(int level) => level == 0 ? Spec.InputSize : Spec.Layers[level - 1].OutputSize;

    /// <summary>The rows of a level, [R, its size].</summary>
    private MatrixView<T> Level(SequenceLayout layout, ReadOnlySpan<T> tape, int level)
    {
        int offset = (int)LevelOffset(layout, level);
        return new(tape.Slice(offset, layout.Rows * LevelSize(level)), layout.Rows, LevelSize(level));
    }

    /// <summary>The final h of the last layer, all directions, for a head on the last step: [N, its output size].</summary>
    private MatrixView<T> LastStates(SequenceLayout layout, ReadOnlySpan<T> tape)
    {
        int size = LastStatesSize;
        return new(tape.Slice((int)LevelOffset(layout, _layers.Length + 1), layout.Batch * size), layout.Batch, size);
    }

    private int LastStatesSize => Spec.Head?.Position == HeadPosition.LastStep ? Spec.Layers[^1].OutputSize : 0;

    private long LevelOffset(SequenceLayout layout, int level)
    {
        long offset = 0;
        for (int below = 0; below < level; below++)
        {
            offset += Carver<T>.Room((long)layout.Rows * LevelSize(below));
        }

        return offset;
    }

    /// <summary>Where the tape of a direction starts; that of the layer behind the last is the end.</summary>
    private long TapeOffset(SequenceLayout layout, int layer, int direction)
    {
        long offset = LevelOffset(layout, _layers.Length + 1) + Carver<T>.Room((long)layout.Batch * LastStatesSize);
        for (int i = 0; i <= layer && i < _layers.Length; i++)
        {
            for (int d = 0; d < (i < layer ? _layers[i].Length : direction); d++)
            {
                offset += _layers[i][d].TapeLength(layout);
            }
        }

        return offset;
    }
}
