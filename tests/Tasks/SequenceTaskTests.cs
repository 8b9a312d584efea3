using System.Text;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SequenceTaskTests
{
    [Theory]
    [InlineData("label,sequence\n1,ACGT\n0,GG\n", TaskKind.Classify, "0 1", "ACGT")]
    [InlineData("label,sequence\nx,acgt\ny,GG\n", TaskKind.Classify, "x y", "ACGT")]
    [InlineData("label,sequence\nx,acgtacgtacgn\ny,GG\n", TaskKind.Classify, "x y", "ACGTN")]
    [InlineData("label,sequence\nx,ACGU\ny,GG\n", TaskKind.Classify, "x y", "ACGU")]
    [InlineData("label,sequence\nx,ANNA\ny,GG\n", TaskKind.Classify, "x y", "ACDEFGHIKLMNPQRSTVWY")]
    [InlineData("label , sequence\nx , ACGT \n y,GG\n", TaskKind.Classify, "x y", "ACGT")]
    [InlineData("name,lang\nanna,it\notto,de\nhanna,de\nmario,it\n", TaskKind.Classify, "de it", "ahimnort")]
    [InlineData("label,sequence\nhh,MK\nhe,WY\n", TaskKind.Tag, "e h", "ACDEFGHIKLMNPQRSTVWY")]
    [InlineData("id,sequence\n1,MKV\n2,GG\n", TaskKind.Next, null, "ACDEFGHIKLMNPQRSTVWY")]
    [InlineData("id,sequence\n1,hello\n2,world\n", TaskKind.Next, null, "dehlorw")]
    public void A_table_tells_its_task(string text, TaskKind kind, string? labels, string symbols)
    {
        var task = SequenceTask.Of(Parse("a.csv", text));

        Assert.Equal(kind, task.Kind);
        Assert.Equal(symbols, string.Concat(task.Alphabet!.Symbols));
        Assert.False(task.Alphabet.HasUnknown);
        Assert.Equal(labels?.Split(' ') ?? [.. task.Alphabet.Symbols, SequenceTask.EndText], task.Labels);
        Assert.False(task.IsRunningText);
    }

    [Fact]
    public void Many_different_numbers_are_a_regression_and_few_are_classes()
    {
        string Table(int labels) =>
            "label,sequence\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % labels},{i / 10.0}:1 2:3\n"));

        Assert.Equal(TaskKind.Classify, SequenceTask.Of(Parse("a.csv", Table(20))).Kind);
        var task = SequenceTask.Of(Parse("a.csv", Table(21)));
        Assert.Equal(TaskKind.Regress, task.Kind);
        Assert.Null(task.Alphabet);
        Assert.Empty(task.Labels);
    }

    [Fact]
    public void Lines_of_text_and_long_records_are_a_running_text()
    {
        Assert.True(SequenceTask.Of(Parse("a.txt", "one\ntwo\n")).IsRunningText);
        Assert.False(SequenceTask.Of(Parse("a.fa", ">x\nACGT\n")).IsRunningText);
        Assert.True(SequenceTask.Of(Parse("a.fa", $">x\n{new string('A', 1001)}\n")).IsRunningText);
        Assert.False(SequenceTask.Of(Parse("a.txt", "one\ntwo\n"), TaskKind.Last).IsRunningText);
    }

    [Theory]
    [InlineData(null, null, "abcd", false)]
    [InlineData(null, true, "ab", true)]
    [InlineData(null, false, "abcd", false)]
    [InlineData(SymbolUnit.Word, null, "a b", true)]
    [InlineData(SymbolUnit.Word, false, "a b c d", false)]
    public void Rare_symbols_are_unknown_if_that_is_allowed(SymbolUnit? unit, bool? allows, string expected, bool hasUnknown)
    {
        var task = SequenceTask.Of(Parse("a.csv", unit is null ? "sequence\naab\nbcd\n" : "sequence\na a b\nb c d\n"), null, unit, allows);

        Assert.Equal(unit is null ? expected.Select(c => c.ToString()) : expected.Split(' '), task.Alphabet!.Symbols);
        Assert.Equal(hasUnknown, task.Alphabet.HasUnknown);
    }

    [Theory]
    [InlineData(
        "a.csv", "label,sequence\n1,ACGT\n1,GG\n", null,
        "a.csv: line 3 is the last one and all labels are '1', expected two classes or more.")]
    [InlineData("a.csv", "label,sequence\n1,ACGT\n,GG\n", null, "a.csv: line 3 has no label, expected one in 'label'.")]
    [InlineData("a.csv", "sequence\nACGT\n", TaskKind.Classify,
        "a.csv: line 2 has no label, expected one; choose the column of the labels of a table, or the task next or last, which need none.")]
    [InlineData("a.fa", ">x\nACGT\n", TaskKind.Tag,
        "a.fa: line 1 has no label, expected one; choose the column of the labels of a table, or the task next or last, which need none.")]
    [InlineData("a.csv", "label,sequence\n1,ACGT\nx,GG\n", TaskKind.Regress, "a.csv: line 3 has the label 'x', expected a number.")]
    public void A_file_that_does_not_fit_is_refused_with_its_line(string name, string text, TaskKind? kind, string expected) =>
        Assert.Equal(expected, Assert.Throws<ModelFormatException>(() => SequenceTask.Of(Parse(name, text), kind)).Message);

    [Fact]
    public void Numbers_are_scaled_and_a_wrong_step_is_named()
    {
        SequenceFile file = Parse("a.csv", "label,sequence\n1,1:5 3:5\n0,5:5\n");
        var task = SequenceTask.Of(file);

        Assert.Equal([-1.2247449f, 0, 0, 0], task.Encode(file.Records[0], "a.csv").Numbers);
        foreach ((string sequence, string expected) in new[]
        {
            ("1:5 3", "a.csv: line 7: the step 2 is '3', expected 2 numbers with colons between them."),
            ("1:5 3:x", "a.csv: line 7: the step 2 is '3:x', expected 2 numbers with colons between them."),
            ("1:1e999", "a.csv: line 7: the step 1 is '1:1e999', expected 2 numbers with colons between them."),
            (" ", "a.csv: line 7 has no symbol, expected at least one."),
        })
        {
            Assert.Equal(
                expected,
                Assert.Throws<ModelFormatException>(() => task.Encode(new SequenceRecord(null, sequence, null, 7), "a.csv")).Message);
        }
    }

    [Theory]
    [InlineData("a.csv", "label,sequence\n1,ACGT\n0,GG\n", null)]
    [InlineData("a.csv", "label,sequence\nhh,MK\nhe,WY\n", null)]
    [InlineData("a.csv", "label,sequence\n0.5,1:5 3:5\n0,5:5\n", TaskKind.Regress)]
    [InlineData("a.txt", "one\ntwo\n", null)]
    [InlineData("a.csv", "sequence\nACGT\n", TaskKind.Last)]
    public void Json_keeps_all_of_a_task(string name, string text, TaskKind? kind)
    {
        var task = SequenceTask.Of(Parse(name, text), kind, allowsUnknown: true);
        var again = SequenceTask.FromJson(task.ToJson());

        Assert.Equal(task.ToJson(), again.ToJson());
        Assert.Equal(
            (task.Kind, task.IsRunningText, task.SequenceColumn, task.LabelColumn),
            (again.Kind, again.IsRunningText, again.SequenceColumn, again.LabelColumn));
        Assert.Equal(task.Labels, again.Labels);
        Assert.Equal(task.Alphabet?.ToJson(), again.Alphabet?.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"task":"sing"}""")]
    [InlineData("""{"task":"Classify","labels":["a","b"],"runningText":false,"sequenceColumn":null,"labelColumn":null}""")]
    [InlineData("""{"task":"Next","numbers":[[0,1]],"runningText":false,"sequenceColumn":null,"labelColumn":null}""")]
    [InlineData("""{"task":"Classify","numbers":[[0,0]],"labels":["a"],"runningText":false,"sequenceColumn":null,"labelColumn":null}""")]
    [InlineData("""{"task":"Regress","numbers":[[0,1]],"runningText":false,"sequenceColumn":null,"labelColumn":null}""")]
    [InlineData(
        """{"task":"Classify","numbers":[[0,1]],"labels":["a","a"],"runningText":false,"sequenceColumn":null,"labelColumn":null}""")]
    [InlineData("""{"task":"Classify","numbers":[[0,1]],"labels":[null],"runningText":false,"sequenceColumn":null,"labelColumn":null}""")]
    public void Damaged_json_is_refused(string json) => Assert.Throws<FormatException>(() => SequenceTask.FromJson(json));

    [Fact]
    public void Files_are_loaded_with_the_columns_of_the_training_where_they_are()
    {
        using var folder = new TemporaryFolder();
        var task = SequenceTask.Of(SequenceFile.Parse(
            "t.csv", "x,y,z\n1,ACGT,a\n0,GG,b\n"u8, new SequenceFileOptions { SequenceColumn = "y", LabelColumn = "x" }));
        File.WriteAllText(folder.File("same.csv"), "z,y,x\nq,AC,1\n");
        File.WriteAllText(folder.File("other.csv"), "seq,label\nAC,1\n");

        SequenceFile same = task.Load(folder.File("same.csv"));
        Assert.Equal(("y", "x"), (same.SequenceColumn, same.LabelColumn));
        SequenceFile other = task.Load(folder.File("other.csv"));
        Assert.Equal(("seq", "label"), (other.SequenceColumn, other.LabelColumn));
    }

    private static SequenceFile Parse(string name, string text) => SequenceFile.Parse(name, Encoding.UTF8.GetBytes(text));
}
