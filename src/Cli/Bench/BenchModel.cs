using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Bench;

/// <summary>A model that is measured.</summary>
/// <param name="Name">The name in the report.</param>
/// <param name="Spec">A network that can be stepped.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Precision">The precision of the packed weights.</param>
internal sealed record BenchModel(string Name, NetworkSpec Spec, AlignedBuffer<float> Parameters, WeightPrecision Precision)
{
    /// <summary>
    /// Reads a model, and refuses one that cannot be stepped. The head is put where the option says if the file does not say it.
    /// </summary>
    public static BenchModel Read(
        string path, ActivationKind? nonlinearity, HeadChoice? head, WeightPrecision precision, Terminal terminal)
    {
        RecurrentModel model = ModelOptions.Placed(ModelFile.Load(path, nonlinearity), head, terminal);
        NetworkSpec spec = model.Spec;
        int whole = spec.FirstWholeLayer;
        if (whole >= 0)
        {
            throw new ModelFormatException(
                model.Name,
                $"layer {whole} {spec.Layers[whole].NeedsWholeSequences} and needs whole sequences, expected one that can be stepped.");
        }

        return new BenchModel(model.Name, spec, model.ReadParameters<float>(), precision);
    }

    /// <summary>Packs the weights anew, in memory of their own.</summary>
    public PackedNetwork Pack() => new(Spec, Parameters.Span, Precision);
}
