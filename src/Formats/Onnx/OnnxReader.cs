using System.Globalization;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <summary>Reads ONNX models. A graph is never run: it is folded with concrete sizes until a chain of known layers is left.</summary>
internal static class OnnxReader
{
    // Metadata entry of an audio or sensor model: its steps per second.
    private const string SampleRate = "sample_rate";

    /// <summary>Finds the network of a model.</summary>
    /// <param name="bytes">The whole file, in; the model refers to it.</param>
    /// <param name="name">The file as messages call it.</param>
    /// <param name="given">
    /// Arrays for inputs of the graph, by name. Arrays that must be known now, such as weights, become constants; others are given again
    /// when the model runs.
    /// </param>
    /// <param name="folder">The folder of files with external tensors; null if there may be none.</param>
    /// <exception cref="ModelFormatException">The content is not one recurrent network; the message says where.</exception>
    public static RecurrentModel Read(
        ReadOnlyMemory<byte> bytes, string name, IReadOnlyDictionary<string, NpyArray>? given = null, string? folder = null)
    {
        var context = new OnnxContext(bytes, name, folder, given);
        foreach (string input in context.Given.Keys)
        {
            if (!context.Model.Graph.Inputs.Exists(declared => declared.Name == input))
            {
                throw context.Fail(
                    $"an array is given for {ModelFormatException.Quote(input)}, "
                    + "expected one of its inputs, "
                    + string.Join(", ", context.Model.Graph.Inputs.Select(declared => ModelFormatException.Quote(declared.Name)).Take(16)));
            }
        }

        OnnxNetwork network = Pass(context);
        if (context.Sizes.Any)
        {
            context.Sizes.Pass = 1;
            if (!Pass(context).Agrees(network))
            {
                throw context.Fail("the network depends on the number of steps or sequences, expected the same network for all numbers");
            }
        }

        Dictionary<string, string> metadata = context.Model.Metadata;
        return new RecurrentModel(name, $"ONNX, opset {context.Model.Opset}", network.Spec, network.Sources)
        {
            Metadata = metadata,
            Unused = network.Unused,
            Inputs = network.Inputs,
            Outputs = network.Outputs,
            FixedLengths = network.Lengths,
            ZeroLengthGivesZeros = true,
            PaddingRow = network.Lengths is null && !network.Inputs.Any(port => port.Kind == PortKind.Lengths)
                ? null
                : OnnxPadding.Row(network.Spec, network.Sources),
            SampleRate = metadata.TryGetValue(SampleRate, out string? rate)
                && double.TryParse(rate, CultureInfo.InvariantCulture, out double steps) && double.IsFinite(steps) && steps > 0
                    ? steps
                    : null,
        };
    }

    // Each new pass knows that a given array is a constant, or an open size, so their number limits the number of passes.
    private static OnnxNetwork Pass(OnnxContext context)
    {
        try
        {
            OnnxNetwork? network;
            do
            {
                network = OnnxLowering.Run(context);
            }
            while (network is null);
            return network;
        }
        catch (ArgumentException e)
        {
            throw context.Fail($"its layers are not a network: {ModelFormatException.Sentence(e).TrimEnd('.')}");
        }
        catch (OverflowException)
        {
            throw context.Fail("sizes of its layers are larger than 64 bits can count, expected smaller ones");
        }
    }
}
