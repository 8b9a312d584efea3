namespace SpanRnn.Tests;

/// <summary>Location of the working copy from which these tests were built.</summary>
internal static class Repository
{
    private static readonly string[] _notOurs =
        [".git", ".vs", ".vscode", ".idea", "bin", "obj", "openblas", "packages", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>The folder with SpanRnn.sln, above the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The files of the repository, without what builds, tests and tools leave there.</summary>
    public static IEnumerable<FileInfo> Files() => Files(new DirectoryInfo(Root));

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    // In a second working tree of one repository, .git is a file.
    private static IEnumerable<FileInfo> Files(DirectoryInfo folder) => folder.EnumerateFiles().Where(file => file.Name != ".git")
        .Concat(folder.EnumerateDirectories().Where(inner => !_notOurs.Contains(inner.Name)).SelectMany(Files));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SpanRnn.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"No folder above '{AppContext.BaseDirectory}' has SpanRnn.sln; run the tests from a working copy.");
    }
}
