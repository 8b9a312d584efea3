using System.Globalization;

namespace SpanRnn.Tests;

/// <summary>The packages as their users have them: the files, programs that refer to them, one ahead of time, and the tool.</summary>
[Trait("Category", "Slow")]
public sealed class PackagesTests(PackedTree tree) : IClassFixture<PackedTree>
{
    private static readonly string[] _inner = ["SpanRnn.Core", "SpanRnn.Cells", "SpanRnn.Formats"];

    private static readonly string _host = File.ReadAllText(Repository.PathOf("tests", "Packages", "Host.cs.txt"));

    [Fact]
    public void Each_project_that_says_so_is_a_package_and_nothing_warns()
    {
        int packable = Directory.EnumerateFiles(tree.Root, "*.csproj", SearchOption.AllDirectories)
            .Count(file => File.ReadAllText(file).Contains("<IsPackable>true</IsPackable>", StringComparison.Ordinal));

        Assert.Equal(packable, Directory.EnumerateFileSystemEntries(tree.Folder).Count());
        Assert.Equal(packable, tree.Packages.Select(package => package.Id.ToUpperInvariant()).Distinct().Count());
        Assert.All(tree.Packages, package => Assert.Equal(PackedTree.Version, package.Version));
        Assert.False(Find("SpanRnn").IsTool);
        Assert.True(Find("SpanRnn.Cli").IsTool);
        Assert.Empty(AotHost.Warnings(tree.Output));
    }

    [Fact]
    public void A_package_has_a_license_a_description_tags_and_the_README()
    {
        foreach (Package package in tree.Packages)
        {
            Assert.Equal("MIT", package.Text("license"));
            Assert.NotEqual("Package Description", package.Text("description"));
            Assert.Contains("rnn", package.Text("tags").Split(' '));
            Assert.Equal("README.md", package.Text("readme"));
            Assert.Equal(File.ReadAllBytes(Path.Combine(tree.Root, "README.md")), package.Files["README.md"]);
        }
    }

