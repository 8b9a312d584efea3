using System.Numerics;
using System.Runtime.InteropServices;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>Forward, final states and all gradients against every case of the folder torch of the reference cases.</summary>
public class PyTorchCasesTests
{
    private static string Folder => Path.Combine(Cases.Folder!, "torch");

    public static TheoryData<string> Names() => [.. Directory.EnumerateDirectories(Folder).Select(path => Path.GetFileName(path)).Order()];

    [CasesFact]
    public void There_are_cases() => Assert.NotEmpty(Directory.EnumerateDirectories(Folder));

    [CasesTheory]
    [MemberData(nameof(Names))]
    public void Single_precision_agrees(string name) => Agrees<float>(name);

    [CasesTheory]
    [MemberData(nameof(Names))]
    public void Double_precision_agrees(string name) => Agrees<double>(name);

    [CasesTheory]
    [MemberData(nameof(Names))]
    public void Packed_inference_agrees(string name)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            PyTorchComparison.Agree(PyTorchCase.FromFolder(Path.Combine(Folder, name)), precision);
        }
    }

    [CasesTheory]
    [MemberData(nameof(Names))]
    public void Weights_saved_and_read_again_are_the_same(string name)
    {
        RecurrentModel model = PyTorchCase.FromFolder(Path.Combine(Folder, name)).Model;
        Span<float> parameters = model.ReadParameters<float>().Span;

        RecurrentModel again = ModelFile.Load(PyTorchWriter.ToBytes<float>(model.Spec, parameters), "m.safetensors");

        Assert.Equal(model.Spec.Layers.ToArray(), again.Spec.Layers.ToArray());
        Assert.True(MemoryMarshal.AsBytes(parameters).SequenceEqual(MemoryMarshal.AsBytes(again.ReadParameters<float>().Span)));
    }

    private static void Agrees<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var reference = PyTorchCase.FromFolder(Path.Combine(Folder, name));
        PyTorchComparison.Agree<T>(reference, reference.Run<T>());
    }
}
