using Xunit.Abstractions;

namespace SpanRnn.Tests;

/// <summary>Files as people have them, each run as its user would; those that are not right yet are listed.</summary>
public class PublicCasesTests(ITestOutputHelper output)
{
    private static readonly string _list = Repository.PathOf("tests", "PublicCases", "refused.txt");

    [CasesFact]
    public void Every_case_is_right_or_listed_with_its_sentence()
    {
        PublicCase[] cases = PublicCase.All(Path.Combine(Cases.Folder!, "public"));
        Dictionary<string, string?> found = cases.ToDictionary(one => one.Name, one => one.Problem());

        (string[] problems, string[] newer) = RefusedCases.Compare(RefusedCases.Read(File.ReadLines(_list)), found);

        output.WriteLine($"{newer.Length} cases are newer than the list:\n{string.Join('\n', newer)}");
        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    [Theory]
    [InlineData("1_state_dict_roles/")]
    [InlineData("2_convert_says_what_changes/")]
    [InlineData("8_files_as_saved/")]
    [InlineData("9_states_of_several_layers/")]
    public void Every_case_of_a_kind_that_is_done_is_right(string kind)
    {
        KeyValuePair<string, string?>[] lines =
            [.. RefusedCases.Read(File.ReadLines(_list)).Where(line => line.Key.StartsWith(kind, StringComparison.Ordinal))];

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Null(line.Value));
    }

    [Fact]
    public void The_list_is_held_against_the_cases()
    {
        Dictionary<string, string?> list = RefusedCases.Read(
            ["# A list", "", "a/right", "a/refused: is HDF5", "a/broken", "a/mended: a zip: it says", "a/other: old words", "a/gone: x"]);
        var found = new Dictionary<string, string?>
        {
            ["a/right"] = null,
            ["a/refused"] = "m.h5: the file is HDF5, expected another.",
            ["a/broken"] = "numbers differ",
            ["a/mended"] = null,
            ["a/other"] = "new words",
            ["b/new"] = "m: refused",
        };

        (string[] problems, string[] newer) = RefusedCases.Compare(list, found);

        Assert.Equal(
            [
                "a/broken is not right: numbers differ",
                "a/mended is right, expected its line without 'a zip: it says'.",
                "a/other no longer says 'old words': new words",
                "a/gone is no case, expected no line.",
            ],
            problems);
        Assert.Equal(["b/new: m: refused"], newer);
    }
}