    [Fact]
    public void SpanRnn_has_the_three_assemblies_with_their_documentation()
    {
        Package package = Find("SpanRnn");

        Assert.Equal(
            _inner.SelectMany(name => new[] { $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml" }).Order(),
            package.Files.Keys.Where(name => name.StartsWith("lib/", StringComparison.Ordinal)).Order());
        Assert.Equal(["System.Numerics.Tensors"], package.Dependencies.Keys);
    }

    [Fact]
    public void SpanRnn_Tasks_has_its_own_assembly_alone()
    {
        Package package = Find("SpanRnn.Tasks");

        Assert.Equal(
            ["lib/net10.0/SpanRnn.Tasks.dll", "lib/net10.0/SpanRnn.Tasks.xml"],
            package.Files.Keys.Where(name => name.StartsWith("lib/", StringComparison.Ordinal)).Order());
        Assert.Equal(["Sep", "SpanRnn", "System.Numerics.Tensors"], package.Dependencies.Keys.Order());
    }

    [Fact]
    public void A_package_depends_on_packages_of_the_tree_and_not_on_its_projects()
    {
        foreach (Package package in tree.Packages)
        {
            foreach ((string id, string version) in package.Dependencies)
            {
                if (id.StartsWith("SpanRnn", StringComparison.OrdinalIgnoreCase))
                {
                    Assert.Equal(PackedTree.Version, version);
                    Assert.False(Find(id).IsTool);
                }
            }
        }
    }

    [Fact]
    public void No_file_has_a_path_of_this_machine()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + Path.DirectorySeparatorChar;

        ExpectNone(tree.Packages.SelectMany(package => package.Files)
            .SelectMany(file => PackageChecks.Paths(file.Key, file.Value, [tree.Root, Repository.Root, home])));
    }

    [Fact]
    public void Sources_are_in_the_symbols_of_the_assemblies() =>
        ExpectNone(Assemblies().SelectMany(file => PackageChecks.Sources(file.Key, file.Value, tree.Root)));

    [Fact]
    public void Assemblies_are_marked_for_trimming_and_ahead_of_time_compilation() =>
        ExpectNone(Assemblies().SelectMany(file => PackageChecks.Marks(file.Key, file.Value)));

    [Fact]
    public void Another_folder_gives_the_same_assemblies()
    {
        Assert.Equal(tree.Packages.Select(package => package.Id), tree.Again.Select(package => package.Id));
        ExpectNone(tree.Packages.Zip(tree.Again).SelectMany(pair => PackageChecks.Differences(pair.First.Assemblies, pair.Second.Files)));
    }

    [Fact]
    public void A_program_restores_the_packages_and_steps_a_model()
    {
        using var host = new HostProject(_host, tree.References, tree.Environment);
        float[] expected = WriteModel(host.PathOf("model.safetensors"));

        (int exitCode, string output) = host.DotNet("run", "-c", "Release", "--", "model.safetensors");

        Assert.True(exitCode == 0, output);
        Assert.Empty(AotHost.Warnings(output));
        ExpectNumbers(expected, output);
        string assets = File.ReadAllText(Path.Combine(host.PathOf("obj"), "project.assets.json"));
        Assert.Equal(["SpanRnn", "System.Numerics.Tensors"], PackageChecks.Closure(assets, "SpanRnn"));
        Assert.Equal(
            ["Sep", "SpanRnn", "SpanRnn.Tasks", "System.Numerics.Tensors", "csFastFloat"],
            PackageChecks.Closure(assets, "SpanRnn.Tasks"));
        ExpectNoneInGlobalPackages();
    }

    [Fact]
    public void The_tool_is_the_command_spanrnn()
    {
        using var host = new HostProject(string.Empty, string.Empty, tree.Environment);
        string tools = host.PathOf("tools");

        (int exitCode, string output) = host.DotNet(
            "tool", "install", "SpanRnn.Cli", "--version", PackedTree.Version, "--tool-path", tools, "--add-source", tree.Folder);

        Assert.True(exitCode == 0, output);
        string program = Assert.Single(Directory.EnumerateFiles(tools));
        Assert.Equal("spanrnn", Path.GetFileNameWithoutExtension(program));
        Assert.Contains("It learned from strings", host.Succeed(tree.Environment, program, "demo"), StringComparison.Ordinal);
        ExpectNoneInGlobalPackages();
    }

    [AotFact]
    public void A_program_that_names_its_instruction_set_is_compiled_ahead_of_time_without_a_warning() =>
        Assert.Empty(PublishAndRun("x86-64-v3", 256));

    [AotFact]
    public void A_program_that_names_none_is_told_what_to_write()
    {
        string warning = Assert.Single(PublishAndRun("", 128));

        Assert.StartsWith("warning SPANRNN001: ", warning, StringComparison.Ordinal);
        Assert.Contains("<IlcInstructionSet>x86-64-v3</IlcInstructionSet>", warning, StringComparison.Ordinal);
    }

    // What the program must print for the input that it has.
    private static float[] WriteModel(string path)
    {
        var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.Lstm, 20), new DenseLayer(4));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(1));
        ModelFile.Save(path, spec, parameters);

        float[] y = new float[spec.OutputSize];
        new PackedNetwork(spec, parameters).CreateStream().Step([0.5f, -0.25f, 1], y);
        return y;
    }

    private static void ExpectNumbers(float[] expected, string output)
    {
        float[] actual = [.. output[(output.LastIndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        Assert.Equal(expected.Length, actual.Length);
        Assert.DoesNotContain(expected.Zip(actual), pair => !(Math.Abs(pair.First - pair.Second) <= 1e-6f));
    }

    private static void ExpectNone(IEnumerable<string> problems) => Assert.Equal("", string.Join('\n', problems));

    // The warnings.
    private string[] PublishAndRun(string instructionSet, int width)
    {
        using var host = new AotHost(_host, instructionSet, tree.References, tree.Environment);
        float[] expected = WriteModel(host.PathOf("model.safetensors"));

        (int exitCode, string output) = host.Publish();

        Assert.True(exitCode == 0, output);
        string result = host.Run("model.safetensors");
        Assert.StartsWith($"registers of {width} bits: ", result, StringComparison.Ordinal);
        ExpectNumbers(expected, result);
        ExpectNoneInGlobalPackages();
        return AotHost.Warnings(output);
    }

    private IEnumerable<KeyValuePair<string, byte[]>> Assemblies() => tree.Packages.SelectMany(package => package.Assemblies);

    private Package Find(string id) => Assert.Single(tree.Packages, package => package.Id == id);

    private void ExpectNoneInGlobalPackages() => Assert.All(
        tree.Packages,
        package => Assert.False(Directory.Exists(Path.Combine(tree.GlobalPackages, package.Id.ToLowerInvariant(), PackedTree.Version))));
}
