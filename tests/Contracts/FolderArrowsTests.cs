namespace SpanRnn.Tests;

/// <summary>
/// Arrows between the folders of a project run one way: a folder may use the folders that its row names, whose rows are above it.
/// </summary>
public class FolderArrowsTests
{
    /// <summary>Project of src, its folders in the order of their arrows, and the folders that each may use.</summary>
    private static readonly Dictionary<string, OrderedDictionary<string, string[]>> _projects = new()
    {
        ["Core"] = new()
        {
            [""] = [],
            ["Memory"] = [""],
            ["Simd"] = [],
            ["Parameters"] = [""],
            ["Activations"] = ["", "Simd"],
            ["Losses"] = ["", "Simd", "Activations"],
            ["Matrices"] = ["", "Memory", "Simd"],
            ["Matrices/Weights"] = ["", "Memory", "Simd", "Matrices"],
            ["Workers"] = ["", "Matrices"],
            ["Optimizers"] = ["", "Memory", "Simd"],
            ["Initialization"] = [""],
            ["GradientCheck"] = [""],
            ["Statistics"] = [""],
        },
        ["Cells"] = new()
        {
            ["Description"] = [],
            ["Equations"] = ["Description"],
            ["Sequences"] = ["Description"],
            ["Training/Drivers"] = ["Description", "Equations", "Sequences"],
            ["Training"] = ["Description", "Equations", "Sequences", "Training/Drivers"],
            ["Training/Loop"] = ["Description", "Sequences", "Training"],
            ["Inference"] = ["Description", "Equations", "Sequences"],
        },
        ["Cli"] = new()
        {
            ["CommandLine"] = [],
            ["Output"] = [],
            ["Models"] = ["CommandLine", "Output"],
            ["Bench"] = ["CommandLine", "Output", "Models"],
            ["Convert"] = ["CommandLine", "Output", "Models"],
            ["Data"] = ["CommandLine", "Output"],
            ["Pictures"] = [],
            ["Reports"] = ["CommandLine", "Output", "Pictures"],
            ["Sequences"] = ["CommandLine", "Output", "Pictures", "Reports"],
            ["Evaluate"] = ["CommandLine", "Output", "Reports", "Sequences"],
            ["Predict"] = ["CommandLine", "Output", "Sequences"],
            ["Generate"] = ["CommandLine", "Output", "Sequences"],
            ["Compare"] = ["CommandLine", "Output", "Pictures", "Reports", "Sequences"],
            ["Encode"] = ["CommandLine", "Output", "Sequences"],
            ["Forget"] = ["CommandLine", "Output", "Pictures", "Reports", "Sequences"],
            ["Demo"] = ["CommandLine", "Output", "Models"],
            ["GradCheck"] = ["CommandLine", "Output", "Models"],
            ["Inspect"] = ["CommandLine", "Output", "Models"],
            ["Run"] = ["CommandLine", "Output", "Models"],
            ["Train"] = ["CommandLine", "Output", "Models", "Pictures", "Reports", "Sequences"],
            [""] =
            [
                "CommandLine", "Output", "Bench", "Compare", "Convert", "Data", "Demo", "Encode", "Evaluate", "Forget", "Generate",
                "GradCheck", "Inspect", "Predict", "Run", "Train",
            ],
        },
        ["Formats"] = new()
        {
            ["Files"] = [],
            ["Model"] = ["Files"],
            ["Json"] = ["Files", "Model"],
            ["Safetensors"] = ["Files", "Model"],
            ["Npy"] = ["Files", "Model"],
            ["Arrays"] = ["Files", "Model", "Npy"],
            ["PyTorch"] = ["Files", "Model", "Json", "Safetensors"],
            ["Keras"] = ["Files", "Model", "Json", "Safetensors"],
            ["RtNeural"] = ["Files", "Model", "Json", "PyTorch", "Keras"],
            ["Nam"] = ["Files", "Model", "Json"],
            ["Onnx"] = ["Files", "Model", "Json", "Npy"],
            ["Checkpoints"] = ["Files", "Model", "Json", "Safetensors"],
            [""] = ["Files", "Model", "Json", "Safetensors", "Npy", "PyTorch", "Keras", "RtNeural", "Nam", "Onnx", "Checkpoints"],
        },
        ["Tasks"] = new()
        {
            ["Files"] = [],
            ["Symbols"] = ["Files"],
            ["Splits"] = [],
            ["Metrics"] = [],
            ["Baselines"] = [],
            ["Made"] = ["Files"],
            ["Sampling"] = [],
            ["Models"] = ["Files", "Symbols", "Sampling"],
            ["Training"] = ["Files", "Symbols", "Splits", "Models"],
            ["Evaluation"] = ["Files", "Symbols", "Splits", "Metrics", "Baselines", "Models", "Training"],
        },

        // No code.
        ["Package"] = [],
    };

