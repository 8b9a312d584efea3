namespace SpanRnn.Tests;

/// <summary>CI runs the same script on each kind of machine as a developer runs by hand.</summary>
public class CiTests
{
    [Theory]
    [InlineData("ubuntu-latest")]
    [InlineData("windows-latest")]
    [InlineData("macos-latest")]
    [InlineData("ubuntu-24.04-arm")]
    [InlineData("fetch-depth: 0\n")]
    [InlineData("run: bash .ci/run\n")]
    public void The_workflow_runs_the_script_on_four_systems(string part) =>
        Assert.Contains(part, File.ReadAllText(Repository.PathOf(".github", "workflows", "ci.yml")), StringComparison.Ordinal);

    /// <summary>A whole hash, which stays the same revision, and below it the reason.</summary>
    [Fact]
    public void The_baseline_of_the_gate_is_a_revision_and_a_reason()
    {
        string[] lines = File.ReadAllLines(Repository.PathOf("perf", "baseline.txt"));

        Assert.Matches("^[0-9a-f]{40}$", lines[0]);
        Assert.NotEmpty(lines[1]);
    }

    [Fact]
    public void The_script_is_executable() =>
        Assert.True(
            OperatingSystem.IsWindows() || File.GetUnixFileMode(Repository.PathOf(".ci", "run")).HasFlag(UnixFileMode.UserExecute),
            ".ci/run is not executable.");
}
