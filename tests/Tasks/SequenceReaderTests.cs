using System.Text;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Records one by one. That they are those of a whole file, SequenceFileTests show for every kind, encoding and error.</summary>
public class SequenceReaderTests
{
    [Theory]
    [InlineData("a.txt", "ACGT\n", "ACGT")]
    [InlineData("a", "ACGT\r", "ACGT")]
    [InlineData("a", ">x\nAC\n GT\n>y\n", "ACGT")]
    public void A_record_is_there_as_soon_as_it_has_ended(string name, string text, string expected)
    {
        var stream = new EndlessStream(Encoding.UTF8.GetBytes(text), repeats: 1);

        Assert.Equal(expected, SequenceReader.Read(stream, name).First().Sequence);
    }

    /// <summary>Bytes that are read ahead of a record, of a stream that never ends, do not become more.</summary>
    [Theory]
    [InlineData("a.txt", "", "ACGTACGT\r\n")]
    [InlineData("a.fa", "", ">x\nACGT\nACGT\n")]
    [InlineData("a.csv", "id,sequence\n", "1,ACGTACGT\n")]
    [InlineData("a.csv", "id,sequence\n", "\"a\nb\",\"ACGTACGT\"\n")]
    public void Nothing_is_kept_of_what_was_read(string name, string first, string record)
    {
        var stream = new EndlessStream(Encoding.UTF8.GetBytes(record), int.MaxValue, Encoding.UTF8.GetBytes(first));
        int count = 0;
        foreach (SequenceRecord found in SequenceReader.Read(stream, name).Take(200_000))
        {
            Assert.Equal("ACGTACGT", found.Sequence);
            count++;
            long ahead = stream.Given - ((long)count * record.Length);
            Assert.True(ahead < 200_000, $"{ahead} bytes are read ahead of record {count}.");
        }

        Assert.Equal(200_000, count);
    }

    [Fact]
    public void A_stream_is_closed_at_the_end()
    {
        var stream = new PieceStream("A\nC\n"u8.ToArray(), 1);

        Assert.Equal("A", SequenceReader.Read(stream, "a").First().Sequence);
        Assert.True(stream.IsClosed);
    }

    [Fact]
    public void Empty_records_are_kept_if_they_are_wanted()
    {
        Assert.Equal(
            [(1, ""), (2, "A"), (3, " "), (4, "C")], Kept("a", "\nA\n \nC\n").Select(record => (record.Line, record.Sequence)));
        Assert.Equal([("x", ""), ("y", "A")], Kept("a", ">x\n>y\nA\n").Select(record => (record.Identifier!, record.Sequence)));
        Assert.Equal(["A", ""], Kept("a.csv", "id,sequence\n1,A\n2,\n").Select(record => record.Sequence));
        Assert.Empty(Kept("a", ""));

        static SequenceRecord[] Kept(string name, string text) =>
            [.. SequenceReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), name, keepsEmpty: true)];
    }

    /// <summary>Names and what they are of: all rows tell which column repeats.</summary>
    [Fact]
    public void A_table_is_read_twice_where_all_rows_tell_the_columns()
    {
        byte[] bytes = "name,language\nAnna,de\nBen,en\nCarl,de\nDora,en\n"u8.ToArray();
        var file = SequenceFile.Parse("a.csv", bytes);
        Assert.Equal("name", file.SequenceColumn);

        Assert.Equal(file.Records, SequenceReader.Read(new MemoryStream(bytes), "a.csv"));
        Assert.Equal(
            "a.csv: which column has the sequences depends on all rows, and a pipe has them once; choose the column.",
            Assert.Throws<ModelFormatException>(() => SequenceReader.Read(new PieceStream(bytes, 9), "a.csv").ToArray()).Message);
        Assert.Equal(
            file.Records.Select(record => record.Sequence),
            SequenceReader.Read(new PieceStream(bytes, 9), "a.csv", new SequenceFileOptions { SequenceColumn = "name" })
                .Select(record => record.Sequence));
    }

    [Fact]
    public void A_file_is_opened_with_the_first_record()
    {
        using var folder = new CliFolder();
        IEnumerable<SequenceRecord> records = SequenceReader.Read(folder.File("a.txt"));
        Assert.Throws<FileNotFoundException>(() => records.ToArray());
        folder.Write("a.txt", "A\nC\n"u8.ToArray());

        Assert.Equal(2, records.Count());
        Assert.Equal(2, records.Count());
        Assert.Throws<IOException>(() => SequenceReader.Read(folder.File("")).ToArray());
    }

    /// <summary>A record over and over; who asks for more than there is does not wait, but fails.</summary>
    private sealed class EndlessStream(byte[] record, int repeats, byte[]? first = null) : MemoryStream
    {
        private readonly byte[] _first = first ?? [];

        public long Given { get; private set; }

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer)
        {
            long end = _first.Length + ((long)record.Length * repeats);
            Assert.True(Given < end, "More was read than it takes.");
            int count = (int)Math.Min(buffer.Length, end - Given);
            for (int i = 0; i < count; i++, Given++)
            {
                buffer[i] = Given < _first.Length ? _first[Given] : record[(Given - _first.Length) % record.Length];
            }

            return count;
        }
    }
}
