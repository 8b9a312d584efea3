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
        var file = NpyFile.Parse(FormatBytes.Npy(version, header, [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0]), "x.npy");

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
        Assert.Equal([0.5], NpyFile.Parse(FormatBytes.Npy("<f8", "(1,)", half), "x").ToDoubles("B"));
        Assert.Equal([1L, 2L], NpyFile.Parse(FormatBytes.Npy("<i8", "(2,)", FormatBytes.Count(2, 8)), "x").ToInt64s("B"));
        Assert.Equal([1L, -1L], NpyFile.Parse(FormatBytes.Npy("<i4", "(2,)", [1, 0, 0, 0, 255, 255, 255, 255]), "x").ToInt64s("B"));
        Assert.Equal([0.5], NpyFile.Parse(FormatBytes.Npy("<f8", "()", half), "x").ToDoubles());
        Assert.Empty(NpyFile.Parse(FormatBytes.Npy("<f4", "(0, 5, 3)"), "x").ToSingles("T", "B", "I"));
    }

    [Theory]
    [InlineData("{'descr':'<f4','fortran_order':False,'shape':(1,2)}")]
    [InlineData("{\"shape\" : (1,2,) , \"fortran_order\" :False,\"descr\": \"<f4\"}\n")]
    [InlineData(" { 'fortran_order': False,\n\t'shape': ( 1 , 2 ), 'descr': '<f4', } \r\n")]
    public void Reads_the_dict_in_other_layouts(string header)
    {
        var file = NpyFile.Parse(FormatBytes.Npy(1, header, new byte[8]), "x");

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

        byte[] bytes = NpyFile.ToBytes(shape, values);

        Assert.Equal(FormatBytes.Npy(1, header, data), bytes);
        Assert.Equal(128 + data.Length, bytes.Length);
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_bit()
    {
        float[] values = [1.5f, -0f, float.NaN, BitConverter.UInt32BitsToSingle(0x7FA00001), float.NegativeInfinity, float.Epsilon];
        // A shape whose header needs a second block of 64 bytes, and the highest rank.
        int[] shape = [.. Enumerable.Repeat(1, 30), 3, 2];

        byte[] bytes = NpyFile.ToBytes(shape, values);
        var file = NpyFile.Parse(bytes, "x");

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
            Assert.Throws<ArgumentException>(() => NpyFile.ToBytes([2, 3], new float[5])).Message);
        Assert.StartsWith(
            "'shape' has 33 sizes, expected at most 32.",
            Assert.Throws<ArgumentException>(() => NpyFile.ToBytes([.. Enumerable.Repeat(1, 33)], new float[1])).Message);
    }

    [Fact]
    public void Another_rank_or_dtype_than_asked_for_is_refused_in_one_sentence()
    {
        var matrix = NpyFile.Parse(FormatBytes.Npy("<f4", "(3, 4)", new byte[48]), "x.npy");
        var whole = NpyFile.Parse(FormatBytes.Npy("<i8", "(1,)", new byte[8]), "x.npy");
        var wide = NpyFile.Parse(FormatBytes.Npy("<f8", "(1,)", new byte[8]), "x.npy");

        AssertRefused("the shape is [3, 4] (rank 2), expected rank 3 [T, B, I].", () => matrix.ToSingles("T", "B", "I"));
        AssertRefused("the shape is [3, 4] (rank 2), expected rank 0 [].", () => matrix.ToSingles());
        AssertRefused("the dtype is float32, expected int32 or int64.", () => matrix.ToInt64s("A", "B"));
        AssertRefused("the dtype is int64, expected float32.", () => whole.ToSingles("B"));
        AssertRefused("the dtype is int64, expected float32 or float64.", () => whole.ToDoubles("B"));
        AssertRefused("the dtype is float64, expected float32.", () => wide.ToSingles("B"));
    }

    [Theory]
    [InlineData(">f4")]
    [InlineData("=f4")]
    [InlineData("|O")]
    [InlineData("f4")]
    [InlineData("")]
    public void Other_dtypes_are_refused_by_name(string descr) =>
        AssertRefused(
            $"the dtype is '{descr}', expected little-endian real numbers, such as '<f4' or '<i8'.",
            FormatBytes.Npy(descr, "(1,)", new byte[4]));

    [Theory]
    [InlineData("<f2", 2, "float16")]
    [InlineData("|b1", 1, "bool")]
    [InlineData("|i1", 1, "int8")]
    [InlineData("|u1", 1, "uint8")]
    [InlineData("<i2", 2, "int16")]
    [InlineData("<u2", 2, "uint16")]
    [InlineData("<u4", 4, "uint32")]
    [InlineData("<u8", 8, "uint64")]
    public void A_dtype_without_a_reader_is_named_beside_the_expected_one(string descr, int size, string name)
    {
        var file = NpyFile.Parse(FormatBytes.Npy(descr, "(1,)", new byte[size]), "x.npy");
        Assert.Equal(name, file.Dtype);
        AssertRefused($"the dtype is {name}, expected float32.", () => file.ToSingles("B"));
        AssertRefused($"the dtype is {name}, expected int32 or int64.", () => file.ToInt64s("B"));
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
    [InlineData("(1, 2L)", 0, "the header has 'L' at byte 55 of its text, expected ',' or ')'.")]
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
    [InlineData("{'descr': [('a', '<f4')]}", "the header has '[' at byte 10 of its text, expected a quoted string.")]
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
    [InlineData(
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}",
        "the array is in Fortran order, expected C order (numpy.ascontiguousarray makes it).")]
    public void Bad_headers_are_refused_in_one_sentence(string header, string problem) =>
        AssertRefused(problem, FormatBytes.Npy(1, header, new byte[4]));

    [Fact]
    public void Bad_beginnings_are_refused_in_one_sentence()
    {
        byte[] good = FormatBytes.Npy("<f4", "(1,)", new byte[4]);
        const string Magic = "the file does not begin as .npy files do, expected byte 0x93 and 'NUMPY'.";

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
        Assert.Throws<ModelFormatException>(() => NpyFile.Parse(bytes, "x.npy"));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated <= 100_000, $"{allocated} bytes were allocated for a file of {bytes.Length}.");
    }

    [Fact]
    public void A_file_on_the_disk_is_named_by_its_path()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.npy");
        File.WriteAllBytes(path, NpyFile.ToBytes([1], [2f]));
        Assert.Equal([2f], NpyFile.Read(path).ToSingles("B"));
        Assert.Equal(path, NpyFile.Read(path).Name);

        Assert.Throws<FileNotFoundException>(() => NpyFile.Read(folder.File("none")));
        Assert.Throws<IOException>(() => NpyFile.Read(folder.Path));
    }

    private static void AssertRefused(string problem, byte[] bytes) => AssertRefused(problem, () => NpyFile.Parse(bytes, "x.npy"));

    private static void AssertRefused(string problem, Func<object> read)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(read);
        Assert.Equal("x.npy: " + problem, e.Message);
    }
}
