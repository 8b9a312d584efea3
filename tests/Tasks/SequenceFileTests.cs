using System.Text;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SequenceFileTests
{
    public static TheoryData<Encoding> Encodings =>
        [new UTF8Encoding(false), new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true)];

    [Theory]
    [InlineData("label,sequence\n1,ACGT\n0,GG\n")]
    [InlineData("label\tsequence\n1\tACGT\n0\tGG")]
    [InlineData("\n\nlabel;sequence\r\n1;ACGT\r0;GG\n\n")]
    [InlineData("\"label\",\"sequence\"\n\"1\",\"ACGT\"\n0,GG\n")]
    [InlineData("class,seq\n1,ACGT\n0,GG\n")]
    [InlineData("class,peptides\n1,ACGT\n0,GG\n")]
    [InlineData("sequence,active\nACGT,1\nGG,0\n")]
    public void A_table_is_read_whatever_its_separator_and_columns(string text)
    {
        SequenceFile file = Parse("a.csv", text);

        Assert.Equal(SequenceFileKind.Table, file.Kind);
        Assert.Equal([("ACGT", "1"), ("GG", "0")], file.Records.Select(record => (record.Sequence, record.Label!)));
    }

    [Fact]
    public void A_quoted_field_has_separators_quotes_and_line_ends()
    {
        SequenceFile file = Parse("a.csv", "id,text,label\r\n1,\"one, \"\"two\"\"\r\nthree\",x\r\n\"b\rc\",four,\r\n");

        Assert.Equal(
            [new SequenceRecord("1", "one, \"two\"\r\nthree", "x", 2), new SequenceRecord("b\rc", "four", null, 4)], file.Records);
    }

    [Fact]
    public void Columns_that_were_chosen_are_used_and_said()
    {
        const string Text = "name,left,right,kind\nx,AA,CC,k\n";

        SequenceFile file = Parse("a.csv", Text, new SequenceFileOptions { SequenceColumn = "right", LabelColumn = "kind" });

        Assert.Equal(new SequenceRecord("x", "CC", "k", 2), Assert.Single(file.Records));
        Assert.Equal(("right", "kind", "name"), (file.SequenceColumn, file.LabelColumn, file.IdentifierColumn));
        Assert.Equal("a.csv: 1 row of a table with commas; sequences in 'right', labels in 'kind'.", file.Description);
        Assert.Equal(
            "a.csv: 1 row of a table with commas; sequences in 'right', no labels.",
            Parse("a.csv", Text, new SequenceFileOptions { SequenceColumn = "right" }).Description);
    }

    [Fact]
    public void Lines_of_a_FASTA_record_are_joined()
    {
        SequenceFile file = Parse("a.txt", "\n>one of two\r\nACgt\r  AC GT \n\n>two\nGG");

        Assert.Equal(SequenceFileKind.Fasta, file.Kind);
        Assert.Equal([new SequenceRecord("one", "ACgtACGT", null, 2), new SequenceRecord("two", "GG", null, 6)], file.Records);
        Assert.Equal("a.txt: 2 records of FASTA.", file.Description);
    }

    [Fact]
    public void Each_line_of_a_text_is_a_sequence()
    {
        SequenceFile file = Parse("a.txt", "one, two\r\n\r three\n\n");

        Assert.Equal([new SequenceRecord(null, "one, two", null, 1), new SequenceRecord(null, " three", null, 3)], file.Records);
        Assert.Equal("a.txt: 2 lines of text, one sequence on each.", file.Description);
    }

    [Fact]
    public void A_kind_that_was_chosen_is_used() =>
        Assert.Equal("a", Parse("x.txt", "seq\na\n", new SequenceFileOptions { Kind = SequenceFileKind.Table }).Records[0].Sequence);

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Text_is_UTF_8_or_UTF_16_with_its_mark(Encoding encoding)
    {
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("sequence\nZoë 🚀\n")];

        Assert.Equal("Zoë 🚀", SequenceFile.Parse("a.csv", bytes).Records[0].Sequence);
        foreach (int piece in new[] { 1, 2, 3, 5 })
        {
            Assert.Equal("Zoë 🚀", SequenceReader.Read(new PieceStream(bytes, piece), "a.csv").Single().Sequence);
            Assert.Equal(
                ["sequence", "Zoë 🚀"], SequenceReader.Read(new PieceStream(bytes, piece), "a").Select(record => record.Sequence));
        }
    }

    [Theory]
    [InlineData("a.csv", "", "the file is empty, expected at least one sequence.")]
    [InlineData("a.fa", "\n\n", "line 1 is the last one and no sequence was found, expected at least one.")]
    [InlineData("a.csv", "a,b,c\n1,2,3\n",
        "line 1 has the columns 'a', 'b', 'c', and none alone looks like sequences; "
        + "choose the column of the sequences, and let the first row have names.")]
    [InlineData("a.csv", "label,sequence\n1,A\n\n0\n", "line 4 has 1 field, expected 2 as in the first row.")]
    [InlineData("a.csv", "label,sequence\n\"1\n\",A\n0,A,A\n", "line 4 has 3 fields, expected 2 as in the first row.")]
    [InlineData("a.csv", "label,sequence\n1,A\n0,\n", "line 3 has nothing in 'sequence', expected a sequence.")]
    [InlineData("a.csv", "label,sequence\n1,\"A\n0,A\n", "line 2 opens a quote that is never closed, expected its end.")]
    [InlineData("a.fa", ">x\nAC\n>y y\n>z\nA\n", "line 3 begins the record 'y y' without a sequence, expected one.")]
    [InlineData("a.fa", ">x\nAC\n>y\n", "line 3 begins the record 'y' without a sequence, expected one.")]
    [InlineData("a.fa", "\nAC\n>y\nAC\n", "line 2 comes before the first record, expected a line that starts with '>'.")]
    [InlineData("a.txt", "A\rB\0C", "line 2 has a character of value 0, expected text; UTF-16 needs a byte-order mark.")]
    public void A_wrong_file_is_refused_in_one_sentence(string name, string text, string expected) =>
        Refused(name, Encoding.UTF8.GetBytes(text), null, expected);

    [Theory]
    [InlineData("sequnce", null, "line 1 has no column 'sequnce'; the nearest name is 'Sequence'.")]
    [InlineData("Sequence", "sort", "line 1 has no column 'sort'; the nearest name is 'note'.")]
    [InlineData("Sequence", "Sequence", "the column 'Sequence' was chosen for sequences and for labels, expected two columns.")]
    [InlineData("note", null, "line 1 has 2 columns 'note', expected one; rename the others.")]
    public void A_wrong_column_is_refused(string sequence, string? label, string expected) => Refused(
        "a.csv",
        "id,Sequence,note,note\n"u8,
        new SequenceFileOptions { SequenceColumn = sequence, LabelColumn = label },
        expected);

    [Fact]
    public void A_column_of_a_file_that_is_no_table_is_refused() => Refused(
        "a.fa", ">x\nA\n"u8, new SequenceFileOptions { LabelColumn = "y" }, "the column 'y' was chosen, but the file is no table.");

    [Fact]
    public void Bytes_that_are_not_text_are_refused()
    {
        Refused(
            "a.txt",
            [.. "A\r\nB"u8, 0xE9, .. "C\n"u8],
            null,
            "line 2 has the byte 0xE9 that is not UTF-8, expected a file saved as UTF-8.");
        Refused("a.txt", [(byte)'A', 0xE2, 0x82], null, "line 1 has the byte 0xE2 that is not UTF-8, expected a file saved as UTF-8.");
        Refused(
            "a.txt", [0xFF, 0xFE, 65, 0, 10, 0, 0, 0xD8], null, "line 2 has half a pair of UTF-16, expected both halves.");
        Refused(
            "a.txt", [0xFE, 0xFF, 0, 65, 0], null, "line 1 ends in half a character of UTF-16, expected an even number of bytes.");
    }

    [Theory]
    [InlineData("a.txt", "", "")]
    [InlineData("a.fa", ">x\n", "")]
    [InlineData("a.csv", "text\n", "")]
    [InlineData("a.csv", "text\n", "\"")]
    public void The_longest_line_is_stated(string name, string before, string quote)
    {
        string longest = new('A', SequenceFile.LongestLine - (2 * quote.Length));

        Assert.Equal(longest.Length, Parse(name, before + quote + longest + quote).Records[0].Sequence.Length);
        int line = before.Length == 0 ? 1 : 2;
        Refused(
            name,
            Encoding.UTF8.GetBytes(before + quote + longest + "A" + quote),
            null,
            $"line {line} has 1000001 characters, expected at most 1000000.");
    }

    [Fact]
    public void A_quote_that_is_not_closed_within_the_longest_line_is_refused() => Refused(
        "a.csv",
        Encoding.UTF8.GetBytes("text\nA\n\"" + string.Concat(Enumerable.Repeat("ACGT\n", SequenceFile.LongestLine / 4)) + "\"\n"),
        null,
        "line 3 opens a quote that is not closed within 1000000 characters, expected its end.");

    [CasesTheory]
    [InlineData("promoters_uci.csv", 106)]
    [InlineData("splice_mlbench_dna.csv", 3186)]
    [InlineData("peptides_amp_modlamp.csv", 2579)]
    [InlineData("peptides_hem_hemopi.csv", 1104)]
    [InlineData("globins45_hmmer.csv", 45)]
    [InlineData("dna_target_hmmer.fa", 1)]
    [InlineData("ct_coding_vs_intergenic_150bp.csv", 1257)]
    public void The_reference_files_are_read_without_choices(string name, int rows)
    {
        var file = SequenceFile.Load(Path.Combine(Cases.Folder!, "sequences", name));

        Assert.Equal(rows, file.Records.Count);
        Assert.Equal(file.Records, SequenceReader.Read(Path.Combine(Cases.Folder!, "sequences", name)));
        Assert.Equal(name is "globins45_hmmer.csv" or "dna_target_hmmer.fa", file.LabelColumn is null);
        Alphabet alphabet = name.Contains("peptide", StringComparison.Ordinal) || name.StartsWith("globin", StringComparison.Ordinal)
            ? Alphabet.Protein
            : Alphabet.Dna;
        Assert.All(file.Records, record => Assert.Equal(record.Sequence.Length, alphabet.WithUnknown().Encode(record, name).Length));
    }

    // One by one from a pipe the records are the same, however the bytes come.
    private static SequenceFile Parse(string name, string text, SequenceFileOptions? options = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var file = SequenceFile.Parse(name, bytes, options);
        Assert.Equal(file.Records, SequenceReader.Read(new PieceStream(bytes, Piece(bytes)), name, options));
        return file;
    }

    private static void Refused(string name, ReadOnlySpan<byte> bytes, SequenceFileOptions? options, string expected)
    {
        byte[] all = bytes.ToArray();
        foreach (Action read in new Action[]
        {
            () => SequenceFile.Parse(name, all, options),
            () => _ = SequenceReader.Read(new PieceStream(all, Piece(all)), name, options).ToArray(),
        })
        {
            Assert.Equal($"{name}: {expected}", Assert.Throws<ModelFormatException>(read).Message);
        }
    }

    private static int Piece(byte[] bytes) => bytes.Length < 1000 ? 1 : 4099;
}
