using System.Reflection;
using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>docs/api.md has a row for each public type of the libraries, one each, and names no type that does not exist.</summary>
public partial class ApiPageTests
{
    private static readonly string[] _libraries = ["SpanRnn.Core", "SpanRnn.Cells", "SpanRnn.Formats", "SpanRnn.Tasks"];

    [Fact]
    public void Every_public_type_has_a_row_and_every_name_is_a_public_type()
    {
        string[] types = [.. _libraries.SelectMany(name => Assembly.Load(name).GetExportedTypes()).Select(NameOf)];
        string[] problems = Problems(File.ReadAllText(Repository.PathOf("docs", "api.md")), types);

        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    [Theory]
    [InlineData("| `A` | a |\n| `B<T>` | b |\n\nText on `A` and `B<T>.Step`.\n", null)]
    [InlineData("| `A` | a |\n", "B<T> has no row.")]
    [InlineData("| `A` | a |\n| `B<T>` | b |\n| `A` | again |\n", "A has 2 rows, expected one.")]
    [InlineData("| `A` | a |\n| `B<T>` | b |\n| `C` | c |\n", "`C` names no public type.")]
    [InlineData("| `A` | a |\n| `B` | b |\n| `B<T>` | b |\n", "`B` names no public type.")]
    [InlineData("| `A` | a |\n| `B<T>` | b |\n\nText on `C.Step`.\n", "`C.Step` names no public type.")]
    public void A_missing_row_and_an_unknown_name_are_found(string page, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], Problems(page, ["A", "B<T>"]));

    private static string NameOf(Type type)
    {
        string[] arguments = [.. type.GetGenericArguments().Select(argument => argument.Name)];
        return arguments.Length == 0 ? type.Name : $"{type.Name.Split('`')[0]}<{string.Join(", ", arguments)}>";
    }

    private static string[] Problems(string page, string[] types)
    {
        ILookup<string, Match> rows = Row().Matches(page).ToLookup(match => match.Groups["name"].Value);
        return
        [
            .. types.Where(type => rows[type].Count() != 1).Select(type => rows[type].Any()
                ? $"{type} has {rows[type].Count()} rows, expected one."
                : $"{type} has no row."),
            .. Code().Matches(page).Where(match => !types.Contains(match.Groups["name"].Value)).Select(match =>
                $"{match.Value} names no public type."),
        ];
    }

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    // Code between single backquotes on one line that begins as a name of a type does, with or without a member.
    [GeneratedRegex(@"`(?<name>[A-Z]\w*(<\w+>)?)(\.[^`\n]*)?`")]
    private static partial Regex Code();
}
