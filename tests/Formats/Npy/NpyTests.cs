using System.Text;

namespace SpanRnn.Tests;

public class NpyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Reads_every_version_of_the_format(int version)
    {
        string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }".PadRight(117) + '\n';
        var file = NpyArray.Parse(FormatBytes.Npy(version, header, [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0]), "x.npy");

        Assert.Equal("x.npy", file.Name);
        Assert.Equal("float32", file.Dtype);
        Assert.Equal([1, 2], file.Shape.ToArray());
        Assert.Equal([1.5f, -2f], file.ToSingles("A", "B"));
        Assert.Equal([1.5, -2.0], file.ToDoubles("A", "B"));
    }

    [Fact]
    public void Reads_wide_and_whole_numbers()
    {
        byte[] half = [0, 0, 0, 0, 0, 0, 0xE0, 0x3F];
        Assert.Equal([0.5], NpyArray.Parse(FormatBytes.Npy("<f8", "(1,)", half), "x").ToDoubles("B"));
        Assert.Equal([1L, 2L], NpyArray.Parse(FormatBytes.Npy("<i8", "(2,)", FormatBytes.Count(2, 8)), "x").ToInt64s("B"));
        Assert.Equal([1L, -1L], NpyArray.Parse(FormatBytes.Npy("<i4", "(2,)", [1, 0, 0, 0, 255, 255, 255, 255]), "x").ToInt64s("B"));
        Assert.Equal([0.5], NpyArray.Parse(FormatBytes.Npy("<f8", "()", half), "x").ToDoubles());
        Assert.Empty(NpyArray.Parse(FormatBytes.Npy("<f4", "(0, 5, 3)"), "x").ToSingles("T", "B", "I"));
    }

    [Theory]
    [InlineData("{'descr':'<f4','fortran_order':False,'shape':(1,2)}")]
    [InlineData("{\"shape\" : (1,2,) , \"fortran_order\" :False,\"descr\": \"<f4\"}\n")]
    [InlineData(" { 'fortran_order': False,\n\t'shape': ( 1 , 2 ), 'descr': '<f4', } \r\n")]
    public void Reads_the_dict_in_other_layouts(string header)
    {
        var file = NpyArray.Parse(FormatBytes.Npy(1, header, new byte[8]), "x");

        Assert.Equal([1, 2], file.Shape.ToArray());
    }

    [Theory]
    [InlineData("(3, 4)", new[] { 3, 4 })]
    [InlineData("(3,)", new[] { 3 })]
    [InlineData("()", new int[0])]
    [InlineData("(0, 5, 2)", new[] { 0, 5, 2 })]
    public void Writes_the_bytes_that_numpy_writes(string tuple, int[] shape)
    {
        float[] values = [.. Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size)).Select(i => i + 0.5f)];
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple}, }}".PadRight(117) + '\n';
        byte[] data = [.. values.SelectMany(value => BitConverter.GetBytes(value))];

        byte[] bytes = NpyArray.From<float>(shape, values).ToBytes();

        Assert.Equal(FormatBytes.Npy(1, header, data), bytes);
        Assert.Equal(128 + data.Length, bytes.Length);
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_bit()
    {
        float[] values = [1.5f, -0f, float.NaN, BitConverter.UInt32BitsToSingle(0x7FA00001), float.NegativeInfinity, float.Epsilon];
        // A shape whose header needs a second block of 64 bytes, and the highest rank.
        int[] shape = [.. Enumerable.Repeat(1, 30), 3, 2];

        byte[] bytes = NpyArray.From<float>(shape, values).ToBytes();
        var file = NpyArray.Parse(bytes, "x");

        Assert.Equal(shape, file.Shape.ToArray());
        Assert.Equal(0, (bytes.Length - (4 * values.Length)) % 64);
        float[] read = file.ToSingles([.. Enumerable.Repeat("A", 32)]);
        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), read.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void The_writer_refuses_shapes_that_make_no_file()
    {
        Assert.StartsWith(
            "'values' has 5 elements, expected the product of the shape [2, 3].",
            Assert.Throws<ArgumentException>(() => NpyArray.From<float>([2, 3], new float[5])).Message);
        Assert.StartsWith(
            "'shape' has 33 sizes, expected at most 32.",
            Assert.Throws<ArgumentException>(() => NpyArray.From<float>([.. Enumerable.Repeat(1, 33)], new float[1])).Message);
    }

    [Fact]
    public void Another_rank_or_dtype_than_asked_for_is_refused_in_one_sentence()
    {
        var matrix = NpyArray.Parse(FormatBytes.Npy("<f4", "(3, 4)", new byte[48]), "x.npy");

        AssertRefused("the shape is [3, 4] (rank 2), expected rank 3 [T, B, I].", () => matrix.ToSingles("T", "B", "I"));
        Assert.Equal(new float[12], matrix.ToSingles());
        AssertRefused(
            "the dtype is float32, expected whole numbers: x.astype(numpy.int64) makes them.", () => matrix.ToInt64s("A", "B"));
    }

    [Theory]
    [InlineData("|O")]
    [InlineData("<c8")]
    [InlineData("<f16")]
    [InlineData("<U3")]
    [InlineData("<M8[ns]")]
    [InlineData("")]
    public void Other_dtypes_are_refused_by_name_and_with_the_remedy(string descr) =>
        AssertRefused(
            $"the dtype is '{descr}', expected real or whole numbers: x.astype(numpy.float32), or .astype(numpy.int64) for symbols, labels "
            + "and lengths, makes them.",
            FormatBytes.Npy(descr, "(1,)", new byte[4]));

    /// <summary>Every type in both byte orders; the bytes are those of the number, lowest first.</summary>
    [Theory]
    [InlineData("f2", "float16", new byte[] { 0x00, 0xC2 }, -3)]
    [InlineData("f4", "float32", new byte[] { 0x00, 0x00, 0x40, 0xC0 }, -3)]
    [InlineData("f8", "float64", new byte[] { 0, 0, 0, 0, 0, 0, 0x08, 0xC0 }, -3)]
    [InlineData("i1", "int8", new byte[] { 0xFD }, -3)]
    [InlineData("i2", "int16", new byte[] { 0xFD, 0xFF }, -3)]
    [InlineData("i4", "int32", new byte[] { 0xFD, 0xFF, 0xFF, 0xFF }, -3)]
    [InlineData("i8", "int64", new byte[] { 0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, -3)]
    [InlineData("u1", "uint8", new byte[] { 0xFD }, 253)]
    [InlineData("u2", "uint16", new byte[] { 0xFD, 1 }, 509)]
    [InlineData("u4", "uint32", new byte[] { 0, 0, 0, 0xFD }, 4244635648)]
    [InlineData("u8", "uint64", new byte[] { 0xFD, 0, 0, 0, 1, 0, 0, 0 }, 4294967549)]
    [InlineData("b1", "bool", new byte[] { 1 }, 1)]
    public void Every_type_is_read_in_either_byte_order(string code, string name, byte[] number, double expected)
    {
        foreach (bool isBig in new[] { false, true })
        {
            byte[] stored = isBig ? [.. number.Reverse()] : number;
            string order = isBig ? ">" : number.Length == 1 ? "|" : "<";
            byte[] bytes = FormatBytes.Npy(order + code, "(2,)", [.. new byte[number.Length], .. stored]);
            var file = NpyArray.Parse(bytes, "x.npy");

            Assert.Equal(name, file.Dtype);
            Assert.Equal([0, expected], file.ToDoubles("B"));
            Assert.Equal([0, (float)expected], file.ToSingles("B"));
            Assert.Equal(code[0] != 'f', file.HoldsIntegers);
            if (file.HoldsIntegers)
            {
                Assert.Equal([0, (long)expected], file.ToInt64s("B"));
            }
        }
    }

    [Theory]
    [InlineData("<i2")]
    [InlineData(">i2")]
    public void Fortran_order_is_read_as_what_it_means(string descr)
    {
        // numpy.arange(24).reshape(2, 3, 4) in Fortran order: the first axis is the fastest.
        int[] stored = [.. Enumerable.Range(0, 24).Select(i => (i % 2 * 12) + (i / 2 % 3 * 4) + (i / 6))];
        byte[] data = [.. stored.SelectMany(value => descr[0] == '<' ? new[] { (byte)value, (byte)0 } : [0, (byte)value])];
        byte[] bytes = FormatBytes.Npy(1, $"{{'descr': '{descr}', 'fortran_order': True, 'shape': (2, 3, 4), }}\n", data);

        Assert.Equal(Enumerable.Range(0, 24).Select(i => (long)i), NpyArray.Parse(bytes, "x").ToInt64s("A", "B", "C"));
        Assert.Equal(24, NpyArray.Parse(bytes, "x").ToSingles("A", "B", "C").Distinct().Count());
    }

    [Fact]
    public void A_number_beyond_float_is_refused_and_infinity_is_not()
    {
        static byte[] Wide(double value) => FormatBytes.Npy("<f8", "(2,)", [.. new byte[8], .. BitConverter.GetBytes(value)]);

        AssertRefused(
            "number 1 of the 2 in it is 1E+300, expected numbers within the range of float32.",
            () => NpyArray.Parse(Wide(1e300), "x.npy").ToSingles("B"));
        Assert.Equal([0, float.NegativeInfinity], NpyArray.Parse(Wide(double.NegativeInfinity), "x.npy").ToSingles("B"));
        Assert.Equal([0, 1e300], NpyArray.Parse(Wide(1e300), "x.npy").ToDoubles("B"));
    }

    [Theory]
    [InlineData("(2, 3)", 23, "the data has 23 bytes, expected 24 for shape [2, 3] of float32.")]
    [InlineData("(2, 3)", 25, "the data has 25 bytes, expected 24 for shape [2, 3] of float32.")]
    [InlineData("()", 0, "the data has 0 bytes, expected 4 for shape [] of float32.")]
    [InlineData("(0,)", 4, "the data has 4 bytes, expected 0 for shape [0] of float32.")]
    [InlineData("(2000000000,)", 4, "the data has 4 bytes, expected 8000000000 for shape [2000000000] of float32.")]
    // 4 * 2^62 is 0 in 64 bits: a careless product would agree with the data.
    [InlineData("(1073741824, 1073741824, 4)", 0, "the shape is [1073741824, 1073741824, 4], expected a size that fits in 64 bits.")]
    [InlineData("(2147483648,)", 0, "the shape has a size above 2147483647 at byte 51 of its text, expected at most that.")]
    [InlineData("(99999999999999999999,)", 0, "the shape has a size above 2147483647 at byte 51 of its text, expected at most that.")]
    [InlineData("(-1,)", 0, "the header has '-' at byte 51 of its text, expected a whole number of 0 or more.")]
    [InlineData("(1.5,)", 0, "the header has '.' at byte 52 of its text, expected ','.")]
    [InlineData("(1, 2L)", 4, "the data has 4 bytes, expected 8 for shape [1, 2] of float32.")]
    [InlineData("(1, 2LL)", 0, "the header has 'L' at byte 56 of its text, expected ',' or ')'.")]
    [InlineData("(1)", 4, "the header has ')' at byte 52 of its text, expected ','.")]
    [InlineData("(,)", 4, "the header has ',' at byte 51 of its text, expected a whole number of 0 or more.")]
    [InlineData("[1]", 4, "the header has '[' at byte 50 of its text, expected '(' of a tuple.")]
    [InlineData("((1,),)", 4, "the header has '(' at byte 51 of its text, expected a whole number of 0 or more.")]
    public void Shapes_that_lie_are_refused_in_one_sentence(string shape, int dataLength, string problem) =>
        AssertRefused(problem, FormatBytes.Npy("<f4", shape, new byte[dataLength]));

    [Theory]
    [InlineData("", "the header ends at byte 0 of its text, expected '{'.")]
    [InlineData("{", "the header ends at byte 1 of its text, expected a quoted string.")]
    [InlineData("[]", "the header has '[' at byte 0 of its text, expected '{'.")]
    [InlineData("\u0001", "the header has byte 0x01 at byte 0 of its text, expected '{'.")]
    [InlineData("{}", "the header has no 'descr', expected 'descr', 'fortran_order' and 'shape'.")]
    [InlineData("{'descr': '<f4'}", "the header has no 'fortran_order', expected 'descr', 'fortran_order' and 'shape'.")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "the header has no 'shape', expected 'descr', 'fortran_order' and 'shape'.")]
    [InlineData(
        "{'descr': '<f4', 'descr': '<f4'}", "the header has 'descr' twice, expected each of 'descr', 'fortran_order' and 'shape' once.")]
    [InlineData("{'order': 1}", "the header has a key 'order', expected 'descr', 'fortran_order' and 'shape'.")]
    [InlineData(
        "{'descr': [('a', '<f4')]}", "the array is structured, expected one of its fields: numpy.save(path, x['field']) writes it.")]
    [InlineData("{'descr': '<f4", "the header ends at byte 14 of its text, expected the end of a quoted string.")]
    [InlineData("{'descr' '<f4'}", "the header has ''' at byte 9 of its text, expected ':'.")]
    [InlineData("{'descr': '<f4' 'shape': ()}", "the header has ''' at byte 16 of its text, expected ',' or '}'.")]
    [InlineData("{'descr': '<f4',, }", "the header has ',' at byte 16 of its text, expected a quoted string.")]
    [InlineData("{'fortran_order': 0}", "the header has '0' at byte 18 of its text, expected True or False.")]
    [InlineData("{'fortran_order': Falsey}", "the header has 'y' at byte 23 of its text, expected ',' or '}'.")]
    [InlineData("{'shape': (1, 2", "the header ends at byte 15 of its text, expected ',' or ')'.")]
    [InlineData(
        "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
        "the header has 'x' at byte 54 of its text, expected white space to the end of the header.")]
    public void Bad_headers_are_refused_in_one_sentence(string header, string problem) =>
        AssertRefused(problem, FormatBytes.Npy(1, header, new byte[4]));

    [Fact]
    public void Bad_beginnings_are_refused_in_one_sentence()
    {
        byte[] good = FormatBytes.Npy("<f4", "(1,)", new byte[4]);
        const string Magic = "the file does not begin as .npy files do, expected an array as numpy.save(path, x) writes it.";

        AssertRefused(Magic, []);
        AssertRefused(Magic, good[..5]);
        AssertRefused(Magic, Encoding.ASCII.GetBytes("1,2,3\n"));
        AssertRefused("the file has 6 bytes, expected at least 12 for the version and the header's length.", good[..6]);
        AssertRefused("the file has 9 bytes, expected at least 10 for the version and the header's length.", good[..9]);
        AssertRefused("the format version is 4.0, expected 1.0, 2.0 or 3.0.", FormatBytes.Npy(4, "{}"));
        AssertRefused("the format version is 0.0, expected 1.0, 2.0 or 3.0.", FormatBytes.Npy(0, "{}"));
        AssertRefused("the format version is 1.7, expected 1.0, 2.0 or 3.0.", [.. good[..7], 7, .. good[8..]]);
        AssertRefused("the header's length is 58, expected at most 50, the bytes that follow it.", good[..60]);
        AssertRefused(
            "the header's length is 4294967295, expected at most 2, the bytes that follow it.",
            [.. good[..6], 2, 0, 255, 255, 255, 255, .. "{}"u8]);
    }

    [Fact]
    public void A_lying_file_costs_no_memory()
    {
        byte[] bytes = FormatBytes.Npy("<f4", "(500000000,)", new byte[4]);
        AssertRefused("the data has 4 bytes, expected 2000000000 for shape [500000000] of float32.", bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => NpyArray.Parse(bytes, "x.npy"));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated <= 100_000, $"{allocated} bytes were allocated for a file of {bytes.Length}.");
    }

    [Fact]
    public void A_file_on_the_disk_is_named_by_its_path()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.npy");
        File.WriteAllBytes(path, NpyArray.From<float>([1], [2f]).ToBytes());
        Assert.Equal([2f], NpyArray.Load(path).ToSingles("B"));
        Assert.Equal(path, NpyArray.Load(path).Name);

        Assert.Throws<FileNotFoundException>(() => NpyArray.Load(folder.File("none")));
        Assert.Throws<IOException>(() => NpyArray.Load(folder.Path));
    }

    private static void AssertRefused(string problem, byte[] bytes) => AssertRefused(problem, () => NpyArray.Parse(bytes, "x.npy"));

    private static void AssertRefused(string problem, Func<object> read)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(read);
        Assert.Equal("x.npy: " + problem, e.Message);
    }
}
