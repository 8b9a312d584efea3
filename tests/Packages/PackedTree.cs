namespace SpanRnn.Tests;

/// <summary>The packages of this tree, packed twice: each time in a copy of the tree, in another folder outside the repository.</summary>
public sealed class PackedTree : IDisposable
{
    /// <summary>Version of the packages. No release has it, so that nothing else is taken for them.</summary>
    public const string Version = "0.0.0-tree";

    private const int TimeoutInSeconds = 600;

    private readonly TemporaryFolder _folder = new();

    public PackedTree()
    {
        (Root, Output) = Pack("tree", Folder);
        Packages = Read(Folder);
        string again = _folder.File("again");
        Pack("another/tree", again);
        Again = Read(again);
        GlobalPackages = Command.Run(_folder.Path, TimeoutInSeconds, "dotnet", "nuget", "locals", "global-packages", "--list")
            .Output.Split(':', 2)[1].Trim();
        Environment = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = _folder.File("cache"),
            ["NUGET_FALLBACK_PACKAGES"] = GlobalPackages,
        };
    }

    /// <summary>The copy that the packages were first made from.</summary>
    public string Root { get; }

    /// <summary>Output of the command.</summary>
    public string Output { get; }

    /// <summary>The folder with the packages, and nothing else.</summary>
    public string Folder => _folder.File("packages");

    /// <summary>The user's folder of restored packages.</summary>
    public string GlobalPackages { get; }

    /// <summary>Variables with which the SDK reads the user's restored packages, and writes those of this tree elsewhere.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    internal IReadOnlyList<Package> Packages { get; }

    /// <summary>The same packages of the second copy.</summary>
    internal IReadOnlyList<Package> Again { get; }

    /// <summary>References of a project to all packages of the tree that are libraries.</summary>
    internal string References => $"""
        <PropertyGroup>
            <RestoreAdditionalProjectSources>{Folder}</RestoreAdditionalProjectSources>
          </PropertyGroup>
          <ItemGroup>
            {string.Join('\n', Packages.Where(package => !package.IsTool).Select(package =>
                $"<PackageReference Include=\"{package.Id}\" Version=\"[{Version}]\" />"))}
          </ItemGroup>
        """;

    public void Dispose() => _folder.Dispose();

    private static Package[] Read(string folder) => [.. Directory.EnumerateFiles(folder, "*.nupkg").Order().Select(Package.Read)];

    private (string Root, string Output) Pack(string name, string folder)
    {
        string root = _folder.File(name);
        foreach (FileInfo file in Repository.Files())
        {
            string copy = Path.Combine(root, Path.GetRelativePath(Repository.Root, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy);
        }

        // Analyzers change no assembly, and the build from which these tests come has run them.
        (int exitCode, string output) = Command.Run(
            root,
            TimeoutInSeconds,
            "dotnet",
            ["pack", "SpanRnn.sln", "-c", "Release", "-o", folder, $"-p:Version={Version}", "-p:RunAnalyzers=false"]);
        Assert.True(exitCode == 0, output);
        return (root, output);
    }
}
