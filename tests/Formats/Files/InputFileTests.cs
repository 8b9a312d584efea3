using System.Text;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

public class InputFileTests
{
    private static readonly NetworkSpec _spec = new(3, new RecurrentLayer(CellKind.Lstm, 40), new DenseLayer(1));

    public static TheoryData<string> Formats => ["safetensors", "onnx", "json"];

    /// <summary>Truncated, overwritten in place by another model, deleted: the model has the numbers that it was read with.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_model_does_not_change_with_its_file(string format)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File($"m.{format}");
        byte[] bytes = Model(format, 1);
        foreach (Action change in new Action[]
        {
            () => File.WriteAllBytes(path, bytes[..10]),
            () => Overwrite(path, Model(format, 2)),
            () => File.WriteAllBytes(path, []),
            () => File.Delete(path),
        })
        {
            File.WriteAllBytes(path, bytes);
            float[] expected = ModelFile.Load(path).ReadParameters<float>().Span.ToArray();
            RecurrentModel model = ModelFile.Load(path);

            change();

            Assert.Equal(expected, model.ReadParameters<float>().Span.ToArray());
        }
    }

    [Fact]
    public void An_array_does_not_change_with_its_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.npy");
        File.WriteAllBytes(path, NpyArray.From<float>([2], [1f, 2f]).ToBytes());
        var file = NpyArray.Load(path);

        Overwrite(path, NpyArray.From<float>([2], [3f, 4f]).ToBytes());

        Assert.Equal([1f, 2f], file.ToSingles("B"));
    }

    [Fact]
    public void A_file_that_changes_while_it_is_read_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("m");
        byte[] bytes = Model("safetensors", 1);
        foreach (Action change in new Action[]
        {
            () => File.WriteAllBytes(path, bytes[..1000]),
            () => File.AppendAllText(path, "more"),
            () => Overwrite(path, Model("safetensors", 2)),
        })
        {
            File.WriteAllBytes(path, bytes);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
            using var whole = InputFile.Open(path);
            using var pieces = InputFile.Open(path);
            pieces.Read(new byte[600]);

            change();

            string expected = $"'{path}' changed while it was read, expected a file that stays as it is.";
            Assert.Equal(expected, Assert.Throws<IOException>(() => whole.ReadAll()).Message);
            Assert.Equal(
                expected,
                Assert.Throws<IOException>(() =>
                {
                    while (pieces.Read(new byte[600]) > 0)
                    {
                        // Until the end.
                    }
                }).Message);
        }
    }

    /// <summary>A rename puts another file in the place of the one that is read.</summary>
    [LinuxFact]
    public void A_file_that_is_replaced_while_it_is_read_is_read_whole()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("m");
        byte[] bytes = Model("safetensors", 1);
        File.WriteAllBytes(path, bytes);
        using var file = InputFile.Open(path);
        using var files = new AtomicFiles();
        files.Add(path, Model("safetensors", 2));
        files.Commit();

        Assert.Equal(bytes, file.ReadAll().ToArray());
        Assert.Equal(Model("safetensors", 2), InputFile.Read(path).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(100_000)]
    public void Files_of_any_length_are_read_whole_and_in_pieces(int length)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("f");
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        File.WriteAllBytes(path, bytes);

        Assert.Equal(bytes, InputFile.Read(path).ToArray());
        foreach (InputFile file in new[] { InputFile.Open(path), InputFile.Of(bytes, "f") })
        {
            using (file)
            {
                byte[] piece = new byte[100];
                List<byte> read = [];
                for (int count = file.Read(piece); count > 0; count = file.Read(piece))
                {
                    read.AddRange(piece[..count]);
                }

                Assert.Equal(bytes, read);
                Assert.Equal(bytes[..Math.Min(length, 512)], file.Head.ToArray());
            }
        }
    }

    [LinuxFact]
    public void A_device_is_named_and_not_read()
    {
        foreach (string device in new[] { "/dev/zero", "/dev/null" })
        {
            Assert.Equal($"'{device}' is a device, expected a file.", Assert.Throws<IOException>(() => InputFile.Read(device)).Message);
            Assert.Throws<IOException>(() => ModelFile.Load(device));
            Assert.Throws<IOException>(() => NpyArray.Load(device));
        }
    }

    /// <summary>Reading takes at most 1.2 times the larger of the file and its parameters as floats.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Reading_takes_little_more_than_the_file(string format)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File($"m.{format}");
        byte[] bytes = Model(format, 1, units: 200);
        File.WriteAllBytes(path, bytes);
        ModelFile.Load(path);

        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFile.Load(path);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The rest are the buffers, which do not grow with the file.
        Assert.True(allocated <= (1.2 * bytes.Length) + 300_000, $"{allocated} bytes were allocated for a file of {bytes.Length}.");
    }

    // In place, as cp does it.
    private static void Overwrite(string path, byte[] bytes)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write);
        stream.Write(bytes);
    }

    private static byte[] Model(string format, ulong seed, int units = 40)
    {
        NetworkSpec spec = units == 40 ? _spec : new(3, new RecurrentLayer(CellKind.Lstm, units), new DenseLayer(1));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(seed));
        return format switch
        {
            "onnx" => OnnxWriter.ToBytes(spec, parameters),
            "json" => StateDict(spec, parameters),
            _ => PyTorchWriter.ToBytes<float>(spec, parameters),
        };
    }

    // As json.dump writes it, so no shorter than nine digits.
    private static byte[] StateDict(NetworkSpec spec, float[] parameters)
    {
        static string Row(ReadOnlySpan<float> row)
        {
            string[] numbers = new string[row.Length];
            for (int i = 0; i < row.Length; i++)
            {
                numbers[i] = ((double)row[i]).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            }

            return $"[{string.Join(", ", numbers)}]";
        }

        string[] names = ["rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "head.weight", "head.bias"];
        var text = new StringBuilder("{");
        for (int i = 0; i < names.Length; i++)
        {
            ParameterSlot slot = spec.Parameters.Slots[i];
            float[] values = slot.In(parameters.AsSpan()).ToArray();
            IEnumerable<string> rows = Enumerable.Range(0, slot.Rows).Select(row => Row(values.AsSpan(row * slot.Columns, slot.Columns)));
            string value = names[i].Contains("bias", StringComparison.Ordinal) ? Row(values) : $"[{string.Join(", ", rows)}]";
            text.Append(i == 0 ? string.Empty : ", ").Append($"\"{names[i]}\": {value}");
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }
}
