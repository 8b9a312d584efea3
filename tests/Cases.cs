namespace SpanRnn.Tests;

/// <summary>The reference cases, which are not part of the repository.</summary>
internal static class Cases
{
    public const string Variable = "SPANRNN_CASES";

    public const string Missing = "skipped: reference cases not found; set SPANRNN_CASES or put them at ../shared/cases";

    /// <summary>
    /// The folder that SPANRNN_CASES names, even if it does not exist, so that a wrong name fails the tests instead of skipping them;
    /// else ../shared/cases beside the repository if it exists; else null.
    /// </summary>
    public static string? Folder { get; } = Find(Environment.GetEnvironmentVariable(Variable), Repository.PathOf("..", "shared", "cases"));

    internal static string? Find(string? named, string beside)
    {
        if (!string.IsNullOrEmpty(named))
        {
            return Path.GetFullPath(named);
        }

        return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
    }
}
