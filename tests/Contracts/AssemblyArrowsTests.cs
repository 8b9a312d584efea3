using System.Reflection;
using System.Runtime.InteropServices;

namespace SpanRnn.Tests;

/// <summary>
/// Arrows between assemblies run one way: Core, Cells, Formats, then Tasks and the program. An assembly names another only if it uses it,
/// so these are upper bounds.
/// </summary>
public class AssemblyArrowsTests
{
    /// <summary>Folder of src, its assembly, and the assemblies that it may refer to beside the framework.</summary>
    private static readonly Dictionary<string, (string Assembly, string[] Allowed)> _projects = new()
    {
        ["Core"] = ("SpanRnn.Core", ["System.Numerics.Tensors"]),
        ["Cells"] = ("SpanRnn.Cells", ["SpanRnn.Core"]),
        ["Formats"] = ("SpanRnn.Formats", ["SpanRnn.Cells", "SpanRnn.Core"]),
        ["Tasks"] = ("SpanRnn.Tasks", ["SpanRnn.Formats", "SpanRnn.Cells", "SpanRnn.Core", "Sep"]),
        ["Cli"] = (
            "spanrnn",
            [
                "SpanRnn.Tasks", "SpanRnn.Formats", "SpanRnn.Cells", "SpanRnn.Core", "System.CommandLine", "Spectre.Console",
                "Spectre.Console.Ansi", "OxyPlot", "SkiaSharp",
            ]),
    };

    public static TheoryData<string> Folders => [.. _projects.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void An_assembly_refers_to_nothing_new(string folder)
    {
        (string assembly, string[] allowed) = _projects[folder];
        IEnumerable<string> references = Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!);

        string[] arrows = NewArrows(assembly, references, allowed);

        Assert.True(arrows.Length == 0, string.Join('\n', arrows));
    }

    [Fact]
    public void Every_project_of_src_has_its_arrows_here() =>
        Assert.Equal(
            _projects.Keys.Order(),
            Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
                .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!))
                .Where(folder => folder != "Package") // its assembly is empty
                .Order());

    [Fact]
    public void A_new_arrow_is_named() =>
        Assert.Equal(
            [
                "SpanRnn.Core refers to SpanRnn.Cells, expected nothing beside System.Numerics.Tensors and the framework.",
                "SpanRnn.Core refers to Spectre.Console, expected nothing beside System.Numerics.Tensors and the framework.",
            ],
            NewArrows(
                "SpanRnn.Core",
                ["System.Runtime", "SpanRnn.Cells", "System.Numerics.Tensors", "Spectre.Console", "System.Text.Json"],
                _projects["Core"].Allowed));

    private static string[] NewArrows(string assembly, IEnumerable<string> references, string[] allowed) =>
    [
        .. references
            .Where(reference => !allowed.Contains(reference) && !IsFramework(reference))
            .Select(reference =>
                $"{assembly} refers to {reference}, expected nothing beside {string.Join(", ", allowed)} and the framework."),
    ];

    private static bool IsFramework(string assembly) =>
        File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), assembly + ".dll"));
}
