using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>
/// Build rules at work: a copy of them builds a clean source and refuses Violations.cs.txt at exactly the marked lines.
/// </summary>
public sealed partial class BuildRulesTests(BuildRulesTests.Builds builds) : IClassFixture<BuildRulesTests.Builds>
{
    private static readonly string _bannedSymbols = Repository.PathOf("src", "BannedSymbols.txt");

    [Fact]
    public void A_clean_source_builds() => Assert.True(builds.CleanExitCode == 0, builds.CleanOutput);

    [Fact]
    public void Every_marked_line_fails_the_build_with_its_code()
    {
        Assert.True(builds.ViolatingExitCode != 0, "The source with violations was built.\n" + builds.ViolatingOutput);

        string[] missed = [.. Builds.Violations
            .Select((text, index) => (Line: index + 1, Text: text.Trim(), Mark: Mark().Match(text)))
            .Where(line => line.Mark.Success)
            .SelectMany(line => line.Mark.Groups["codes"].Value.Split(' '), (line, code) => (line.Line, line.Text, Code: code))
            .Where(expected => !builds.Reported.Contains((expected.Line, expected.Code)))
            .Select(expected => $"line {expected.Line} did not fail with {expected.Code}: {expected.Text}")];

        Assert.True(missed.Length == 0, string.Join('\n', missed) + "\n\n" + builds.ViolatingOutput);
    }

    /// <summary>A rule of .editorconfig under a header that matches nothing is dead, and the compiler does not tell.</summary>
    [Fact]
    public void Every_rule_of_editorconfig_has_a_line_that_fails()
    {
        string[] unproved = [.. Rule().Matches(File.ReadAllText(Repository.PathOf(".editorconfig")))
            .Select(match => match.Groups["code"].Value)
            .Where(code => !Builds.Violations.Any(line => Mark().Match(line).Groups["codes"].Value.Split(' ').Contains(code)))];

        Assert.True(
            unproved.Length == 0,
            $"Violations.cs.txt has no line marked with these codes of .editorconfig: {string.Join(", ", unproved)}.");
    }

    /// <summary>A misspelled id in BannedSymbols.txt bans nothing, and the compiler does not tell.</summary>
    [Fact]
    public void Every_banned_symbol_has_a_line_that_fails()
    {
        string[] unproved = [.. File.ReadLines(_bannedSymbols)
            .Select(line => line.Split(';')[0])
            .Where(id => !Builds.Violations.Any(line => line.EndsWith("// RS0030 " + id, StringComparison.Ordinal)))];

        Assert.True(
            unproved.Length == 0,
            $"Violations.cs.txt has no line that ends with '// RS0030 ID' for these of BannedSymbols.txt: {string.Join(", ", unproved)}.");
    }

    /// <summary>The lock statement names no symbol, so that no analyzer can ban it.</summary>
    [Fact]
    public void Core_and_Cells_lock_nothing()
    {
        string[] locks = [.. Directory.EnumerateFiles(Repository.PathOf("src", "Core"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.PathOf("src", "Cells"), "*.cs", SearchOption.AllDirectories))
            .Where(file => LockStatement().IsMatch(File.ReadAllText(file)))];

        Assert.True(locks.Length == 0, $"A lock statement is in {string.Join(", ", locks)}.");
    }

    [Theory]
    [InlineData("    lock (_gate)", true)]
    [InlineData("    block(gate);", false)]
    public void A_lock_statement_is_found(string line, bool found) => Assert.Equal(found, LockStatement().IsMatch(line));

    [GeneratedRegex(@"// (?<codes>(CS|CA|IDE|IL|RS)\d+( (CS|CA|IDE|IL|RS)\d+)*)( [A-Z]:\S+)?$")]
    private static partial Regex Mark();

    [GeneratedRegex(@"^dotnet_diagnostic\.(?<code>\w+)\.severity = (warning|error)", RegexOptions.Multiline)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^\s*lock\s*\(", RegexOptions.Multiline)]
    private static partial Regex LockStatement();

    /// <summary>The two builds that all tests of this class read.</summary>
    public sealed partial class Builds : IDisposable
    {
        private const int TimeoutInSeconds = 240;

        private readonly string _folder = Path.Combine(Path.GetTempPath(), "spanrnn-build-rules-" + Guid.NewGuid().ToString("N"));

        public Builds()
        {
            foreach (string file in new[]
            {
                ".editorconfig", "Directory.Build.props", "Directory.Packages.props", "global.json",
                "src/Directory.Build.props", "src/BannedSymbols.txt", "src/Core/SpanRnn.Core.csproj",
            })
            {
                string copy = Path.Combine(_folder, file);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(Repository.PathOf(file), copy);
            }

            // In a folder of its own, as most of the source is.
            string source = Path.Combine(_folder, "src", "Core", "Folder", "Source.cs");
            Directory.CreateDirectory(Path.GetDirectoryName(source)!);

            // Written, not copied: a copy keeps its old time, and the second build would skip the source as built.
            File.WriteAllText(source, File.ReadAllText(Seeded("Clean.cs.txt")));
            (CleanExitCode, CleanOutput) = Build();

            File.WriteAllLines(source, Violations);
            (ViolatingExitCode, ViolatingOutput) = Build("--no-restore");

            Reported = [.. Error().Matches(ViolatingOutput)
                .Select(match => (int.Parse(match.Groups["line"].Value, null), match.Groups["code"].Value))];
        }

        public static string[] Violations { get; } = File.ReadAllLines(Seeded("Violations.cs.txt"));

        public int CleanExitCode { get; }

        public string CleanOutput { get; }

        public int ViolatingExitCode { get; }

        public string ViolatingOutput { get; }

        public HashSet<(int Line, string Code)> Reported { get; }

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private static string Seeded(string name) => Repository.PathOf("tests", "Contracts", "Seeded", name);

        private (int ExitCode, string Output) Build(params ReadOnlySpan<string> more) => Command.Run(
            _folder,
            TimeoutInSeconds,
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["build", "src/Core", "-c", "Release", "-nologo", "-tl:off", "-p:UseSharedCompilation=false", .. more]);

        [GeneratedRegex(@"Source\.cs\((?<line>\d+),\d+\): error (?<code>[A-Z]+\d+):")]
        private static partial Regex Error();
    }
}
