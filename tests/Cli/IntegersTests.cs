namespace SpanRnn.Tests;

/// <summary>Integers are symbols where the model has symbols, and numbers where it has numbers, in every command.</summary>
public class IntegersTests
{
    private const string Remedy = "x.npy: the array has int64 in the shape [3, 2] as symbols have, expected the numbers [T, B, 2] of x; "
        + "numpy.eye(2, dtype='float32')[array] makes one-hot numbers of symbols below 2.";

    private static readonly string[] _lines =
    [
        "run {m} --input {x.npy} --output {o.npy}",
        "gradcheck {m} --input {x.npy} --output-gradient {y.npy} --write {o.safetensors}",
        "train --from {m} --input {x.npy} --target {y.npy} --loss mse --steps 2 --report 0 --output {o.safetensors}",
    ];

    [Theory]
    [InlineData("<i4")]
    [InlineData("<i8")]
    public void For_a_model_of_numbers_they_are_numbers(string descr)
    {
        foreach (string line in _lines)
        {
            byte[][] results =
            [
                .. new Action<CliFolder>[]
                {
                    folder => Integers(folder, "x.npy", descr, 3, 2, 2),
                    folder => folder.WriteArray("x.npy", [3, 2, 2], [.. Enumerable.Range(0, 12).Select(i => (float)(i % 2))]),
                }.Select(write =>
                {
                    using CliFolder folder = Ready(2);
                    write(folder);
                    folder.Succeed(line.Split(' '));
                    return File.ReadAllBytes(folder.File(folder.Names().Single(name => name.StartsWith("o.", StringComparison.Ordinal))));
                }),
            ];
            Assert.Equal(results[1], results[0]);
        }
    }

    [Fact]
    public void Without_the_last_axis_they_are_refused_with_the_remedy()
    {
        foreach (string line in _lines)
        {
            using CliFolder folder = Ready(2);
            Integers(folder, "x.npy", "<i8", 3, 2);
            Assert.EndsWith(Remedy, folder.Fail(1, line.Split(' ')).TrimEnd(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_recording_of_integers_is_numbers()
    {
        using CliFolder folder = Ready(1);
        Integers(folder, "x.npy", "<i4", 6);
        folder.WriteArray("f.npy", [6], [0, 1, 0, 1, 0, 1]);

        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{a.npy}");
        folder.Succeed("run", "{m}", "--input", "{f.npy}", "--output", "{b.npy}");

        Assert.Equal(File.ReadAllBytes(folder.File("b.npy")), File.ReadAllBytes(folder.File("a.npy")));
    }

    [Fact]
    public void A_new_network_takes_symbols_only_where_the_line_says_so()
    {
        const string New = "train --cell gru --hidden 3 --outputs 1 --input {x.npy} --target {t.npy} --loss mse --steps 1 --report 0 ";
        using CliFolder folder = Ready(2);
        folder.WriteArray("t.npy", 3, 2, 1);
        folder.Write("x.npy", FormatBytes.Npy("<i1", "(3, 2)", [0, 1, 1, 0, 1, 1]));
        Assert.Contains("expected --symbols for them", folder.Fail(1, (New + "--output {o.onnx}").Split(' ')), StringComparison.Ordinal);
        folder.Succeed((New + "--symbols 2 --output {o.safetensors}").Split(' '));

        // One-hot: a model of numbers, to which the symbols are given as numbers.
        Assert.Contains(
            "makes one-hot numbers of symbols",
            folder.Fail(1, "run", "{o.safetensors}", "--input", "{x.npy}", "--output", "{y.npy}"),
            StringComparison.Ordinal);

        Integers(folder, "x.npy", "<i8", 3, 2, 2);
        folder.Succeed((New + "--output {p.safetensors}").Split(' '));
        Assert.Contains("input       2 per step", folder.Succeed("inspect", "{p.safetensors}"), StringComparison.Ordinal);
        Assert.Contains(
            "expected integers [T, B] for --symbols.",
            folder.Fail(1, (New + "--symbols 2 --output {o.onnx}").Split(' ')),
            StringComparison.Ordinal);
    }

    private static CliFolder Ready(int inputs)
    {
        var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(inputs, new RecurrentLayer(CellKind.Lstm, 3)));
        folder.WriteArray("y.npy", 3, 2, 3);
        return folder;
    }

    /// <summary>0, 1, 0, 1 and so on.</summary>
    private static void Integers(CliFolder folder, string name, string descr, params int[] shape)
    {
        int count = shape.Aggregate(1, (product, size) => product * size);
        int size = descr[2] - '0';
        byte[] data = [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((long)(i % 2))[..size])];
        string tuple = shape.Length == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape)})";
        folder.Write(name, FormatBytes.Npy(descr, tuple, data));
    }
}
