using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

public partial class CSharpTextTests
{
    [Theory]
    [InlineData("a // b\nc", "a c")]
    [InlineData("a /* b \n */ c", "a c")]
    [InlineData("/// <summary>A b</summary>\nc", "c")]
    [InlineData("a = \"b // c\"; d", "a = \"\"; d")]
    [InlineData("a = \"\\\"b\"; c", "a = \"\"; c")]
    [InlineData("a = \"\"; b", "a = \"\"; b")]
    [InlineData("a = @\"b \"\" c\\\"; d", "a = \"\"; d")]
    [InlineData("a = '\"'; b", "a = ' '; b")]
    [InlineData("a = '\\''; b", "a = ' '; b")]
    [InlineData("a = \"\"\"b \"c\" d\"\"\"; e", "a = \"\"; e")]
    [InlineData("a = $\"b {c} {{d}} {e[\"f\"]}\"; g", "a = \"\" c e[\"\"] ; g")]
    [InlineData("a = $\"b {(c ? \"d\" : $\"e{f}\")}\"; g", "a = \"\" (c ? \"\" : \"\" f ) ; g")]
    [InlineData("a = $$\"\"\"b {c} {{d}}\"\"\"; e", "a = \"\" d ; e")]
    [InlineData("a = $\"{b switch { _ => \"c\" }}\"; d", "a = \"\" b switch { _ => \"\" } ; d")]
    public void Comments_and_texts_are_left_out(string source, string expected) =>
        Assert.Equal(expected, Space().Replace(CSharpText.Code(source), " ").Trim());

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
