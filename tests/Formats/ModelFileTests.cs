using System.Numerics;
using System.Text;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>The content of a file tells its format, whatever its name is; files of other kinds are called by their names.</summary>
public class ModelFileTests
{
    private static readonly string[] _names = ["m", "m.onnx", "m.json", "m.nam", "m.safetensors", "m.aidax", "m.pt", "m.wav"];

    private static readonly NetworkSpec _spec = new(2, new RecurrentLayer(CellKind.Lstm, 3));

    [Fact]
    public void The_name_does_not_matter()
    {
        Dictionary<string, byte[][]> files = new()
        {
            ["safetensors, PyTorch"] = [PyTorchWriter.ToBytes<float>(_spec, new float[_spec.Parameters.Length])],
            ["safetensors, Keras"] = FuzzOriginals.Keras,
            ["RTNeural"] = FuzzOriginals.RtNeural,
            ["JSON, PyTorch"] = FuzzOriginals.StateDicts,
            ["NAM"] = FuzzOriginals.Nam,
            ["ONNX"] = FuzzOriginals.Onnx,
        };
        foreach ((string format, byte[][] originals) in files)
        {
            foreach (byte[] bytes in originals)
            {
                Assert.All(
                    _names, name => Assert.StartsWith(format, ModelFile.Load(bytes, name).Format, StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("m.safetensors")]
    [InlineData("m.ONNX")]
    public void A_saved_network_is_loaded_again(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(name);
        float[] parameters = Parameters(8f);

        ModelFile.Save(path, _spec, parameters);
        RecurrentModel model = ModelFile.Load(path);

        Assert.Equal([name], folder.Names());
        Assert.Equal(_spec.Layers.ToArray(), model.Spec.Layers.ToArray());
        Assert.Equal(parameters, model.ReadParameters<float>().Span.ToArray());
    }

    [Fact]
    public void Doubles_stay_doubles_unless_another_type_is_wanted()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("m.safetensors");
        double[] parameters = Parameters(3.0);

        ModelFile.Save(path, _spec, parameters);
        Assert.Equal(parameters, ModelFile.Load(path).ReadParameters<double>().Span.ToArray());
        ModelFile.Save(path, _spec, parameters, ElementType.Half);
        Assert.Equal("F16", ModelFile.Load(path).Dtype);
    }

    [Fact]
    public void What_cannot_be_saved_is_refused_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        float[] parameters = new float[_spec.Parameters.Length];
        Directory.CreateDirectory(folder.File("m.safetensors"));

        Refused<ArgumentException>("m.pt", "expected a name that ends in .safetensors or .onnx.");
        Refused<IOException>("m.safetensors", "is a folder, expected the name of a file to write.");
        Refused<IOException>(Path.Combine("none", "m.onnx"), "does not exist, expected an existing folder.");
        Assert.Contains(
            "expected Single",
            Assert.Throws<ArgumentException>(() => ModelFile.Save(folder.File("m.onnx"), _spec, parameters, ElementType.Half)).Message,
            StringComparison.Ordinal);
        double[] large = new double[_spec.Parameters.Length];
        large[_spec.Parameters.Slots[0].Offset] = 1e300;
        Assert.Contains(
            "The number 1E+300 is too large for F32",
            Assert.Throws<ArgumentException>(() => ModelFile.Save(folder.File("m.onnx"), _spec, large)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'parameters' has 1 elements, expected ",
            Assert.Throws<ArgumentException>(() => ModelFile.Save(folder.File("n.safetensors"), _spec, [1f])).Message,
            StringComparison.Ordinal);
        Assert.Equal(["m.safetensors"], folder.Names());

        void Refused<T>(string name, string expected)
            where T : Exception
        {
            Exception e = Assert.ThrowsAny<T>(() => ModelFile.Save(folder.File(name), _spec, parameters));
            Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        }
    }

    // Zeros in the gaps between parameters, as a file gives them back.
    private static T[] Parameters<T>(T divisor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var parameters = new T[_spec.Parameters.Length];
        foreach (ParameterSlot slot in _spec.Parameters.Slots)
        {
            for (int i = slot.Offset; i < slot.Offset + slot.Length; i++)
            {
                parameters[i] = T.CreateTruncating(i) / divisor;
            }
        }

        return parameters;
    }

    [Fact]
    public void A_folder_is_no_model()
    {
        using var folder = new TemporaryFolder();

        IOException e = Assert.ThrowsAny<IOException>(() => ModelFile.Load(folder.Path));

        Assert.Contains("is a folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_whose_length_looks_like_JSON_is_none()
    {
        // 123 and 91 are { and [.
        foreach (int length in new[] { 123, 91 })
        {
            string header = "{\"weight_ih_l0\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}".PadRight(length);
            ModelRun.Refuses(() => ModelFile.Load(FormatBytes.Safetensors(header), "m.json"), "'weight_ih_l0'");
        }
    }

    [Theory]
    [InlineData("PK\u0003\u0004", "archive/data.pkl", "a pickle, as torch.save writes, expected its state_dict as safetensors")]
    [InlineData("PK\u0003\u0004", "lstm/data.pkl", "as torch.save writes")]
    [InlineData("PK\u0003\u0004", "metadata.json", "as Keras writes .keras, expected the model as safetensors")]
    [InlineData("PK\u0003\u0004", "arr_0.npy", "as numpy.savez writes")]
    [InlineData("PK\u0003\u0004", "readme.txt", "the file is a zip archive, expected a model as safetensors")]
    [InlineData("\u0080\u0002\u008a\u000al\u00fc\u009c", "", "a pickle, as torch.save wrote until 2020")]
    [InlineData("\u0089HDF\r\n\u001a\n", "", "HDF5, as Keras writes .h5, expected the model as safetensors")]
    [InlineData("RIFF\u0024\u0000\u0000\u0000WAVEfmt ", "", "a WAV recording")]
    [InlineData("RF64\u00ff\u00ff\u00ff\u00ffWAVEds64", "", "a WAV recording")]
    [InlineData("fLaC\u0000\u0000", "", "a FLAC recording")]
    [InlineData("\u0093NUMPY\u0001\u0000", "", "an array of NumPy")]
    [InlineData("\u001f\u008b\u0008", "", "compressed with gzip")]
    [InlineData("\u001c\u0000\u0000\u0000TFL3", "", "a model of TensorFlow Lite")]
    [InlineData("1,2,3\n", "", "the file begins with 312C322C330A, expected a model as safetensors, ONNX, or JSON")]
    [InlineData("", "", "the file is empty, expected a model")]
    public void Another_kind_of_file_is_called_by_its_name(string head, string entry, string expected)
    {
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head), .. entry.Length > 0 ? Entry(entry) : []];

        foreach (string name in _names.Where(name => head != "1,2,3\n" || name is "m" or "m.pt" or "m.wav"))
        {
            ModelRun.Refuses(() => ModelFile.Load(bytes, name), expected);
        }

        if (FileKind.Find(bytes) is { } kind)
        {
            byte[] padded = [.. bytes, .. new byte[8]];
            ModelRun.Refuses(() => SafetensorsFile.Parse(padded, "m"), kind.Name);
        }
    }

    // The rest of the header of a file in an archive: the length of its name stands at 26, its name at 30.
    private static byte[] Entry(string name) => [.. new byte[22], (byte)name.Length, 0, 0, 0, .. Encoding.ASCII.GetBytes(name)];
}
