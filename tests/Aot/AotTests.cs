using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>A program with the libraries, compiled ahead of time: no warning, and the bits of one that is compiled while it runs.</summary>
[Trait("Category", "Slow")]
public sealed class AotTests
{
    // The libraries are compiled whole, so that warnings about code that the program does not call show too.
    private static readonly string _libraries = $"""
        <ItemGroup>
            <ProjectReference Include="{Repository.PathOf("src", "Core", "SpanRnn.Core.csproj")}" />
            <ProjectReference Include="{Repository.PathOf("src", "Cells", "SpanRnn.Cells.csproj")}" />
            <ProjectReference Include="{Repository.PathOf("src", "Formats", "SpanRnn.Formats.csproj")}" />
            <TrimmerRootAssembly Include="SpanRnn.Core;SpanRnn.Cells;SpanRnn.Formats" />
          </ItemGroup>
        """;

    [AotFact]
    public void A_published_program_loads_steps_and_trains_with_the_bits_of_the_JIT()
    {
        using var host = new AotHost(File.ReadAllText(Repository.PathOf("tests", "Aot", "Host.cs.txt")), "x86-64-v3", _libraries);
        (int exitCode, string output) = host.Publish();
        Assert.True(exitCode == 0 && AotHost.Warnings(output).Length == 0, output);

        string models = host.PathOf("models");
        int files = WriteModels(models);
        string ahead = host.Run(models, host.PathOf("ahead.ckpt"));
        Assert.Contains("registers of 256 bits", ahead, StringComparison.Ordinal);
        Assert.Equal((3 * 3 * (files + 1)) + 11, ahead.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(host.RunByJit("DOTNET_EnableAVX512", models, host.PathOf("jit.ckpt")), ahead);

        // The comparison sees other bits: 128-bit registers without fused multiply-adds.
        string narrow = host.RunByJit("DOTNET_EnableAVX2", models, host.PathOf("narrow.ckpt"));
        Assert.NotEqual(Numbers(narrow), Numbers(ahead));
    }

    [AotFact]
    public void A_warning_is_found_out()
    {
        using var host = new AotHost("Console.WriteLine(Type.GetType(args[0])!.GetMethods().Length);", "x86-64-v3", string.Empty);
        (_, string output) = host.Publish();
        Assert.NotEmpty(AotHost.Warnings(output));
    }

    // The numbers alone: the names in front of them tell the width.
    private static string[] Numbers(string output) => [.. output.Split('\n').Select(line => line[(line.LastIndexOf(':') + 1)..])];

    // Small files of every format, and one network with full registers.
    private static int WriteModels(string folder)
    {
        var spec = new NetworkSpec(
            3,
            new RecurrentLayer(CellKind.Lstm, 40),
            new RecurrentLayer(CellKind.GruResetAfter, 40),
            new DenseLayer(5));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(1));
        (string Ending, byte[][] Files)[] formats =
        [
            ("safetensors", [PyTorchWriter.ToBytes<float>(spec, parameters), .. FuzzOriginals.Keras]),
            ("json", [.. FuzzOriginals.RtNeural, .. FuzzOriginals.StateDicts]),
            ("nam", FuzzOriginals.Nam),
            ("onnx", FuzzOriginals.Onnx),
        ];
        Directory.CreateDirectory(folder);
        int count = 0;
        foreach ((string ending, byte[][] files) in formats)
        {
            foreach (byte[] bytes in files)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{count++:D2}.{ending}"), bytes);
            }
        }

        return count;
    }
}
