using System.Runtime.InteropServices;
using System.Text;
using SpanRnn.Cells;
using SpanRnn.Formats;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>ONNX Runtime may be missing, and is found where npm puts it.</summary>
public class OnnxTests
{
    [Fact]
    public void A_folder_without_it_has_none()
    {
        using var folder = new TemporaryFolder();

        Assert.Null(OnnxRuntime.Find(null, folder.Path));
    }

    [Fact]
    public void It_is_found_below_perf_peers_of_a_folder_above()
    {
        using var folder = new TemporaryFolder();
        string system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        string file = OperatingSystem.IsWindows() ? "onnxruntime.dll"
            : OperatingSystem.IsMacOS() ? "libonnxruntime.1.dylib"
            : "libonnxruntime.so.1";
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        string package = Path.Combine(folder.Path, "perf", "peers", "node_modules", "onnxruntime-node", "bin", "napi-v6");
        string expected = Path.Combine(package, system, architecture, file);
        foreach (string path in new[] { Path.Combine(package, "other", architecture, file), expected })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, string.Empty);
        }

        string inner = Directory.CreateDirectory(Path.Combine(folder.Path, "perf", "bin")).FullName;

        Assert.Equal(expected, OnnxRuntime.Find(string.Empty, inner));
    }

    [Fact]
    public void The_variable_comes_first_and_must_name_a_file()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("library");

        Assert.Contains("expected a file", Assert.Throws<PerfException>(() => OnnxRuntime.Find(file)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, string.Empty);
        Assert.Equal(file, OnnxRuntime.Find(file, folder.Path));
    }

    [Fact]
    public void Constant_weights_stand_in_the_model()
    {
        byte[] weights = MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6]).ToArray();

        Assert.True(OnnxModel.MatrixProduct<float>(1, 2, 3, [1, 2, 3, 4, 5, 6]).AsSpan().IndexOf(weights) > 0);
        Assert.True(OnnxModel.MatrixProduct<float>(1, 2, 3, []).AsSpan().IndexOf(weights) < 0);
        Assert.True(OnnxModel.MatrixProduct<float>(1, 2, 3, []).AsSpan().IndexOf(Encoding.ASCII.GetBytes("MatMul")) > 0);
    }

    [Theory]
    [InlineData(CellKind.Lstm, "LSTM", new[] { 0, 3, 1, 2 })]
    [InlineData(CellKind.GruResetAfter, "GRU", new[] { 1, 0, 2 })]
    [InlineData(CellKind.GruResetBefore, "GRU", new[] { 1, 0, 2 })]
    [InlineData(CellKind.Elman, "RNN", new[] { 0 })]
    public void A_layer_has_its_gates_in_the_order_of_onnx(CellKind cell, string name, int[] order)
    {
        var spec = new NetworkSpec(1, new LayerSpec(cell, 1));
        float[] parameters = new float[spec.Parameters.Length];
        float[][] expected = new float[4][];
        for (int role = 0; role < 4; role++)
        {
            Span<float> tensor = spec.Slot(0, Direction.Forward, (ParameterRole)role)!.In(parameters.AsSpan());
            for (int gate = 0; gate < tensor.Length; gate++)
            {
                tensor[gate] = (10 * role) + gate + 1;
            }

            expected[role] = [.. order.Select(gate => (10 * role) + gate + 1f)];
        }

        byte[] model = OnnxModel.Recurrent(spec, parameters, 2, 1);

        Assert.True(Has(Tensor("W", expected[0], 1, order.Length, 1)), "W");
        Assert.True(Has(Tensor("R", expected[1], 1, order.Length, 1)), "R");
        Assert.True(Has(Tensor("B", [.. expected[2], .. expected[3]], 1, 2 * order.Length)), "B");
        Assert.True(Has(new ProtobufWriter().Add(4, name)), name);
        Assert.True(Has(Attribute("hidden_size", 1)), "hidden_size");
        Assert.Equal(cell == CellKind.GruResetAfter, Has(Attribute("linear_before_reset", 1)));
        Assert.Equal(cell == CellKind.GruResetBefore, Has(Attribute("linear_before_reset", 0)));

        bool Has(ProtobufWriter part) => model.AsSpan().IndexOf(part.ToArray()) > 0;

        static ProtobufWriter Attribute(string name, int value) =>
            new ProtobufWriter().Add(5, new ProtobufWriter().Add(1, name).Add(3, value).Add(20, 2));

        static ProtobufWriter Tensor(string name, float[] values, params int[] shape)
        {
            var tensor = new ProtobufWriter();
            foreach (int dimension in shape)
            {
                tensor.Add(1, dimension);
            }

            tensor.Add(2, 1).Add(8, name).Add(9, MemoryMarshal.AsBytes<float>(values).ToArray());
            return new ProtobufWriter().Add(5, tensor);
        }
    }

    /// <summary>Y is asked for where there is more than one step; of one step the new h is all of it.</summary>
    [Fact]
    public void A_layer_of_one_step_gives_its_state_alone()
    {
        var spec = new NetworkSpec(1, new LayerSpec(CellKind.Lstm, 1));
        float[] parameters = new float[spec.Parameters.Length];
        byte[] outputs = new ProtobufWriter().Add(2, string.Empty).Add(2, "newH").Add(2, "newC").ToArray();

        Assert.True(OnnxModel.Recurrent(spec, parameters, 1, 1).AsSpan().IndexOf(outputs) > 0);
        Assert.True(OnnxModel.Recurrent(spec, parameters, 2, 1).AsSpan().IndexOf(outputs) < 0);
    }
}
