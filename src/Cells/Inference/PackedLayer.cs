using SpanRnn.Cells.Drivers;
using SpanRnn.Core;

namespace SpanRnn.Cells.Inference;

/// <summary>One direction of a packed recurrent layer.</summary>
/// <remarks>Rows of states have room for whole registers behind their numbers (<see cref="Padded"/>).</remarks>
internal abstract class PackedLayer(int hidden, int cell)
{
    /// <summary>Words of packed memory.</summary>
    public abstract long Length { get; }

    /// <summary>Numbers in a row of pre-activations.</summary>
    public abstract int PreActivations { get; }

    /// <summary>Numbers in the scratch memory of <see cref="Step"/>.</summary>
    public abstract long StepScratch { get; }

    /// <summary>What <paramref name="size"/> numbers of a state take: whole registers of any width.</summary>
    public static int Padded(int size) => checked((int)Carver<float>.Room(size));

    /// <summary>Where h lies in a state.</summary>
    public int Hidden { get; } = hidden;

    /// <summary>Where c lies in a state; −1 for none.</summary>
    public int Cell { get; } = cell;

    /// <summary>The layer of a description, yet without weights.</summary>
    public static PackedLayer Create<TWeights>(NetworkSpec spec, int layer, Direction direction, int hidden, int cell)
        where TWeights : struct, IWeights =>
        CellTypes.Use<PackedLayer, Make<TWeights>>(spec.Layers[layer], new Make<TWeights>(spec, layer, direction, hidden, cell));

    /// <summary>Packs the parameters into memory of <see cref="Length"/> words.</summary>
    public abstract void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory);

    /// <summary>One step of one stream: x [I] in; h and c, which lie in the state where the layer was told, in and out.</summary>
    public abstract void Step(ref readonly float x, ref float state, ref float scratch, bool backwards);

    /// <summary>Numbers in the workspace of <see cref="Project"/> and <see cref="Advance"/>.</summary>
    public abstract long WorkspaceLength(int projected, int advanced);

    /// <summary>Pre-activations ← W·x + b over rows of any steps.</summary>
    public abstract void Project(MatrixView<float> x, MatrixView<float> pre, Span<float> workspace, bool backwards);

    /// <summary>One step of rows whose pre-activations hold W·x + b: h and c in and out.</summary>
    public abstract void Advance(
        MatrixView<float> pre, MatrixView<float> h, MatrixView<float> c, Span<float> workspace, bool backwards);

    private readonly struct Make<TWeights>(NetworkSpec spec, int layer, Direction direction, int hidden, int cell)
        : ICellUse<PackedLayer>
        where TWeights : struct, IWeights
    {
        public PackedLayer With<TCell>()
            where TCell : struct, ICell => new PackedLayer<TCell, TWeights>(spec, layer, direction, hidden, cell);
    }
}
