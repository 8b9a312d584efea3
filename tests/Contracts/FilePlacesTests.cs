using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>
/// A reader guesses the file from the type: a file of src has one type and its name, and its namespace is that of its folder. Public types
/// of the library are in the namespace SpanRnn instead, so that one using is enough, and those of Tasks in SpanRnn.Tasks.
/// </summary>
public partial class FilePlacesTests
{
    private static readonly string[] _library = ["Core", "Cells", "Formats"];

    [Fact]
    public void A_file_of_src_has_one_type_its_name_and_the_namespace_of_its_folder()
    {
        string root = Repository.PathOf("src");
        string[] problems =
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(file => (Path: Path.GetRelativePath(root, file).Replace('\\', '/'), File: file))
                .Where(file => !file.Path.Split('/').Any(part => part is "bin" or "obj" or "Program.cs"))
                .SelectMany(file => Problems(file.Path, File.ReadAllText(file.File))),
        ];

        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    [Theory]
    [InlineData("Core/Simd/A.cs", "namespace SpanRnn.Core.Simd;\ninternal struct A;\n", null)]
    [InlineData("Core/Simd/A.Words.cs", "namespace SpanRnn.Core.Simd;\ninternal partial struct A<T>\n{\n}\n", null)]
    [InlineData("Core/Simd/A.cs", "namespace SpanRnn;\npublic struct A;\n", null)]
    [InlineData("Cli/Run/A.cs", "namespace SpanRnn.Cli.Run;\npublic class A;\n", null)]
    [InlineData("Tasks/Files/A.cs", "namespace SpanRnn.Tasks;\npublic class A;\n", null)]
    [InlineData("Tasks/Files/A.cs", "namespace SpanRnn.Tasks.Files;\ninternal class A;\n", null)]
    [InlineData("Tasks/Rows/A.cs", "namespace SpanRnn.Tasks.Rows;\npublic class A;\n", "is in SpanRnn.Tasks.Rows, expected SpanRnn.Tasks")]
    [InlineData("Cli/Run/A.cs", "namespace SpanRnn.Cli.Run;\ninternal class A;\ninternal class B;\n", "declares A, B, expected A alone")]
    [InlineData("Cli/Run/A.cs", "namespace SpanRnn.Cli.Run;\ninternal readonly record struct B(int C);\n", "declares B, expected A alone")]
    [InlineData("Core/Simd/A.cs", "namespace SpanRnn.Core;\ninternal struct A;\n", "is in SpanRnn.Core, expected SpanRnn.Core.Simd")]
    [InlineData("Core/Simd/A.cs", "namespace SpanRnn.Core.Simd;\npublic struct A;\n", "is in SpanRnn.Core.Simd, expected SpanRnn")]
    public void A_file_in_the_wrong_place_is_named(string path, string source, string? expected) =>
        Assert.Equal(expected is null ? [] : [$"{path} {expected}."], Problems(path, source));

    private static IEnumerable<string> Problems(string path, string source)
    {
        string code = CSharpText.Code(source);
        Match[] types = [.. Declaration().Matches(code).Cast<Match>()];
        string[] names = [.. types.Select(match => match.Groups["name"].Value).Distinct()];
        string name = Path.GetFileName(path).Split('.')[0];
        if (!names.SequenceEqual([name]))
        {
            yield return $"{path} declares {(names.Length == 0 ? "no type" : string.Join(", ", names))}, expected {name} alone.";
        }

        bool isPublic = types.Any(match => match.Groups["access"].Value == "public");
        string[] folders = path.Split('/')[..^1];
        string expected = "SpanRnn." + string.Join('.', folders);
        if (isPublic)
        {
            expected = _library.Contains(folders[0]) ? "SpanRnn" : folders[0] == "Tasks" ? "SpanRnn.Tasks" : expected;
        }

        string found = Namespace().Match(code).Groups["name"].Value;
        if (found != expected)
        {
            yield return $"{path} is in {found}, expected {expected}.";
        }
    }

    [GeneratedRegex(
        @"^(?<access>public|internal|file) [a-z ]*?"
        + @"(record struct|record class|record|struct|class|interface|enum|delegate [\w<>?\[\]]+) (?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
