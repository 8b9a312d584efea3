using System.Globalization;
using System.Text;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class MadeSequencesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public void A_sum_is_right_when_its_numbers_are_read_backwards(int digits)
    {
        SequenceRecord[] records = MadeSequences.Addition(200, digits, 1);

        Assert.Equal(200, records.Length);
        foreach (SequenceRecord record in records)
        {
            long[] numbers = [.. record.Sequence.Split('+', '=')
                .Select(text => long.Parse([.. text.Reverse()], CultureInfo.InvariantCulture))];
            Assert.Equal(numbers[0] + numbers[1], numbers[2]);
            Assert.Null(record.Label);
        }

        Assert.Equal(digits, records.Max(record => record.Sequence.IndexOf('+', StringComparison.Ordinal)));
    }

    [Fact]
    public void A_string_is_of_the_embedded_Reber_grammar()
    {
        SequenceRecord[] records = MadeSequences.EmbeddedReber(300, 1);

        foreach (string text in records.Select(record => record.Sequence))
        {
            for (int i = 0; i <= text.Length; i++)
            {
                string next = ReberGrammar.Next(text[..i]);
                Assert.True(i == text.Length ? next.Length == 0 : next.Contains(text[i], StringComparison.Ordinal), text);
            }
        }

        Assert.True(records.Select(record => record.Sequence).Distinct().Count() > 50);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    public void The_label_of_the_adding_problem_is_the_sum_of_the_two_marked_numbers(int length)
    {
        foreach (SequenceRecord record in MadeSequences.AddingProblem(100, length, 1))
        {
            string[][] words = [.. record.Sequence.Split(' ').Select(word => word.Split(':'))];
            int[] marked = [.. Enumerable.Range(0, length).Where(i => words[i][1] == "1")];

            Assert.Equal(length, words.Length);
            Assert.All(words, word => Assert.InRange(decimal.Parse(word[0], CultureInfo.InvariantCulture), 0, 1));
            Assert.Equal([0, 1], marked.Select(i => i < length / 2 ? 0 : 1));
            Assert.Equal(
                decimal.Parse(record.Label!, CultureInfo.InvariantCulture),
                marked.Sum(i => decimal.Parse(words[i][0], CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void The_label_says_whether_a_letter_occurs_often_enough()
    {
        SequenceRecord[] records = MadeSequences.AtLeast(300, 'G', 6, 1);

        Assert.All(records, record => Assert.Equal(record.Sequence.Count(c => c == 'G') >= 6 ? "yes" : "no", record.Label));
        Assert.All(records, record => Assert.InRange(record.Sequence.Length, 10, 40));
        Assert.Equal(2, records.Select(record => record.Label).Distinct().Count());
    }

    [Fact]
    public void A_seed_determines_the_data()
    {
        Assert.Equal("07+25=221", string.Join(' ', MadeSequences.Addition(1, 2, 1).Select(record => record.Sequence)));
        Assert.Equal(MadeSequences.EmbeddedReber(5, 7), MadeSequences.EmbeddedReber(5, 7));
        Assert.NotEqual(MadeSequences.EmbeddedReber(5, 7), MadeSequences.EmbeddedReber(5, 8));
        Assert.Equal(MadeSequences.Addition(5, 3, 7), MadeSequences.Addition(9, 3, 7).Take(5));
    }

    [Fact]
    public void A_table_of_records_is_read_as_it_was_written()
    {
        foreach (SequenceRecord[] records in new SequenceRecord[][]
        {
            MadeSequences.AtLeast(20, 'A', 3, 1),
            MadeSequences.AddingProblem(5, 4, 1),
            MadeSequences.EmbeddedReber(5, 1),
            [new("a;b", "one, \"two\"", null, 2), new(null, " ", "x\ty", 3), new("c", "three\r\nfour", "z", 4)],
            [new(null, " ", null, 2), new(null, "\"", null, 3)],
        })
        {
            using var text = new StringWriter();
            SequenceTable.Write(text, records);

            Assert.Equal(records, SequenceFile.Parse("a.csv", Encoding.UTF8.GetBytes(text.ToString())).Records);
        }

        using var table = new StringWriter();
        SequenceTable.Write(table, [new("1", "A,C", null, 2), new(null, "G", "x", 3)]);
        Assert.Equal("id,label,sequence\n1,,\"A,C\"\n,x,G\n", table.ToString());
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MadeSequences.Addition(-1, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MadeSequences.Addition(1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MadeSequences.Addition(1, 10, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MadeSequences.AddingProblem(1, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MadeSequences.AtLeast(1, 'N', 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MadeSequences.AtLeast(1, 'G', 41, 1));
    }
}
