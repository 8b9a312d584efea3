using SpanRnn.Core.Memory;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed dense layer, or one direction of a packed recurrent one.</summary>
/// <remarks>Rows of outputs and states have room for whole registers behind their numbers (<see cref="Padded"/>).</remarks>
internal abstract class PackedLayer(int output)
{
    /// <summary>Words of packed memory.</summary>
    public abstract long Length { get; }

    /// <summary>Numbers in the scratch memory of <see cref="Step"/>.</summary>
    public abstract long StepScratch { get; }

    /// <summary>What <paramref name="size"/> numbers of a state take: whole registers of any width.</summary>
    public static int Padded(int size) => checked((int)Arena<float>.LengthOf(size));

    /// <summary>Where what goes to the next layer lies in a stream's memory: h among the states, y of a dense layer behind them.</summary>
    public int Output { get; } = output;

    /// <summary>Numbers in a row of the output and the room behind them.</summary>
    public abstract int Width { get; }

    /// <summary>Packs the parameters into memory of <see cref="Length"/> words.</summary>
    public abstract void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory);

    /// <summary>One step of one stream: x [I] in; what lies in its memory where the layer was told, in and out.</summary>
    public abstract void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards);
}
