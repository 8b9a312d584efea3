using System.Numerics;
using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>Forward, final states and all gradients against the references of tests/Data/torch, which every clone has.</summary>
[Trait("Category", "Simd")]
public class PyTorchReferenceTests
{
    private static readonly string _folder = Repository.PathOf("tests", "Data", "torch");

    public static TheoryData<string> Names() => [.. Files(training: false)];

    [Fact]
    public void The_references_are_all_there()
    {
        Assert.Equal(13, Files(training: false).Length);
        Assert.Equal(3, Files(training: true).Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Single_precision_agrees(string name) => Agrees<float>(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Double_precision_agrees(string name) => Agrees<double>(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Packed_inference_agrees(string name)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            PyTorchComparison.Agree(Read(name), precision);
        }
    }

    /// <summary>References that are trained, or all others.</summary>
    internal static string[] Files(bool training) =>
    [
        .. Directory.EnumerateFiles(_folder, "*.safetensors")
            .Where(path => Read(path).Config.TryGetProperty("optimiser", out JsonElement _) == training)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal),
    ];

    internal static PyTorchCase Read(string name) => PyTorchCase.FromFile(Path.Combine(_folder, Path.ChangeExtension(name, "safetensors")));

    private static void Agrees<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        PyTorchCase reference = Read(name);
        PyTorchComparison.Agree<T>(reference, reference.Run<T>());
    }
}
