namespace SpanRnn;

/// <summary>
/// Thrown when the content of a file is wrong. The message is one sentence: the file, the place, what was found and what was expected. A
/// reader throws no other exception because of a file's content. A file that is missing or cannot be read throws <see cref="IOException"/>,
/// one of its derivatives, or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public sealed class ModelFormatException : Exception
{
    private const int LongestQuote = 80;

    /// <summary>Makes an exception with the message "<paramref name="file"/>: <paramref name="problem"/>".</summary>
    /// <param name="file">The file as its user calls it.</param>
    /// <param name="problem">The place, what was found and what was expected, ending in a full stop.</param>
    public ModelFormatException(string file, string problem)
        : base($"{file}: {problem}")
    {
    }

    /// <summary>
    /// Quotes text of a file for a message: cut at 80 characters, and without control characters, which would reach a terminal.
    /// </summary>
    internal static string Quote(string text)
    {
        string shown = text.Length <= LongestQuote ? text : text[..LongestQuote] + "...";
        return $"'{string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c))}'";
    }

    /// <summary>Message of an exception without the name of the parameter, which .NET appends.</summary>
    internal static string Sentence(Exception e)
    {
        int end = e is ArgumentException { ParamName: not null } ? e.Message.LastIndexOf(" (", StringComparison.Ordinal) : -1;
        return end < 0 ? e.Message : e.Message[..end];
    }
}
