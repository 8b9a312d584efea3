using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Text;

namespace SpanRnn.Tests;

/// <summary>The checks of packages find seeded faults.</summary>
public class PackageChecksTests
{
    private static readonly string _folder = Path.Combine(Path.GetTempPath(), "anybody");

    [Fact]
    public void A_path_is_found_in_either_encoding()
    {
        Assert.Equal([$"a.xml has the path {_folder}."], Paths("a.xml", Encoding.UTF8.GetBytes($"see {_folder}/a.cs")));
        Assert.Equal([$"a.txt has the path {_folder}."], Paths("a.txt", Encoding.Unicode.GetBytes($"see {_folder}/a.cs")));
        Assert.Empty(Paths("a.xml", Encoding.UTF8.GetBytes("see /_/a.cs")));
    }

    [Fact]
    public void A_path_is_found_in_the_name_of_a_source_and_in_its_text()
    {
        Assert.Contains($"the name of a source of a.pdb has the path {_folder}.", Paths("a.pdb", Pdb($"{_folder}/a.cs", "")));
        Assert.Contains($"the source /_/a.cs of a.pdb has the path {_folder}.", Paths("a.pdb", Pdb("/_/a.cs", $"// {_folder}")));
        Assert.Empty(Paths("a.pdb", Pdb("/_/a.cs", "// /_/a.cs")));
    }

    /// <summary>These tests are built as every project outside src is.</summary>
    [Fact]
    public void The_path_of_this_repository_is_found_in_the_symbols_of_its_tests() =>
        Assert.NotEmpty(PackageChecks.Paths("SpanRnn.Tests.pdb", Built("SpanRnn.Tests.pdb"), [Repository.Root]));

    [Fact]
    public void A_missing_or_other_source_is_found()
    {
        using var root = new TemporaryFolder();
        File.WriteAllText(root.File("a.cs"), "class A;");

        Assert.Empty(Sources(Pdb("/_/a.cs", "class A;")));
        Assert.Equal(["a.pdb has another text of /_/a.cs than the folder that it was built in."], Sources(Pdb("/_/a.cs", "class B;")));
        Assert.Equal(["a.pdb does not have the text of /_/a.cs."], Sources(Pdb("/_/a.cs", null)));
        Assert.Equal(["a.pdb has the source /a.cs, expected a path that starts with /_/."], Sources(Pdb("/a.cs", "class A;")));
        Assert.Equal(
            ["SpanRnn.Tests.dll has no sources in its symbols."],
            PackageChecks.Sources("SpanRnn.Tests.dll", Built("SpanRnn.Tests.dll"), root.Path));

        IEnumerable<string> Sources(byte[] pdb) => PackageChecks.Sources("a.pdb", pdb, root.Path);
    }

    [Fact]
    public void A_missing_mark_is_found()
    {
        Assert.Empty(PackageChecks.Marks("SpanRnn.Core.dll", Built("SpanRnn.Core.dll")));
        Assert.Equal(
            ["SpanRnn.Tests.dll is not marked as IsTrimmable.", "SpanRnn.Tests.dll is not marked as IsAotCompatible."],
            PackageChecks.Marks("SpanRnn.Tests.dll", Built("SpanRnn.Tests.dll")));
    }

    [Fact]
    public void An_assembly_that_differs_or_is_missing_is_found()
    {
        Dictionary<string, byte[]> files = new() { ["a.dll"] = [1, 2], ["b.dll"] = [3], ["c.dll"] = [4] };

        Assert.Empty(PackageChecks.Differences(files, files));
        Assert.Equal(
            ["b.dll differs between two packings.", "c.dll differs between two packings."],
            PackageChecks.Differences(files, new Dictionary<string, byte[]> { ["a.dll"] = [1, 2], ["b.dll"] = [5] }));
    }

    [Fact]
    public void Everything_that_a_package_brings_along_is_named() => Assert.Equal(
        ["A", "B", "C"],
        PackageChecks.Closure(
            """
            {
              "targets": {
                "net10.0": {
                  "A/1.0.0": { "dependencies": { "B": "2.0.0" } },
                  "B/2.0.0": { "dependencies": { "C": "1.0.0" } },
                  "C/1.0.0": { "type": "package" },
                  "D/1.0.0": { "type": "package" }
                }
              }
            }
            """,
            "A"));

    private static IEnumerable<string> Paths(string name, byte[] content) => PackageChecks.Paths(name, content, [_folder]);

    private static byte[] Built(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name));

    // Symbols with one source; a text of null is not embedded.
    private static byte[] Pdb(string path, string? text)
    {
        var metadata = new MetadataBuilder();
        DocumentHandle document = metadata.AddDocument(metadata.GetOrAddDocumentName(path), default, default, default);
        if (text is not null)
        {
            byte[] blob = [0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
            metadata.AddCustomDebugInformation(document, metadata.GetOrAddGuid(Symbols.EmbeddedSource), metadata.GetOrAddBlob(blob));
        }

        var pdb = new BlobBuilder();
        new PortablePdbBuilder(metadata, [.. new int[MetadataTokens.TableCount]], default).Serialize(pdb);
        return pdb.ToArray();
    }
}
