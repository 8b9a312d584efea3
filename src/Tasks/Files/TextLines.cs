namespace SpanRnn.Tasks.Files;

/// <summary>Lines of a text; each may end in CR LF, LF or CR.</summary>
internal static class TextLines
{
    public static IEnumerable<(int Number, string Text)> Of(string text)
    {
        int number = 1;
        for (int start = 0; start < text.Length; number++)
        {
            int length = text.AsSpan(start).IndexOfAny('\r', '\n');
            if (length < 0)
            {
                yield return (number, text[start..]);
                yield break;
            }

            int end = start + length;
            yield return (number, text[start..end]);
            start = end + (text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
        }
    }

    /// <summary>Lines that are no longer than the limit of <see cref="SequenceFile"/>.</summary>
    public static IEnumerable<(int Number, string Text)> Within(string file, string text)
    {
        foreach ((int number, string line) in Of(text))
        {
            yield return line.Length <= SequenceFile.LongestLine ? (number, line) : throw new ModelFormatException(
                file, $"line {number} has {line.Length} characters, expected at most {SequenceFile.LongestLine}.");
        }
    }
}
