using System.Globalization;
using System.Text;
using System.Text.Json;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Tests;

/// <summary>JSON read in pieces, whose long runs of numbers are floats, says the same as the text.</summary>
public class JsonTextTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("[1,-0e-3,2]")]
    [InlineData("{\"a\":[],\"b\":[[],{}],\"c\":{\"d\":null,\"e\":true,\"f\":\"x\\u0041\\\"\",\"g\":[0.5]},\"\":-1e400}")]
    [InlineData("[1,2,3,4,5,6,7,\"8\",[9,{\"a\":10}],11]")]
    public void A_text_without_long_runs_stays_as_it_is(string json)
    {
        JsonText text = Read(json);

        Assert.Equal(json.Replace("-0e-3", "-0", StringComparison.Ordinal), Encoding.UTF8.GetString(text.Text.Span));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(16383)]
    [InlineData(16384)]
    [InlineData(16385)]
    [InlineData(50000)]
    public void A_tensor_has_its_numbers_whatever_its_length(int count)
    {
        float[] numbers = [.. Enumerable.Range(0, count).Select(i => (i % 100 / 8f) - 3)];
        string row = string.Join(" ,\n", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
        string json = $"{{\"one\":[{row}],\"two\":[[{row}],[{row}]],\"name\":\"n\",\"size\":3}}";

        JsonPart.Read(InputFile.Of(Encoding.UTF8.GetBytes(json), "m"), "the file", root =>
        {
            JsonPart one = root.Get("one");
            Assert.Equal(count, one.Count());
            Assert.Equal(numbers, Values(one.Tensor("one")));
            ParameterSource two = root.Get("two").Tensor("two");
            Assert.Equal([2, count], two.Shape.ToArray());
            Assert.Equal([.. numbers, .. numbers], Values(two));
            Assert.Equal("n", root.Get("name").Text());
            Assert.Equal(3, root.Get("size").Integer(1));
            return 0;
        });
    }

    /// <summary>Thousands of rows, so that pieces of the file and of the text end anywhere.</summary>
    [Fact]
    public void A_matrix_of_many_rows_has_its_numbers()
    {
        const int Columns = 9;
        var text = new StringBuilder("{\"w\":[");
        for (int row = 0; row < 20_000; row++)
        {
            string numbers = string.Join(',', Enumerable.Range(row, Columns).Select(i => i.ToString(CultureInfo.InvariantCulture)));
            text.Append(row == 0 ? string.Empty : ",").Append('[').Append(numbers).Append(']');
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.Append("]}").ToString());
        float[] values = JsonPart.Read(InputFile.Of(bytes, "m"), "the file", root => Values(root.Get("w").Tensor("w")));

        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal((i / Columns) + (i % Columns), values[i]);
        }
    }

    [Theory]
    [InlineData("null", "'w' has 'null' at [20], expected a number that a float can hold.")]
    [InlineData("1e400", "'w' has '1e400' at [20], expected a number that a float can hold.")]
    [InlineData("[1]", "'w' has an array of 1 at [20], expected a number that a float can hold.")]
    public void An_item_that_is_no_number_is_named_with_its_place(string item, string expected)
    {
        string json = $"{{\"w\":[{string.Join(',', Enumerable.Repeat("0.5", 20))},{item},{string.Join(',', Enumerable.Repeat("1", 20))}]}}";

        ModelFormatException e = Assert.Throws<ModelFormatException>(() =>
            JsonPart.Read(InputFile.Of(Encoding.UTF8.GetBytes(json), "m"), "the file", root => root.Get("w").Tensor("w")));

        Assert.Equal($"m: {expected}", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":1")]
    [InlineData("[1,2")]
    [InlineData("[1,]")]
    [InlineData("[01]")]
    [InlineData("[+1]")]
    [InlineData("[1.]")]
    [InlineData("{\"a\":1} 2")]
    [InlineData("[NaN]")]
    [InlineData("[1 2]")]
    public void Other_text_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => Read(json));

    [Fact]
    public void Errors_say_the_line_of_the_file()
    {
        string json = "{\"a\":[" + string.Join(",\n", Enumerable.Repeat("0.25", 30_000)) + ",\n oops]}";

        ModelFormatException e = Assert.Throws<ModelFormatException>(() =>
            JsonPart.Read(InputFile.Of(Encoding.UTF8.GetBytes(json), "m"), "the file", root => root.Count()));

        Assert.StartsWith("m: the file is not JSON from line 30001, byte 2 on, expected one value", e.Message, StringComparison.Ordinal);
    }

    private static JsonText Read(string json) => JsonText.Read(InputFile.Of(Encoding.UTF8.GetBytes(json), "m"), 64);

    private static float[] Values(ParameterSource source)
    {
        float[] values = new float[source.Rows * source.Columns];
        source.CopyTo<float>(values);
        return values;
    }
}
