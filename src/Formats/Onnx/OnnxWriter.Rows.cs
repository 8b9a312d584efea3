using System.Diagnostics;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <content>Layers that compute every row on its own, without a matrix.</content>
internal static partial class OnnxWriter
{
    private static string Rows(OnnxGraphWriter graph, NetworkSpec spec, int index, ReadOnlySpan<float> parameters, string x)
    {
        string name = $"layer{index}";
        int size = spec.LayerInputSize(index);
        string? scale = Vector(graph, spec, index, ParameterRole.Scale, parameters);
        string? shift = Vector(graph, spec, index, ParameterRole.Shift, parameters);
        switch (spec.Layers[index])
        {
            case AffineLayer:
                return ScaleAndShift(graph, name, x, scale, shift);
            case NormalizationLayer { Kind: FeatureNormalization.Layer } normalization:
                // The operator must have a scale.
                scale ??= graph.Constant($"{name}.scale", Enumerable.Repeat(1f, size).ToArray(), size);
                return graph.Add(
                    "LayerNormalization",
                    $"{name}.normalised",
                    shift is null ? [x, scale] : [x, scale, shift],
                    OnnxGraphWriter.Attribute("axis", -1),
                    OnnxGraphWriter.Attribute("epsilon", normalization.Epsilon));
            case NormalizationLayer normalization:
                string squares = graph.Add("Mul", $"{name}.squares", [x, x]);
                string mean = graph.Add(
                    "ReduceMean",
                    $"{name}.mean",
                    [squares],
                    OnnxGraphWriter.Attribute("axes", [-1L]),
                    OnnxGraphWriter.Attribute("keepdims", 1));
                string epsilon = graph.Constant($"{name}.epsilon", [(float)normalization.Epsilon]);
                string raised = graph.Add("Add", $"{name}.raised", [mean, epsilon]);
                string root = graph.Add("Sqrt", $"{name}.root", [raised]);
                return ScaleAndShift(graph, name, graph.Add("Div", $"{name}.normalised", [x, root]), scale, shift);
            case ActivationLayer activation:
                x = Activate(graph, name, activation.Activation, x);
                return activation.Normalization == Normalization.None ? x : graph.Add(
                    activation.Normalization.ToString(), $"{name}.normalised", [x], OnnxGraphWriter.Attribute("axis", -1));
            case PReluLayer:
                return graph.Add("PRelu", $"{name}.activation", [x, scale!]);
            case MergeLayer merge:
                string forward = Part(graph, $"{name}.forward", x, 0, size / 2);
                string reverse = Part(graph, $"{name}.reverse", x, size / 2, size);
                string merged = graph.Add(
                    merge.Merge == DirectionMerge.Product ? "Mul" : "Add", $"{name}.merged", [forward, reverse]);
                return merge.Merge == DirectionMerge.Average
                    ? graph.Add("Mul", $"{name}.average", [merged, graph.Constant($"{name}.half", [0.5f])])
                    : merged;
            default:
                throw new UnreachableException();
        }
    }

    // y + s ⊙ the first numbers of x.
    private static string Skip(
        OnnxGraphWriter graph, NetworkSpec spec, int index, SkipLayer skip, ReadOnlySpan<float> parameters, string x, string y)
    {
        string name = $"layer{index}";
        (int from, int size) = (spec.LayerInputSize(skip.From), spec.LayerInputSize(index));
        int features = skip.Features == 0 ? size : skip.Features;
        x = features == from ? x : Part(graph, $"{name}.first", x, 0, features);
        x = ScaleAndShift(graph, name, x, Vector(graph, spec, index, ParameterRole.Scale, parameters), shift: null);
        if (features < size)
        {
            // Zeros behind the last of all axes.
            long[] pads = new long[2 * (IsPerSequence(spec, index) ? 2 : 3)];
            pads[^1] = size - features;
            x = graph.Add("Pad", $"{name}.padded", [x, graph.Constant($"{name}.pads", pads)]);
        }

        return graph.Add("Add", $"{name}.sum", [y, x]);
    }

    private static bool IsPerSequence(NetworkSpec spec, int index) => Array.Exists(spec.Layers[..index].ToArray(), Readout.Is);

    // Some of the features.
    private static string Part(OnnxGraphWriter graph, string name, string x, long from, long to) => graph.Add(
        "Slice",
        name,
        [x, graph.Constant($"{name}.from", [from]), graph.Constant($"{name}.to", [to]), graph.Constant($"{name}.axis", [-1L])]);

    private static string ScaleAndShift(OnnxGraphWriter graph, string name, string x, string? scale, string? shift)
    {
        x = scale is null ? x : graph.Add("Mul", $"{name}.scaled", [x, scale]);
        return shift is null ? x : graph.Add("Add", $"{name}.shifted", [x, shift]);
    }

    private static string? Vector(
        OnnxGraphWriter graph, NetworkSpec spec, int index, ParameterRole role, ReadOnlySpan<float> parameters) =>
        spec.Slot(index, Direction.Forward, role) is { } slot
            ? graph.Constant($"layer{index}.{(role == ParameterRole.Scale ? "scale" : "shift")}", slot.In(parameters), slot.Length)
            : null;
}
