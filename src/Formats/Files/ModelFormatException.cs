namespace SpanRnn.Formats;

/// <summary>
/// The content of a file is not what it has to be. The message is one sentence: the file, the place, what was found, what was
/// expected. No other exception leaves a reader because of a file's content; files that are missing or cannot be read throw
/// <see cref="IOException"/>, its derivatives, or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public sealed class ModelFormatException : Exception
{
    private const int LongestQuote = 80;

    /// <summary>The message is "<paramref name="file"/>: <paramref name="problem"/>".</summary>
    /// <param name="file">The file as its user calls it.</param>
    /// <param name="problem">The place, what was found and what was expected, ending in a full stop.</param>
    public ModelFormatException(string file, string problem)
        : base($"{file}: {problem}")
    {
    }

    /// <summary>
    /// Text from a file, fit for a message: quoted, cut at 80 characters, and without control characters, which would reach a
    /// terminal.
    /// </summary>
    internal static string Quote(string text)
    {
        string shown = text.Length <= LongestQuote ? text : text[..LongestQuote] + "...";
        return $"'{string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c))}'";
    }

    /// <summary>The sentence of an exception, without what .NET appends, the name of the parameter.</summary>
    internal static string Sentence(Exception e)
    {
        int end = e is ArgumentException { ParamName: not null } ? e.Message.LastIndexOf(" (", StringComparison.Ordinal) : -1;
        return end < 0 ? e.Message : e.Message[..end];
    }
}
