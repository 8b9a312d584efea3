namespace SpanRnn.Tasks.Files;

/// <summary>
/// Text of a table on its way to the parser. A line that is too long is an error, and so is a quote that is never closed, which would make
/// the rest of the file one field.
/// </summary>
internal sealed class TableText(string file, TextReader text) : TextReader
{
    private readonly List<char> _first = [];
    private int _firstRead;

    // The line that is read: its number, length, quotes, and the end of the line before it.
    private int _number = 1;
    private int _length;
    private bool _isOdd;
    private bool _followsReturn;

    // The line that opened a quote, 0 for none, and the characters since then in lines before this one.
    private int _opened;
    private int _before;

    /// <summary>Reads the first row that is not blank, with the line end; it is read again afterwards.</summary>
    public ReadOnlySpan<char> FirstRow()
    {
        Span<char> next = stackalloc char[1];
        bool isQuoted = false;
        bool isBlank = true;
        bool isEnd = false;
        while (!isEnd && ReadOn(next) > 0)
        {
            _first.Add(next[0]);
            isBlank &= char.IsWhiteSpace(next[0]);
            isQuoted ^= next[0] == '"';
            isEnd = !isBlank && !isQuoted && next[0] is '\r' or '\n';
        }

        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_first);
    }

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read(Span<char> buffer)
    {
        if (_firstRead == _first.Count)
        {
            return ReadOn(buffer);
        }

        int count = Math.Min(buffer.Length, _first.Count - _firstRead);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_first).Slice(_firstRead, count).CopyTo(buffer);
        _firstRead += count;
        return count;
    }

    private int ReadOn(Span<char> buffer)
    {
        int count = text.Read(buffer);
        Check(buffer[..count]);
        if (count == 0 && buffer.Length > 0)
        {
            EndLine();
            if (_opened > 0)
            {
                throw new ModelFormatException(file, $"line {_opened} opens a quote that is never closed, expected its end.");
            }
        }

        return count;
    }

    private void Check(ReadOnlySpan<char> characters)
    {
        while (!characters.IsEmpty)
        {
            int length = characters.IndexOfAny('\r', '\n', '"');
            bool isWhole = length >= 0;
            length = isWhole ? length : characters.Length;
            Lengthen(length, characters[length..]);
            if (!isWhole)
            {
                _followsReturn &= length == 0;
                return;
            }

            char mark = characters[length];
            bool isSecondHalf = mark == '\n' && _followsReturn && length == 0;
            _followsReturn = mark == '\r';
            if (mark == '"')
            {
                _isOdd = !_isOdd;
                Lengthen(1, characters[(length + 1)..]);
            }
            else if (!isSecondHalf)
            {
                EndLine();
            }

            characters = characters[(length + 1)..];
        }
    }

    private void Lengthen(int count, ReadOnlySpan<char> rest)
    {
        _length += count;
        if (_opened > 0 && _before + _length > SequenceFile.LongestLine)
        {
            throw new ModelFormatException(
                file,
                $"line {_opened} opens a quote that is not closed within {SequenceFile.LongestLine} characters, expected its end.");
        }

        if (_length > SequenceFile.LongestLine)
        {
            int end = rest.IndexOfAny('\r', '\n');
            throw TextLines.TooLong(file, _number, _length + (end < 0 ? rest.Length : end), end < 0 ? text : Null);
        }
    }

    private void EndLine()
    {
        _before += _length;
        if (_isOdd)
        {
            _opened = _opened > 0 ? 0 : _number;
            _before = _opened > 0 ? _length : 0;
        }
        else if (_opened == 0)
        {
            _before = 0;
        }

        (_length, _isOdd) = (0, false);
        _number++;
    }
}
