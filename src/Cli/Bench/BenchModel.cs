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
        RecurrentModel model = ModelOptions.Placed(ModelReader.Read(path, nonlinearity), head, terminal);
        RecurrentLayer[] layers = [.. model.Spec.Layers.ToArray().OfType<RecurrentLayer>()];
        if (layers.Any(layer => layer.Bidirectional))
        {
            throw new ModelFormatException(
                model.Name, "the layers run in both directions and need whole sequences, expected layers of one direction to step.");
        }

        if (layers.Any(layer => layer.Reverse))
        {
            throw new ModelFormatException(
                model.Name, "the layers run in reverse and need whole sequences, expected layers that run forward to step.");
        }

        string? whole = Array.Find(model.Spec.Layers.ToArray(), layer => layer is StepLayer or AttentionLayer) switch
        {
            StepLayer step => $"takes step {step.Step}",
            AttentionLayer => "weighs all steps",
            _ => null,
        };
        if (whole is not null)
        {
            throw new ModelFormatException(
                model.Name, $"the network {whole} and needs whole sequences, expected one that has an output at every step.");
        }

        return new BenchModel(model.Name, model.Spec, model.ReadParameters<float>(), precision);
    }

    /// <summary>Packs the weights anew, in memory of their own.</summary>
    public PackedNetwork Pack() => new(Spec, Parameters.Span, Precision);
}
