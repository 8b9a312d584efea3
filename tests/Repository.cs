namespace SpanRnn.Tests;

/// <summary>Location of the working copy from which these tests were built.</summary>
internal static class Repository
{
    /// <summary>The folder with SpanRnn.sln, above the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

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
