using System.Globalization;
using System.Text;
using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Perf;

/// <summary>Every format with a model of about 10 MB, and one model of the size that audio effects have.</summary>
internal static class FormatCases
{
    /// <summary>Largest time of loading, as a multiple of reading the file and packing its parameters.</summary>
    public const double LoadBar = 3;

    /// <summary>Managed bytes that reading may allocate, as a multiple of the larger of the file and its parameters as floats.</summary>
    public const double MemoryBar = 1.2;

    // 2.56 million parameters: 10.2 MB.
    private const int Large = 565;
    private const int Small = 40;

    public static IEnumerable<FormatCase> All()
    {
        foreach (int size in new[] { Large, Small })
        {
            NetworkSpec lstm = Network(CellKind.Lstm, size, size);
            NetworkSpec gru = Network(CellKind.GruResetAfter, size, size);
            NetworkSpec mono = Network(CellKind.Lstm, 1, size);
            yield return new($"safetensors F32, LSTM {size}", ".safetensors", lstm, (spec, p) => PyTorchWriter.ToBytes<float>(spec, p));
            yield return new($"ONNX, LSTM {size}", ".onnx", lstm, (spec, p) => OnnxWriter.ToBytes(spec, p));
            yield return new($"ONNX, GRU {size}", ".onnx", gru, (spec, p) => OnnxWriter.ToBytes(spec, p));
            yield return new($"RTNeural JSON, LSTM 1, {size}", ".json", mono, RtNeural, IsExact: false);
            yield return new($"NAM, LSTM 1, {size}", ".nam", mono, Nam, IsExact: false);
        }
    }

    private static NetworkSpec Network(CellKind cell, int inputSize, int size) =>
        new(inputSize, new RecurrentLayer(cell, size), new DenseLayer(1));

    // Keras's layers: kernels [I, 4H] and [H, 4H], one bias, gates i f c o.
    private static byte[] RtNeural(NetworkSpec spec, float[] parameters)
    {
        int size = ((RecurrentLayer)spec.Layers[0]).HiddenSize;
        float[] w = In(spec, 0, ParameterRole.InputWeights, parameters), u = In(spec, 0, ParameterRole.RecurrentWeights, parameters);
        float[] b = Bias(spec, parameters), head = In(spec, 1, ParameterRole.InputWeights, parameters);
        var text = new StringBuilder($$"""{"in_shape":[null,null,{{spec.InputSize}}],"layers":[""");
        text.Append(CultureInfo.InvariantCulture, $$"""{"type":"lstm","activation":"tanh","shape":[null,null,{{size}}],"weights":[""");
        Columns(text, w, spec.InputSize);
        Columns(text.Append(','), u, size);
        text.Append(',').Append(Row(b)).Append("]},");
        text.Append("""{"type":"dense","activation":"","shape":[null,null,1],"weights":[""");
        Columns(text, head, size);
        text.Append(',').Append(Row(In(spec, 1, ParameterRole.InputBias, parameters))).Append("]}]}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // For each layer: W and U side by side, the bias, the initial h and c; then the head.
    private static byte[] Nam(NetworkSpec spec, float[] parameters)
    {
        int size = ((RecurrentLayer)spec.Layers[0]).HiddenSize;
        float[] w = In(spec, 0, ParameterRole.InputWeights, parameters), u = In(spec, 0, ParameterRole.RecurrentWeights, parameters);
        List<float> numbers = [];
        for (int row = 0; row < 4 * size; row++)
        {
            numbers.AddRange(w.AsSpan(row * spec.InputSize, spec.InputSize));
            numbers.AddRange(u.AsSpan(row * size, size));
        }

        numbers.AddRange(Bias(spec, parameters));
        numbers.AddRange(new float[2 * size]);
        numbers.AddRange(In(spec, 1, ParameterRole.InputWeights, parameters));
        numbers.AddRange(In(spec, 1, ParameterRole.InputBias, parameters));
        return Encoding.UTF8.GetBytes(
            """{"version":"0.5.4","architecture":"LSTM","config":{"num_layers":1,"""
            + $$""" "input_size":{{spec.InputSize}},"hidden_size":{{size}}},"""
            + $$""" "weights":{{Row([.. numbers])}},"sample_rate":48000}""");
    }

    private static float[] In(NetworkSpec spec, int layer, ParameterRole role, float[] parameters) =>
        spec.Slot(layer, Direction.Forward, role)!.In(parameters.AsSpan()).ToArray();

    // These formats have one bias, the sum of both.
    private static float[] Bias(NetworkSpec spec, float[] parameters) =>
        [.. In(spec, 0, ParameterRole.InputBias, parameters).Zip(In(spec, 0, ParameterRole.RecurrentBias, parameters), (b, d) => b + d)];

    private static void Columns(StringBuilder text, float[] matrix, int columns)
    {
        for (int column = 0; column < columns; column++)
        {
            float[] one = new float[matrix.Length / columns];
            for (int row = 0; row < one.Length; row++)
            {
                one[row] = matrix[(row * columns) + column];
            }

            text.Append(column == 0 ? "[" : ",").Append(Row(one));
        }

        text.Append(']');
    }

    private static string Row(ReadOnlySpan<float> values)
    {
        string[] numbers = new string[values.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = values[i].ToString("R", CultureInfo.InvariantCulture);
        }

        return $"[{string.Join(", ", numbers)}]";
    }
}
