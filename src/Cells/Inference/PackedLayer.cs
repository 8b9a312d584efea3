using SpanRnn.Cells.Drivers;
using SpanRnn.Cells.Elman;
using SpanRnn.Cells.Gru;
using SpanRnn.Cells.Lstm;
using SpanRnn.Core;

namespace SpanRnn.Cells.Inference;

/// <summary>One direction of a packed recurrent layer.</summary>
/// <remarks>Rows of states have room for whole registers behind their numbers (<see cref="Padded"/>).</remarks>
internal abstract class PackedLayer
{
    /// <summary>Words of packed memory.</summary>
    public abstract long Length { get; }

    /// <summary>Numbers in a row of pre-activations.</summary>
    public abstract int PreActivations { get; }

    /// <summary>Numbers in the scratch memory of <see cref="Step"/>.</summary>
    public abstract long StepScratch { get; }

    /// <summary>What <paramref name="size"/> numbers of a state take: whole registers of any width.</summary>
    public static int Padded(int size) => checked((int)Carver<float>.Room(size));

    /// <summary>The layer of a description, yet without weights.</summary>
    public static PackedLayer Create<TWeights>(NetworkSpec spec, int layer, Direction direction)
        where TWeights : struct, IWeights => spec.Layers[layer].Cell switch
        {
            CellKind.Lstm => new PackedLayer<LstmCell, TWeights>(spec, layer, direction),
            CellKind.GruResetAfter => new PackedLayer<GruResetAfterCell, TWeights>(spec, layer, direction),
            CellKind.GruResetBefore => new PackedLayer<GruResetBeforeCell, TWeights>(spec, layer, direction),
            _ => spec.Layers[layer].Activation switch
            {
                Activation.Identity => new PackedLayer<ElmanCell<Identity>, TWeights>(spec, layer, direction),
                Activation.Sigmoid => new PackedLayer<ElmanCell<Sigmoid>, TWeights>(spec, layer, direction),
                Activation.Relu => new PackedLayer<ElmanCell<Relu>, TWeights>(spec, layer, direction),
                Activation.HardStep => new PackedLayer<ElmanCell<HardStep>, TWeights>(spec, layer, direction),
                _ => new PackedLayer<ElmanCell<Tanh>, TWeights>(spec, layer, direction),
            },
        };

    /// <summary>Packs the parameters into memory of <see cref="Length"/> words.</summary>
    public abstract void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory);

    /// <summary>One step of one stream: x [I] in, h and c in and out.</summary>
    public abstract void Step(ReadOnlySpan<float> x, Span<float> h, Span<float> c, Span<float> scratch, bool backwards);

    /// <summary>Numbers in the workspace of <see cref="Project"/> and <see cref="Advance"/>.</summary>
    public abstract long WorkspaceLength(int projected, int advanced);

    /// <summary>Pre-activations ← W·x + b over rows of any steps.</summary>
    public abstract void Project(MatrixView<float> x, MatrixView<float> pre, Span<float> workspace, bool backwards);

    /// <summary>One step of rows whose pre-activations hold W·x + b: h and c in and out.</summary>
    public abstract void Advance(
        MatrixView<float> pre, MatrixView<float> h, MatrixView<float> c, Span<float> workspace, bool backwards);
}
