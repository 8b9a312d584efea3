using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using SpanRnn.Formats.Onnx;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>ONNX Runtime may be missing; its package is restored only on request.</summary>
public partial class OnnxTests
{
    [Fact]
    public void A_folder_above_is_found()
    {
        using var folder = new TemporaryFolder();
        string inner = Directory.CreateDirectory(Path.Combine(folder.Path, "perf", "bin")).FullName;
        string project = Path.Combine("perf", "Peers");

        Assert.Null(FolderAbove.Find(project, inner, folder.Path));
        string expected = Directory.CreateDirectory(Path.Combine(folder.Path, project)).FullName;
        Assert.Equal(expected, FolderAbove.Find(project, inner));
    }

    /// <summary>A build that fails says why in its first error. A build without package sources fails that way.</summary>
    [Fact]
    public void What_stops_a_build_is_named()
    {
        using var folder = new TemporaryFolder();
        Write("""<Error Text="no source" />""");

        Assert.EndsWith("error : no source", ChildProcess.Build(folder.Path, [], CancellationToken.None), StringComparison.Ordinal);
        Write(string.Empty);
        Assert.Null(ChildProcess.Build(folder.Path, [], CancellationToken.None));

        void Write(string task) => File.WriteAllText(
            folder.File("a.proj"),
            $"""<Project DefaultTargets="Build"><Target Name="Restore" /><Target Name="Build">{task}</Target></Project>""");
    }

    /// <summary>The package takes 392 MB: neither a clone's build nor its tests may restore it.</summary>
    [Fact]
    public void No_project_of_the_solution_brings_its_package()
    {
        string solution = File.ReadAllText(Repository.PathOf("SpanRnn.sln"));
        string[] projects = [.. ProjectOfSolution().Matches(solution).Select(match => match.Groups["path"].Value.Replace('\\', '/'))];

        Assert.Contains("perf/SpanRnn.Perf.csproj", projects);
        Assert.DoesNotContain("perf/Peers/SpanRnn.Peers.csproj", projects);
        Assert.All(
            projects.Append("Directory.Build.props").Append("src/Directory.Build.props"),
            file => Assert.False(Brings(File.ReadAllText(Repository.PathOf(file))), file));
        Assert.True(Brings(File.ReadAllText(Repository.PathOf("perf", "Peers", "SpanRnn.Peers.csproj"))));
        Assert.True(Brings("""<ProjectReference Include="../perf/Peers/SpanRnn.Peers.csproj" />"""));

        static bool Brings(string project) =>
            project.Contains("OnnxRuntime", StringComparison.Ordinal) || project.Contains("SpanRnn.Peers", StringComparison.Ordinal);
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
        var spec = new NetworkSpec(1, new RecurrentLayer(cell, 1));
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

    /// <summary>Y is asked for if there is more than one step; of one step the new h is all of it.</summary>
    [Fact]
    public void A_layer_of_one_step_gives_its_state_alone()
    {
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.Lstm, 1));
        float[] parameters = new float[spec.Parameters.Length];
        byte[] outputs = new ProtobufWriter().Add(2, string.Empty).Add(2, "newH").Add(2, "newC").ToArray();

        Assert.True(OnnxModel.Recurrent(spec, parameters, 1, 1).AsSpan().IndexOf(outputs) > 0);
        Assert.True(OnnxModel.Recurrent(spec, parameters, 2, 1).AsSpan().IndexOf(outputs) < 0);
    }

    [GeneratedRegex(@"""(?<path>[^""]+\.csproj)""")]
    private static partial Regex ProjectOfSolution();
}
