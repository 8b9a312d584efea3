using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <summary>Result of a pass.</summary>
/// <param name="Spec">The network.</param>
/// <param name="Sources">The sources of its parameters.</param>
/// <param name="Inputs">The arrays that go in.</param>
/// <param name="Outputs">The arrays that come out.</param>
/// <param name="Unused">Parts of the graph without an effect.</param>
/// <param name="Lengths">The lengths of the sequences if the graph has them as a constant, else null.</param>
internal sealed record OnnxNetwork(
    NetworkSpec Spec, ParameterSource[] Sources, ModelPort[] Inputs, ModelPort[] Outputs, List<string> Unused, int[]? Lengths)
{
    /// <summary>True if another pass, with other numbers for open sizes, found the same.</summary>
    public bool Agrees(OnnxNetwork other) =>
        NetworkJson.Write(Spec) == NetworkJson.Write(other.Spec)
        && Inputs.Concat(Outputs).Select(Text).SequenceEqual(other.Inputs.Concat(other.Outputs).Select(Text))
        && Sources.Zip(other.Sources).All(pair => pair.First.Agrees(pair.Second))
        && Lengths.AsSpan().SequenceEqual(other.Lengths);

    private static string Text(ModelPort port) =>
        $"{port.Name} {port.Kind} {port.Axes} {string.Join(" ", port.Shape(1, 1))} "
        + string.Join(" ", port.States.ToArray().Select(state => state.Offset));
}
