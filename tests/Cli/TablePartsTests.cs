using SpanRnn.Cli.Output;

namespace SpanRnn.Tests;

public class TablePartsTests
{
    // As wide as they are written: cells of 5, 4, 6 and 3 characters, 3 beside each and 1 on the line.
    private static readonly string[] _columns = ["name", "#a\nb", "#figure", "c"];
    private static readonly string[][] _rows = [["first", "1.00", "2", "xyz"], ["x", "1", "3", "x"]];

    [Theory]
    [InlineData(31, "0 1 2 3")]
    [InlineData(30, "0 1 2|0 3")]
    [InlineData(25, "0 1 2|0 3")]
    [InlineData(24, "0 1|0 2 3")]
    [InlineData(23, "0 1|0 2|0 3")]
    [InlineData(1, "0 1|0 2|0 3")]
    public void Columns_go_on_below_with_the_first_one_again(int width, string expected) => Assert.Equal(
        expected, string.Join('|', TableParts.Of(_columns, _rows, width).Select(part => string.Join(' ', part))));

    [Fact]
    public void The_width_is_that_of_the_table_that_is_written()
    {
        var output = new StringWriter();
        new Terminal(output, TextWriter.Null).WriteTable(_columns, _rows);
        int written = output.ToString().ReplaceLineEndings("\n").Split('\n').Max(line => line.Length);

        Assert.Single(TableParts.Of(_columns, _rows, written));
        Assert.Equal(2, TableParts.Of(_columns, _rows, written - 1).Count);
    }

    [Fact]
    public void One_column_is_one_part() => Assert.Equal([[0]], TableParts.Of(["name"], [["x"]], 3));
}
