using SpanRnn.Formats;

namespace SpanRnn.Tests;

public class FormatFuzzTests
{
    private const int Mutants = 2000;

    [Fact]
    public void A_damaged_safetensors_file_is_read_or_refused()
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["format"] = "pt";
        writer.Add<float>("weight_ih_l0", [2, 3], new float[6]);
        writer.Add<double>("b", [2], new double[2]);
        writer.Add<float>("none", [0, 7], []);

        int refused = FormatFuzz.Run(writer.ToBytes(), 0, 8, Mutants, ReadSafetensors);

        // Both outcomes are many, so both are tried.
        Assert.InRange(refused, Mutants / 2, Mutants - (Mutants / 50));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    public void A_damaged_npy_file_is_read_or_refused(int version, int lengthBytes)
    {
        const string Header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n";
        byte[] original = FormatBytes.Npy(version, Header, FormatBytes.Count(6, 4));

        int refused = FormatFuzz.Run(original, 8, lengthBytes, Mutants, ReadNpy);

        Assert.InRange(refused, Mutants / 2, Mutants - (Mutants / 50));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] npy = NpyFile.ToBytes([2, 3], new float[6]);
        var writer = new SafetensorsWriter();
        writer.Add<float>("w", [2, 3], new float[6]);
        byte[] safetensors = writer.ToBytes();

        Assert.All(Enumerable.Range(0, npy.Length), n => Assert.Throws<ModelFormatException>(() => ReadNpy(npy[..n])));
        Assert.All(
            Enumerable.Range(0, safetensors.Length), n => Assert.Throws<ModelFormatException>(() => ReadSafetensors(safetensors[..n])));
    }

    [Fact]
    public void The_fuzz_reports_a_reader_that_throws_anything_else()
    {
        Xunit.Sdk.FailException e = Assert.Throws<Xunit.Sdk.FailException>(
            () => FormatFuzz.Run(NpyFile.ToBytes([1], [1f]), 8, 2, Mutants, bytes => _ = bytes[1000]));

        Assert.Contains(nameof(IndexOutOfRangeException), e.Message, StringComparison.Ordinal);
    }

    private static void ReadSafetensors(byte[] bytes)
    {
        foreach (SafetensorsTensor tensor in SafetensorsFile.Parse(bytes, "m").Tensors)
        {
            tensor.CopyTo<float>(new float[tensor.Length]);
            tensor.CopyTo<double>(new double[tensor.Length]);
        }
    }

    private static void ReadNpy(byte[] bytes)
    {
        var file = NpyFile.Parse(bytes, "x");
        string[] axes = [.. Enumerable.Repeat("A", file.Shape.Length)];
        _ = file.Dtype.StartsWith("int", StringComparison.Ordinal) ? file.ToInt64s(axes).Length : file.ToDoubles(axes).Length;
        _ = file.ToSingles("A", "B");
    }
}
