using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed layer, or one direction of a packed recurrent layer.</summary>
/// <remarks>Rows of outputs and states are padded to full registers (<see cref="Padded"/>).</remarks>
internal abstract class PackedLayer(int outputOffset)
{
    /// <summary>Words of packed memory.</summary>
    public abstract long Length { get; }

    /// <summary>Numbers in the scratch memory of <see cref="Step"/>.</summary>
    public abstract long StepScratch { get; }

    /// <summary>Length of <paramref name="size"/> numbers of a state when padded to full registers of any width.</summary>
    public static int Padded(int size) => checked((int)Arena<float>.LengthOf(size));

    /// <summary>Offset of the layer's output in a stream's memory: h is among the states, y of another layer behind them.</summary>
    public int OutputOffset { get; } = outputOffset;

    /// <summary>Numbers in a row of the output, its padding included.</summary>
    public abstract int Width { get; }

    /// <summary>Packs the parameters into memory of <see cref="Length"/> words.</summary>
    public abstract void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory);

    /// <summary>
    /// Runs one step of one stream: x [I] in, the stream's memory in and out. The constructor takes the layer's offsets in this memory.
    /// </summary>
    public abstract void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards);
}
