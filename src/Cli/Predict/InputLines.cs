using System.Text;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Predict;

/// <summary>
/// Lines of a stream, each as soon as it has come: UTF-8, or UTF-16 with a byte-order mark; a line ends in LF, CR LF or CR.
/// </summary>
internal sealed class InputLines(Stream stream, string name)
{
    private readonly char[] _buffer = new char[4096];
    private int _line = 1;

    public IEnumerable<(int Line, string Text)> Read()
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var text = new StringBuilder();
        bool followsReturn = false;
        for (int count = Fill(reader); count > 0; count = Fill(reader))
        {
            for (int start = 0; start < count;)
            {
                if (followsReturn && _buffer[start] == '\n')
                {
                    followsReturn = false;
                    start++;
                    continue;
                }

                followsReturn = false;
                int length = _buffer.AsSpan(start, count - start).IndexOfAny('\r', '\n');
                int taken = length < 0 ? count - start : length;
                text.Append(_buffer, start, taken);
                start += taken;
                if (text.Length > SequenceFile.LongestLine)
                {
                    throw new ModelFormatException(
                        name, $"line {_line} has more than {SequenceFile.LongestLine} characters, expected at most that many.");
                }

                if (length >= 0)
                {
                    followsReturn = _buffer[start] == '\r';
                    start++;
                    yield return (_line++, text.ToString());
                    text.Clear();
                }
            }
        }

        if (text.Length > 0)
        {
            yield return (_line, text.ToString());
        }
    }

    private int Fill(StreamReader reader)
    {
        try
        {
            return reader.Read(_buffer, 0, _buffer.Length);
        }
        catch (DecoderFallbackException e)
        {
            throw new ModelFormatException(name, $"line {_line} or one soon behind it has bytes that are not UTF-8: {e.Message}");
        }
    }
}
