using System.Text;

namespace SpanRnn.Tasks.Files;

/// <summary>Lines of a text, each as soon as it has come; each may end in CR LF, LF or CR.</summary>
internal static class TextLines
{
    private const int Size = 1 << 14;

    // Characters of a line that are counted for a message; a line may have no end.
    private const int MostCounted = 10 * SequenceFile.LongestLine;

    public static IEnumerable<(int Number, string Text)> Of(string file, TextReader text)
    {
        char[] buffer = new char[Size];
        var begun = new StringBuilder();
        int number = 1;
        bool followsReturn = false;
        for (int count = text.Read(buffer); count > 0; count = text.Read(buffer))
        {
            for (int start = 0; start < count;)
            {
                if (followsReturn && buffer[start] == '\n')
                {
                    followsReturn = false;
                    start++;
                    continue;
                }

                followsReturn = false;
                int length = buffer.AsSpan(start, count - start).IndexOfAny('\r', '\n');
                bool hasEnd = length >= 0;
                length = hasEnd ? length : count - start;
                if (begun.Length + length > SequenceFile.LongestLine)
                {
                    throw TooLong(file, number, begun.Length + length, hasEnd ? TextReader.Null : text);
                }

                if (!hasEnd)
                {
                    begun.Append(buffer, start, length);
                    break;
                }

                string line = begun.Length == 0 ? new string(buffer, start, length) : begun.Append(buffer, start, length).ToString();
                begun.Clear();
                start += length;
                followsReturn = buffer[start] == '\r';
                start++;
                yield return (number++, line);
            }
        }

        if (begun.Length > 0)
        {
            yield return (number, begun.ToString());
        }
    }

    /// <summary>Makes the message about a line that is too long.</summary>
    /// <param name="file">The file as messages call it.</param>
    /// <param name="number">Number of the line.</param>
    /// <param name="length">Characters of it that were read.</param>
    /// <param name="rest">The text behind them.</param>
    public static ModelFormatException TooLong(string file, int number, int length, TextReader rest)
    {
        char[] buffer = new char[Size];
        int end = -1;
        for (int count = rest.Read(buffer); count > 0 && end < 0 && length <= MostCounted; count = rest.Read(buffer))
        {
            end = buffer.AsSpan(0, count).IndexOfAny('\r', '\n');
            length += end < 0 ? count : end;
        }

        string more = length > MostCounted ? "more than " : string.Empty;
        return new ModelFormatException(
            file, $"line {number} has {more}{Math.Min(length, MostCounted)} characters, expected at most {SequenceFile.LongestLine}.");
    }
}