    public static TheoryData<string> Projects => [.. _projects.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_folder_uses_no_other_than_its_row_names(string project)
    {
        string[] problems = FolderArrows.Problems(Sources(project), _projects[project]);

        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    /// <summary>No circle: a row names only rows above it.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Rows_use_rows_above_them(string project)
    {
        HashSet<string> above = [];
        foreach ((string folder, string[] allowed) in _projects[project])
        {
            Assert.Subset(above, allowed.ToHashSet());
            above.Add(folder);
        }
    }

    [Fact]
    public void Every_project_of_src_has_rows() =>
        Assert.Equal(
            _projects.Keys.Order(),
            Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
                .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!))
                .Order());

    [Fact]
    public void A_wrong_arrow_is_named()
    {
        (string, string)[] seeded =
        [
            .. Sources("Formats"),
            ("Model/Seeded.cs", "namespace SpanRnn.Formats;\n\ninternal sealed record Seeded(SafetensorsFile File);\n"),
            ("Toml/TomlFile.cs", "namespace SpanRnn.Formats;\n\ninternal sealed class TomlFile;\n"),
        ];

        Assert.Equal(
            [
                "The folder 'Toml' has no row, expected the folders that it may use.",
                "Model/Seeded.cs uses SafetensorsFile of Safetensors, expected Model to use Files alone.",
            ],
            FolderArrows.Problems(seeded, _projects["Formats"]));
    }

    [Theory]
    [InlineData("class A { B _b; }", true)]
    [InlineData("class A : B;", true)]
    [InlineData("class A { List<B> _b; }", true)]
    [InlineData("class A { int F() => B.F(); }", true)]
    [InlineData("class A { object F() => new B(); }", true)]
    [InlineData("class A { object F(object o) => o is B; }", true)]
    [InlineData("class A { B? Find() => null; }", true)]
    [InlineData("class A { B[] All() => []; }", true)]
    [InlineData("class A { bool F(int n) => n > B.Limit; }", true)]
    [InlineData("class A { string F() => $\"{B.Name}\"; }", true)]
    [InlineData("class A { void F<T>() where T : B { } }", true)]
    [InlineData("// B\nclass A;", false)]
    [InlineData("/// <see cref=\"B\"/>\nclass A;", false)]
    [InlineData("class A { string F() => \"B\"; }", false)]
    [InlineData("class A { int B { get; } }", false)]
    [InlineData("class A { List<int> B { get; } }", false)]
    [InlineData("class A { int F(C c) => c.B; }", false)]
    [InlineData("class A { int B(int n) => n; int C() => B(1); }", false)]
    [InlineData("class A { T B<T>(T n) => n; }", false)]
    [InlineData("class A { object F() => new C { B = 1 }; }", false)]
    [InlineData("class A { int F(int n) => n < C ? C : D; }", false)]
    [InlineData("class A { C<int> _c; }", true)]
    public void A_use_of_a_type_is_told_from_a_member_of_its_name(string source, bool isUse)
    {
        var rows = new Dictionary<string, string[]> { ["One"] = [], ["Two"] = [] };

        string[] problems = FolderArrows.Problems(
            [("One/A.cs", source), ("Two/B.cs", "public class B;"), ("Two/C.cs", "public class C<T>;")], rows);

        string used = source.Contains("C<", StringComparison.Ordinal) ? "C" : "B";
        Assert.Equal(isUse ? [$"One/A.cs uses {used} of Two, expected One to use no other folder."] : [], problems);
    }

    [Fact]
    public void The_longest_folder_with_a_row_counts()
    {
        var rows = new Dictionary<string, string[]> { ["One"] = [], ["One/Two"] = ["One"] };

        Assert.Empty(FolderArrows.Problems([("One/A.cs", "class A;"), ("One/Two/Three/B.cs", "class B : A;")], rows));
        Assert.Equal(
            ["One/Four/A.cs uses B of One/Two, expected One to use no other folder."],
            FolderArrows.Problems([("One/Four/A.cs", "class A : B;"), ("One/Two/B.cs", "class B;")], rows));
    }

    private static (string Path, string Text)[] Sources(string project)
    {
        string root = Repository.PathOf("src", project);
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(file => (Path: Path.GetRelativePath(root, file).Replace('\\', '/'), Text: File.ReadAllText(file)))
                .Where(file => !file.Path.StartsWith("obj/", StringComparison.Ordinal))
                .Where(file => !file.Path.StartsWith("bin/", StringComparison.Ordinal)),
        ];
    }
}
