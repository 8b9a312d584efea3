using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Nam;

/// <summary>
/// Reads the LSTMs of Neural Amp Modeler, {"architecture":"LSTM","config","weights"}. The weights of each layer are [4H, I + H] over x and
/// h, the bias [4H], and the initial h and c of a stream; then follow the head's weights and bias.
/// </summary>
/// <remarks>NeuralAmpModelerCore, NAM/lstm.cpp.</remarks>
internal static class NamReader
{
    private const int PrewarmBlock = 64;

    /// <summary>Reads the model of a file.</summary>
    /// <param name="root">The outermost value.</param>
    /// <exception cref="ModelFormatException">The content is not one LSTM; the message says where.</exception>
    public static RecurrentModel Read(JsonPart root)
    {
        JsonPart architecture = root.Get("architecture");
        if (architecture.Text() != "LSTM")
        {
            throw architecture.Wrong("'LSTM', the only one with a recurrent network");
        }

        var notes = new JsonNotes();
        foreach (JsonPart member in root.Members.Where(member => member.Name is not ("architecture" or "config" or "weights")))
        {
            notes.Add(member);
        }

        (NetworkSpec spec, ParameterSource[] sources) = Network(root, notes);
        return new RecurrentModel(root.File, "NAM, LSTM", spec, sources)
        {
            Metadata = notes.Metadata,
            Unused = notes.Unused,
            SampleRate = notes.SampleRate,
            PrewarmSteps = PrewarmSteps(notes.SampleRate),
        };
    }

    private static (NetworkSpec Spec, ParameterSource[] Sources) Network(JsonPart root, JsonNotes notes)
    {
        (int inputs, int units, int layers, int outputs) = Config(root.Get("config"), notes);
        JsonPart weights = root.Get("weights");
        Int128 gates = 4 * (Int128)units;
        Int128 first = gates * ((Int128)inputs + units + 1) + (2 * (Int128)units);
        Int128 other = gates * ((2 * (Int128)units) + 1) + (2 * (Int128)units);
        Int128 expected = first + ((layers - 1) * other) + ((Int128)outputs * ((Int128)units + 1));
        if (weights.Count() != expected)
        {
            throw weights.Fail(
                $"has {weights.Count()} numbers, expected {expected} for {layers} layers of {units} units on {inputs} inputs "
                + $"and a head of {outputs}");
        }

        ParameterSource numbers = weights.Tensor("weights");
        if (numbers.Shape.Length != 1)
        {
            throw weights.Wrong("an array of numbers");
        }

        var builder = new NetworkBuilder(inputs);
        var layer = new RecurrentLayer(CellKind.Lstm, units) { TrainableInitialState = true };
        long offset = 0;
        for (int i = 0; i < layers; i++)
        {
            offset = Add(builder, layer, numbers, offset);
        }

        ParameterSource head = Take(numbers, ref offset, outputs, units);
        builder.AddDense(head, Take(numbers, ref offset, outputs, 1));
        return builder.Build();
    }

    private static (int Inputs, int Units, int Layers, int Outputs) Config(JsonPart config, JsonNotes notes)
    {
        int inputs = config.Get("input_size").Integer(1);
        foreach (JsonPart member in config.Members)
        {
            if (member.Name == "in_channels" && member.Integer(1) != inputs)
            {
                throw member.Fail($"is {member.Integer(1)}, expected {inputs} as 'input_size' says");
            }

            if (member.Name is not ("input_size" or "hidden_size" or "num_layers" or "in_channels" or "out_channels"))
            {
                notes.Unused.Add($"config {ModelFormatException.Quote(member.Name)}");
            }
        }

        int outputs = config.Find("out_channels")?.Integer(1) ?? 1;
        return (inputs, config.Get("hidden_size").Integer(1), config.Get("num_layers").Integer(1), outputs);
    }

    // [4H, I + H], [4H], [H], [H].
    private static long Add(NetworkBuilder builder, RecurrentLayer layer, ParameterSource numbers, long offset)
    {
        int[] order = GateOrder.PyTorch.Of(layer);
        int inputs = builder.OutputSize;
        int units = layer.HiddenSize;
        int rows = layer.Gates * units;
        int columns = inputs + units;
        ParameterSource inputWeights = numbers.Window(offset, rows, inputs, columns, 1, order);
        ParameterSource recurrentWeights = numbers.Window(offset + inputs, rows, units, columns, 1, order);
        offset += (long)rows * columns;
        ParameterSource bias = numbers.Window(offset, rows, 1, 1, 1, order);
        offset += rows;
        builder.Add(layer, new()
        {
            [(Direction.Forward, ParameterRole.InputWeights)] = inputWeights,
            [(Direction.Forward, ParameterRole.RecurrentWeights)] = recurrentWeights,
            [(Direction.Forward, ParameterRole.InputBias)] = bias,
            [(Direction.Forward, ParameterRole.RecurrentBias)] = ParameterSource.Zeros(rows, 1),
            [(Direction.Forward, ParameterRole.InitialHidden)] = Take(numbers, ref offset, 1, units),
            [(Direction.Forward, ParameterRole.InitialCell)] = Take(numbers, ref offset, 1, units),
        });
        return offset;
    }

    private static ParameterSource Take(ParameterSource numbers, ref long offset, int rows, int columns)
    {
        ParameterSource taken = numbers.Window(offset, rows, columns, columns, 1);
        offset += (long)rows * columns;
        return taken;
    }

    // Half a second in whole blocks, or one block if the rate is unknown, as in Reset of NeuralAmpModelerCore.
    private static int PrewarmSteps(double? sampleRate)
    {
        int samples = Math.Max(1, (int)(0.5 * (sampleRate ?? 0)));
        return (samples + PrewarmBlock - 1) / PrewarmBlock * PrewarmBlock;
    }
}
