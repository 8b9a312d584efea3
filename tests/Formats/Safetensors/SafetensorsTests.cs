using System.Numerics;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

public class SafetensorsTests
{
    private static readonly float[] _singles =
        [1.5f, -0f, float.NaN, BitConverter.UInt32BitsToSingle(0x7FA00001), float.NegativeInfinity, float.Epsilon];

    private static readonly double[] _doubles = [Math.PI, -0d, double.NaN, double.MaxValue];

    [Fact]
    public void Reads_a_file_as_other_tools_write_it()
    {
        // Sorted by offset and padded with spaces, as PyTorch's side does it; 1.5 is 0x3FC00000, -2 is 0xC0000000.
        byte[] bytes = FormatBytes.Safetensors(
            """{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"""
            + """ "n":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}   """,
            [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 7, 0, 0, 0, 0, 0, 0, 0]);

        var file = SafetensorsFile.Parse(bytes, "m.safetensors");

        Assert.Equal("m.safetensors", file.Name);
        Assert.Equal(["w", "n"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(["F32", "I64"], file.Tensors.Select(tensor => tensor.Dtype));
        Assert.Equal([1, 2], file.Tensors[0].Shape.ToArray());
        Assert.Equal([], file.Tensors[1].Shape.ToArray());
        Assert.Equal(2, file.Tensors[0].Length);
        Assert.Equal(1, file.Tensors[1].Length);
        Assert.Equal("pt", Assert.Single(file.Metadata, pair => pair.Key == "format").Value);
        Assert.Same(file.Tensors[1], file.Find("n"));
        Assert.Null(file.Find("x"));
        Assert.Equal([1.5f, -2f], Values<float>(file.Tensors[0]));
        Assert.Equal([1.5, -2.0], Values<double>(file.Tensors[0]));
    }

    [Fact]
    public void Values_come_in_float_and_double_only()
    {
        var file = SafetensorsFile.Parse(
            FormatBytes.Safetensors("""{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]), "m.safetensors");

        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Values<float>(file.Tensors[0]));

        Assert.Equal("m.safetensors: tensor 'x' has dtype I64, expected F64, F32, F16 or BF16.", e.Message);
        Assert.Throws<ModelFormatException>(() => Values<double>(file.Tensors[0]));
    }

    [Fact]
    public void Values_need_a_destination_of_their_length()
    {
        var file = SafetensorsFile.Parse(
            FormatBytes.Safetensors("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]), "m.safetensors");

        ArgumentException e = Assert.Throws<ArgumentException>(() => file.Tensors[0].CopyTo<float>(new float[3]));

        Assert.StartsWith("'destination' has 3 elements, expected 2, the length of the tensor 'x'.", e.Message);
    }

    [Theory]
    [InlineData("F64", 8)]
    [InlineData("F32", 4)]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    [InlineData("I64", 8)]
    [InlineData("I32", 4)]
    [InlineData("I16", 2)]
    [InlineData("I8", 1)]
    [InlineData("U64", 8)]
    [InlineData("U32", 4)]
    [InlineData("U16", 2)]
    [InlineData("U8", 1)]
    [InlineData("BOOL", 1)]
    [InlineData("F8_E4M3", 1)]
    [InlineData("F8_E5M2", 1)]
    public void Lists_every_dtype_of_the_format(string dtype, int size)
    {
        byte[] bytes = FormatBytes.Safetensors(
            $$$"""{"x":{"dtype":"{{{dtype}}}","shape":[3,2],"data_offsets":[0,{{{6 * size}}}]}}""", new byte[6 * size]);

        SafetensorsTensor tensor = SafetensorsFile.Parse(bytes, "m").Tensors[0];

        Assert.Equal(dtype, tensor.Dtype);
        Assert.Equal(6, tensor.Length);
    }

    [Fact]
    public void Data_order_and_header_order_may_differ_and_shapes_may_be_empty()
    {
        byte[] bytes = FormatBytes.Safetensors(
            """{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"none":{"dtype":"F32","shape":[0,5],"data_offsets":[1,1]},"""
            + """ "a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""",
            new byte[3]);

        var file = SafetensorsFile.Parse(bytes, "m");

        Assert.Equal(["b", "none", "a"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Empty(Values<float>(file.Tensors[1]));
        Assert.Empty(SafetensorsFile.Parse(FormatBytes.Safetensors("{}"), "m").Tensors);
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_bit()
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["format"] = "pt";
        writer.Metadata["title"] = "Größe \"x\"\n\u0001 𝄞";
        writer.Add<float>("single", [2, 3], _singles);
        writer.Add<double>("double é", [4], _doubles);
        writer.Add<float>("scalar", [], [42f]);
        writer.Add<double>("empty", [3, 0], []);

        var file = SafetensorsFile.Parse(writer.ToBytes(), "m");

        Assert.Equal(writer.Metadata, file.Metadata);
        Assert.Equal(4, file.Tensors.Count);
        Assert.Equal([2, 3], file.Find("single")!.Shape.ToArray());
        Assert.Equal(
            _singles.Select(BitConverter.SingleToUInt32Bits), Values<float>(file.Find("single")!).Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal(
            _doubles.Select(BitConverter.DoubleToUInt64Bits),
            Values<double>(file.Find("double é")!).Select(BitConverter.DoubleToUInt64Bits));
        Assert.Equal([42f], Values<float>(file.Find("scalar")!));
        Assert.Equal([3, 0], file.Find("empty")!.Shape.ToArray());
        Assert.Equal("F64", file.Find("empty")!.Dtype);
        // Rounded to float, as the comment on CopyTo says.
        Assert.Equal((float)Math.PI, Values<float>(file.Find("double é")!)[0]);
    }

    [Fact]
    public void Writes_the_bytes_that_the_format_asks_for()
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["b"] = "2";
        writer.Metadata["a"] = "1";
        writer.Add<float>("w", [1], [1.5f]);
        writer.Add<double>("v", [1], [-2.0]);

        byte[] bytes = writer.ToBytes();

        // Wide elements first, and a header that ends at a multiple of eight: every tensor is aligned to its element.
        const string Header =
            """{"__metadata__":{"a":"1","b":"2"},"v":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}"""
            + ""","w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""";
        string padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        Assert.Equal(FormatBytes.Safetensors(padded, [0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0xC0, 0x3F]), bytes);
    }

    [Fact]
    public void The_writer_refuses_names_and_values_that_make_no_file()
    {
        var writer = new SafetensorsWriter();
        writer.Add<float>("w", [2], [1f, 2f]);

        Assert.StartsWith(
            "The tensor name 'w' is used already", Assert.Throws<ArgumentException>(() => writer.Add<float>("w", [1], [1f])).Message);
        Assert.StartsWith(
            "The tensor name '__metadata__' is used already",
            Assert.Throws<ArgumentException>(() => writer.Add<float>("__metadata__", [1], [1f])).Message);
        Assert.StartsWith(
            "'values' has 3 elements, expected the product of the shape [2, 2].",
            Assert.Throws<ArgumentException>(() => writer.Add<float>("v", [2, 2], new float[3])).Message);
        Assert.StartsWith(
            "'shape' is [-1, -2], expected sizes of 0 or more.",
            Assert.Throws<ArgumentException>(() => writer.Add<float>("v", [-1, -2], new float[2])).Message);
        Assert.Throws<NotSupportedException>(() => writer.Add<Half>("v", [1], new Half[1]));
        Assert.Single(SafetensorsFile.Parse(writer.ToBytes(), "m").Tensors);
    }

    [Theory]
    [InlineData("[]", 0, "the header begins with byte 0x5B, expected JSON that begins with '{'.")]
    [InlineData("", 0, "the header is empty, expected JSON that begins with '{'.")]
    [InlineData(" {}", 0, "the header begins with byte 0x20, expected JSON that begins with '{'.")]
    [InlineData("{", 0, "the header is not valid JSON after byte 9, expected one JSON object.")]
    [InlineData("{}x", 0, "the header is not valid JSON after byte 10, expected one JSON object.")]
    [InlineData("{} {}", 0, "the header is not valid JSON after byte 11, expected one JSON object.")]
    [InlineData("{}\0", 0, "the header is not valid JSON after byte 10, expected one JSON object.")]
    [InlineData("""{"w":{"dtype":"F32",}}""", 0, "the header is not valid JSON after byte 28, expected one JSON object.")]
    [InlineData("""{"\ud800":{}}""", 0, "the header has a broken \\u escape in the string before byte 18, expected Unicode.")]
    [InlineData("""{"w":[[[[[[[[[[""", 0, "tensor 'w' is an array, expected an object with dtype, shape and data_offsets.")]
    [InlineData("""{"w":3}""", 0, "tensor 'w' is '3', expected an object with dtype, shape and data_offsets.")]
    [InlineData("""{"w":null}""", 0, "tensor 'w' is 'null', expected an object with dtype, shape and data_offsets.")]
    [InlineData(
        """{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1,
        "the header names 'w' twice, expected each name once.")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "the header names '__metadata__' twice, expected each name once.")]
    [InlineData("""{"__metadata__":[]}""", 0, "__metadata__ is an array, expected an object of strings.")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__ 'a' is '1', expected a string.")]
    [InlineData("""{"__metadata__":{"a":{}}}""", 0, "__metadata__ 'a' is an object, expected a string.")]
    [InlineData("""{"__metadata__":{"a":"","a":""}}""", 0, "__metadata__ names 'a' twice, expected each name once.")]
    [InlineData("""{"w":{"shape":[1],"data_offsets":[0,1]}}""", 1, "tensor 'w' has no dtype, expected dtype, shape and data_offsets.")]
    [InlineData("""{"w":{"dtype":"U8","data_offsets":[0,1]}}""", 1, "tensor 'w' has no shape, expected dtype, shape and data_offsets.")]
    [InlineData("""{"w":{"dtype":"U8","shape":[1]}}""", 1, "tensor 'w' has no data_offsets, expected dtype, shape and data_offsets.")]
    [InlineData(
        """{"w":{"dtype":"U8","dtype":"U8"}}""", 1, "tensor 'w' has dtype twice, expected each of dtype, shape and data_offsets once.")]
    [InlineData("""{"w":{"strides":[1]}}""", 1, "tensor 'w' has a field 'strides', expected dtype, shape and data_offsets.")]
    [InlineData(
        """{"w":{"dtype":"F99","shape":[1],"data_offsets":[0,1]}}""", 1,
        "tensor 'w' has dtype 'F99', expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2.")]
    [InlineData(
        """{"w":{"dtype":32,"shape":[1],"data_offsets":[0,1]}}""", 1,
        "tensor 'w' has dtype '32', expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2.")]
    [InlineData("""{"w":{"shape":1}}""", 0, "tensor 'w' has shape '1', expected an array of whole numbers.")]
    [InlineData("""{"w":{"shape":[-1]}}""", 0, "tensor 'w' has '-1' in its shape, expected whole numbers from 0 to 2147483647.")]
    [InlineData("""{"w":{"shape":[1.5]}}""", 0, "tensor 'w' has '1.5' in its shape, expected whole numbers from 0 to 2147483647.")]
    [InlineData("""{"w":{"shape":[1e2]}}""", 0, "tensor 'w' has '1e2' in its shape, expected whole numbers from 0 to 2147483647.")]
    [InlineData("""{"w":{"shape":["1"]}}""", 0, "tensor 'w' has '1' in its shape, expected whole numbers from 0 to 2147483647.")]
    [InlineData("""{"w":{"shape":[[1]]}}""", 0, "tensor 'w' has an array in its shape, expected whole numbers from 0 to 2147483647.")]
    [InlineData(
        """{"w":{"shape":[2147483648]}}""", 0, "tensor 'w' has '2147483648' in its shape, expected whole numbers from 0 to 2147483647.")]
    [InlineData(
        """{"w":{"data_offsets":[0,99999999999999999999]}}""", 0,
        "tensor 'w' has '99999999999999999999' in its data_offsets, expected whole numbers from 0 to 9223372036854775807.")]
    [InlineData(
        """{"w":{"dtype":"U8","shape":[1],"data_offsets":[0]}}""", 1, "tensor 'w' has 1 data_offsets, expected 2, begin and end.")]
    [InlineData(
        """{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}""", 1, "tensor 'w' has 3 data_offsets, expected 2, begin and end.")]
    [InlineData(
        """{"w":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}""", 1,
        "tensor 'w' has data_offsets [1, 0], expected begin <= end <= 1, the bytes of data in the file.")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[100],"data_offsets":[0,400]}}""", 399,
        "tensor 'w' has data_offsets [0, 400], expected begin <= end <= 399, the bytes of data in the file.")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,9223372036854775807]}}""", 4,
        "tensor 'w' has data_offsets [4, 9223372036854775807], expected begin <= end <= 4, the bytes of data in the file.")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,12]}}""", 12,
        "tensor 'w' has 12 bytes of data, expected 16 for its shape [2, 2] of F32.")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[],"data_offsets":[0,0]}}""", 0,
        "tensor 'w' has 0 bytes of data, expected 4 for its shape [] of F32.")]
    [InlineData(
        """{"w":{"dtype":"F64","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""", 8,
        "tensor 'w' has shape [2147483647, 2147483647, 2147483647] of F64, expected a size that fits in 64 bits.")]
    // 4 * 2^62 is 0 in 64 bits: a careless product would agree with the offsets.
    [InlineData(
        """{"w":{"dtype":"F32","shape":[1073741824,1073741824,4],"data_offsets":[0,0]}}""", 0,
        "tensor 'w' has shape [1073741824, 1073741824, 4] of F32, expected a size that fits in 64 bits.")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3,
        "tensor 'b' begins at byte 1 of the data, expected 2, where the tensor before it ends.")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3,
        "tensor 'b' begins at byte 2 of the data, expected 1, where the tensor before it ends.")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2,
        "tensor 'a' begins at byte 1 of the data, expected 0, where the tensor before it ends.")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 2,
        "the tensors end at byte 1 of the data, expected 2, the end of the file.")]
    [InlineData("{}", 1, "the tensors end at byte 0 of the data, expected 1, the end of the file.")]
    public void Bad_headers_are_refused_in_one_sentence(string header, int dataLength, string problem)
    {
        byte[] bytes = FormatBytes.Safetensors(header, new byte[dataLength]);

        ModelFormatException e = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Parse(bytes, "m.safetensors"));

        Assert.Equal("m.safetensors: " + problem, e.Message);
    }

    [Fact]
    public void Bad_lengths_and_bytes_are_refused_in_one_sentence()
    {
        AssertRefused("the file has 0 bytes, expected at least 8 for the header's length.", []);
        AssertRefused("the file has 7 bytes, expected at least 8 for the header's length.", new byte[7]);
        AssertRefused("the header's length is 3, expected at most 2, the bytes that follow it.", [3, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8]);
        AssertRefused(
            "the header's length is 18446744073709551615, expected a safetensors file and at most 100000000.",
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. "{}"u8]);
        AssertRefused(
            "the header's length is 100000001, expected a safetensors file and at most 100000000.",
            [1, 0xE1, 0xF5, 5, 0, 0, 0, 0, .. "{}"u8]);
        AssertRefused(
            "the file is a zip archive, expected a model as safetensors, ONNX, or JSON of RTNeural, AIDA-X or NAM.",
            [.. "PK"u8, 3, 4, 0x4A, 0x59, 1, 0]);
        AssertRefused(
            "the file is an array of NumPy, expected a model as safetensors, ONNX, or JSON of RTNeural, AIDA-X or NAM.",
            [0x93, .. "NUMPY"u8, 1, 0]);
        AssertRefused(
            "the header holds bytes that are not UTF-8, expected JSON in UTF-8.",
            FormatBytes.Safetensors([.. "{\""u8, 0xC3, .. "\":1}"u8]));
    }

    [Fact]
    public void Text_of_a_file_reaches_a_message_short_and_without_control_characters()
    {
        string name = "\\u001b[2J" + new string('n', 1000);

        AssertRefused(
            $"tensor '?[2J{new string('n', 76)}...' is '1', expected an object with dtype, shape and data_offsets.",
            FormatBytes.Safetensors($$"""{"{{name}}":1}"""));
        string ones = string.Join(',', Enumerable.Repeat(1, 99));
        AssertRefused(
            "tensor 'w' has 0 bytes of data, expected 1 for its shape [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ...] of U8.",
            FormatBytes.Safetensors($$$"""{"w":{"dtype":"U8","shape":[{{{ones}}}],"data_offsets":[0,0]}}"""));
    }

    [Fact]
    public void A_lying_file_costs_no_memory()
    {
        byte[] bytes = FormatBytes.Safetensors(
            """{"w":{"dtype":"F32","shape":[500000000],"data_offsets":[0,2000000000]}}""", new byte[4]);
        AssertRefused("tensor 'w' has data_offsets [0, 2000000000], expected begin <= end <= 4, the bytes of data in the file.", bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => SafetensorsFile.Parse(bytes, "m.safetensors"));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated <= 100_000, $"{allocated} bytes were allocated for a file of {bytes.Length}.");
    }

    [Fact]
    public void A_file_that_is_missing_or_a_folder_is_an_input_output_error()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(
            $"'{folder.File("none")}' does not exist or cannot be reached, expected a file.",
            Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Load(folder.File("none"))).Message);
        Assert.Equal(
            $"'{folder.Path}' is a folder, expected a file.",
            Assert.Throws<IOException>(() => SafetensorsFile.Load(folder.Path)).Message);
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Load(""));
    }

    [Fact]
    public void A_file_on_the_disk_is_named_by_its_path()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("m.safetensors");
        File.WriteAllBytes(path, FormatBytes.Safetensors("{}"));
        Assert.Equal(path, SafetensorsFile.Load(path).Name);

        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.StartsWith(path + ": the file has 3 bytes", Assert.Throws<ModelFormatException>(() => SafetensorsFile.Load(path)).Message);
    }

    private static T[] Values<T>(SafetensorsTensor tensor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[tensor.Length];
        tensor.CopyTo<T>(values);
        return values;
    }

    private static void AssertRefused(string problem, byte[] bytes)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Parse(bytes, "m.safetensors"));
        Assert.Equal("m.safetensors: " + problem, e.Message);
    }
}
