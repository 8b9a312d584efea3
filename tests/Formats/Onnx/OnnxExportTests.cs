using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>Models as PyTorch exports them, tests/Data/onnx, and the results of PyTorch.</summary>
public class OnnxExportTests
{
    private static readonly string _folder = Repository.PathOf("tests", "Data", "onnx");

    public static TheoryData<string> Names() =>
        [.. Directory.GetFiles(_folder, "*.onnx").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Exported_models_give_the_numbers_of_PyTorch(string name)
    {
        var arrays = SafetensorsFile.Load(Path.Combine(_folder, $"{name}.safetensors"));
        using var about = JsonDocument.Parse(arrays.Metadata["case"]);
        string[] outputs = [.. about.RootElement.GetProperty("outputs").EnumerateArray().Select(output => output.GetString()!)];
        var all = arrays.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            double[] values = new double[tensor.Length];
            tensor.CopyTo<double>(values);
            return new NamedArray(tensor.Shape.ToArray(), values);
        });

        RecurrentModel model = ModelFile.Load(Path.Combine(_folder, $"{name}.onnx"));
        var run = new OnnxRun(model, all.Where(array => !outputs.Contains(array.Key)).ToDictionary());
        (Dictionary<string, NamedArray> trained, Dictionary<string, NamedArray> inferred) = (run.Train(), run.Infer());

        Assert.Equal(outputs, model.Outputs.Select(output => output.Name));
        Assert.Equal("pytorch", model.Metadata["producer_name"]);
        foreach (string output in outputs)
        {
            OnnxReaderCasesTests.Agree(output, all[output], trained[output], 1e-6);
            OnnxReaderCasesTests.Agree(output, all[output], inferred[output], 1e-5);
        }
    }
}
