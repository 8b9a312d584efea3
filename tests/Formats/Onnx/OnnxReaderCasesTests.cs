using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>The operator tests of the ONNX standard and of ONNX Runtime, from their .onnx files.</summary>
public class OnnxReaderCasesTests
{
    [CasesFact]
    public void All_operator_tests_of_the_standard_agree()
    {
        string folder = Path.Combine(Cases.Folder!, "onnx-node");
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        int count = 0;
        foreach (JsonElement one in index.RootElement.EnumerateArray())
        {
            string name = one.GetProperty("name").GetString()!;
            Dictionary<string, NpyArray> given = [];
            Dictionary<string, NamedArray> arrays = [];
            foreach (JsonElement input in one.GetProperty("inputs").EnumerateArray())
            {
                var file = NpyArray.Load(Path.Combine(folder, name, input.GetProperty("file").GetString()!));
                string inputName = input.GetProperty("name").GetString()!;
                given.Add(inputName, file);
                arrays.Add(inputName, Array(file));
            }

            RecurrentModel model = ModelFile.Load(Path.Combine(folder, name, "model.onnx"), given: () => given);
            var run = new OnnxRun(model, arrays);
            (Dictionary<string, NamedArray> trained, Dictionary<string, NamedArray> inferred) = (run.Train(), run.Infer());
            foreach (JsonElement output in one.GetProperty("expected").EnumerateArray())
            {
                string outputName = output.GetProperty("name").GetString()!;
                NamedArray expected = Array(NpyArray.Load(Path.Combine(folder, name, output.GetProperty("file").GetString()!)));
                Agree($"{name} {outputName}", expected, trained[outputName], 1e-6);
                Agree($"{name} {outputName}", expected, inferred[outputName], 1e-5);
            }

            count++;
        }

        Assert.True(count >= 18, $"There are {count} cases.");
    }

    [CasesFact]
    public void All_operator_cases_of_ONNX_Runtime_agree()
    {
        using JsonDocument file = RuntimeCases();
        int count = 0;
        foreach (JsonElement one in file.RootElement.GetProperty("cases").EnumerateArray())
        {
            string id = one.GetProperty("id").GetString()!;
            Dictionary<string, NamedArray> arrays = [];
            Dictionary<string, NpyArray> given = [];
            foreach (JsonProperty input in one.GetProperty("inputs").EnumerateObject())
            {
                NamedArray array = Array(input.Value);
                arrays.Add(input.Name, array);
                if (input.Name is "W" or "R" or "B" or "P")
                {
                    given.Add(input.Name, Npy(array));
                }
            }

            string path = Path.Combine(Cases.Folder!, "onnx-runtime", one.GetProperty("model").GetString()!);
            var run = new OnnxRun(ModelFile.Load(path, given: () => given), arrays);
            (Dictionary<string, NamedArray> trained, Dictionary<string, NamedArray> inferred) = (run.Train(), run.Infer());
            foreach (JsonProperty output in one.GetProperty("ort_1_30").EnumerateObject())
            {
                NamedArray expected = Array(output.Value);
                Agree($"{id} {output.Name}", expected, trained[output.Name], 2e-6);
                Agree($"{id} {output.Name}", expected, inferred[output.Name], 1e-5);
            }

            count++;
        }

        Assert.True(count >= 36, $"There are {count} cases.");
    }

    [CasesFact]
    public void The_bad_cases_of_ONNX_Runtime_are_refused()
    {
        using JsonDocument file = RuntimeCases();
        int count = 0;
        foreach (JsonElement one in file.RootElement.GetProperty("negative_cases").EnumerateArray())
        {
            JsonElement shapes = one.GetProperty("inputs_shapes");
            var graph = new OnnxBuilder();
            foreach (JsonProperty input in shapes.EnumerateObject())
            {
                long[] shape = [.. input.Value.EnumerateArray().Select(size => size.GetInt64())];
                if (input.Name == "X")
                {
                    graph.Input(input.Name, shape);
                }
                else if (input.Name == "sequence_lens")
                {
                    long[] lengths = [.. one.GetProperty("sequence_lens").EnumerateArray().Select(length => length.GetInt64())];
                    graph.Constant(input.Name, lengths, type: 6);
                }
                else
                {
                    graph.Constant(input.Name, shape, new float[shape.Aggregate(1L, (product, size) => product * size)]);
                }
            }

            graph.Node("RNN", ["X", "W", "R", "B", "sequence_lens"], ["Y", "Y_h"], ("hidden_size", 3L));
            byte[] bytes = graph.Output("Y").ToBytes();

            ModelFormatException e = Assert.Throws<ModelFormatException>(() => ModelFile.Load(bytes, "m.onnx"));
            Assert.Contains("sequence_lens", e.Message, StringComparison.Ordinal);
            count++;
        }

        Assert.True(count >= 2, $"There are {count} cases.");
    }

    internal static void Agree(string what, NamedArray expected, NamedArray actual, double tolerance)
    {
        Assert.True(
            expected.Shape.AsSpan().SequenceEqual(actual.Shape),
            $"{what} has shape [{string.Join(", ", actual.Shape)}], expected [{string.Join(", ", expected.Shape)}].");
        Near.Assert<double>(what, expected.Values, actual.Values, tolerance);
    }

    private static JsonDocument RuntimeCases() =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Cases.Folder!, "onnx-runtime", "cases.json")));

    private static NamedArray Array(NpyArray file)
    {
        string[] axes = [.. Enumerable.Repeat("A", file.Shape.Length)];
        double[] values = file.Dtype.StartsWith("int", StringComparison.Ordinal)
            ? [.. file.ToInt64s(axes).Select(value => (double)value)]
            : file.ToDoubles(axes);
        return new NamedArray(file.Shape.ToArray(), values);
    }

    private static NamedArray Array(JsonElement tensor)
    {
        double[] values = [.. tensor.GetProperty("data").EnumerateArray().Select(value => value.GetDouble())];
        return tensor.TryGetProperty("shape", out JsonElement shape)
            ? new NamedArray([.. shape.EnumerateArray().Select(size => size.GetInt32())], values)
            : new NamedArray([values.Length], values);
    }

    private static NpyArray Npy(NamedArray array) => NpyArray.Parse(
        NpyArray.From<float>(array.Shape, System.Array.ConvertAll(array.Values, value => (float)value)).ToBytes(), "given");
}
