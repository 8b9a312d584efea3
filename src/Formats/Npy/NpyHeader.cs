using System.Text;

namespace SpanRnn.Formats.Npy;

/// <summary>
/// Reads the header of an .npy file: a Python dict with exactly 'descr' (a string), 'fortran_order' (True or False) and 'shape' (a tuple of
/// whole numbers), in any order, with or without a comma behind the last one. All other Python is refused.
/// </summary>
internal ref struct NpyHeader
{
    private const string Keys = "'descr', 'fortran_order' and 'shape'";

    private readonly string _file;
    private readonly ReadOnlySpan<byte> _text;
    private int _position;
    private string? _descr;
    private bool? _fortranOrder;
    private int[]? _shape;

    private NpyHeader(ReadOnlySpan<byte> text, string file)
    {
        _text = text;
        _file = file;
    }

    public static (string Descr, bool FortranOrder, int[] Shape) Parse(ReadOnlySpan<byte> text, string file)
    {
        var header = new NpyHeader(text, file);
        header.ParseDict();
        if (header._descr is null || header._fortranOrder is null || header._shape is null)
        {
            string missing = header._descr is null ? "'descr'" : header._fortranOrder is null ? "'fortran_order'" : "'shape'";
            throw header.Fail($"the header has no {missing}, expected {Keys}.");
        }

        return (header._descr, header._fortranOrder.Value, header._shape);
    }

    private void ParseDict()
    {
        Expect('{', "'{'");
        bool more = true;
        while (more && !Take('}'))
        {
            ParseEntry();
            more = Take(',');
            if (!more)
            {
                Expect('}', "',' or '}'");
            }
        }

        SkipSpace();
        if (_position < _text.Length)
        {
            throw Unexpected("white space to the end of the header");
        }
    }

    private void ParseEntry()
    {
        string key = QuotedText();
        Expect(':', "':'");
        switch (key)
        {
            case "descr" when _descr is null:
                _descr = Descr();
                break;
            case "fortran_order" when _fortranOrder is null:
                _fortranOrder = Truth();
                break;
            case "shape" when _shape is null:
                _shape = Tuple();
                break;
            case "descr" or "fortran_order" or "shape":
                throw Fail($"the header has '{key}' twice, expected each of {Keys} once.");
            default:
                throw Fail($"the header has a key {ModelFormatException.Quote(key)}, expected {Keys}.");
        }
    }

    // A list is the type of a structured array.
    private string Descr()
    {
        SkipSpace();
        return _position < _text.Length && _text[_position] == '['
            ? throw Fail("the array is structured, expected one of its fields: numpy.save(path, x['field']) writes it.")
            : QuotedText();
    }

    private string QuotedText()
    {
        const string Expected = "a quoted string";
        bool isSingle = Take('\'');
        if (!isSingle)
        {
            Expect('"', Expected);
        }

        int length = _text[_position..].IndexOf((byte)(isSingle ? '\'' : '"'));
        if (length < 0)
        {
            _position = _text.Length;
            throw Unexpected($"the end of {Expected}");
        }

        string text = Encoding.UTF8.GetString(_text.Slice(_position, length));
        _position += length + 1;
        return text;
    }

    private bool Truth()
    {
        SkipSpace();
        bool value = _text[_position..].StartsWith("True"u8);
        if (!value && !_text[_position..].StartsWith("False"u8))
        {
            throw Unexpected("True or False");
        }

        _position += value ? "True".Length : "False".Length;
        return value;
    }

    private int[] Tuple()
    {
        List<int> sizes = [];
        Expect('(', "'(' of a tuple");
        bool more = true;
        while (more && !Take(')'))
        {
            sizes.Add(Number());
            more = Take(',');
            if (!more && sizes.Count == 1)
            {
                // Without a comma, (3) is a number, not a tuple.
                throw Unexpected("','");
            }

            if (!more)
            {
                Expect(')', "',' or ')'");
            }
        }

        return [.. sizes];
    }

    private int Number()
    {
        SkipSpace();
        int start = _position;
        long number = 0;
        while (_position < _text.Length && char.IsAsciiDigit((char)_text[_position]) && number <= int.MaxValue)
        {
            number = (10 * number) + (_text[_position] - '0');
            _position++;
        }

        if (_position == start)
        {
            throw Unexpected("a whole number of 0 or more");
        }

        // NumPy on Python 2 wrote 3L.
        _position += _position < _text.Length && _text[_position] == 'L' ? 1 : 0;
        return number <= int.MaxValue
            ? (int)number
            : throw Fail($"the shape has a size above {int.MaxValue} at byte {start} of its text, expected at most that.");
    }

    private void SkipSpace()
    {
        while (_position < _text.Length && _text[_position] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _position++;
        }
    }

    private bool Take(char symbol)
    {
        SkipSpace();
        bool found = _position < _text.Length && _text[_position] == symbol;
        _position += found ? 1 : 0;
        return found;
    }

    private void Expect(char symbol, string expected)
    {
        if (!Take(symbol))
        {
            throw Unexpected(expected);
        }
    }

    private readonly ModelFormatException Unexpected(string expected)
    {
        bool isInside = _position < _text.Length;
        string found = !isInside ? "ends"
            : char.IsBetween((char)_text[_position], ' ', '~') ? $"has '{(char)_text[_position]}'"
            : $"has byte 0x{_text[_position]:X2}";
        return Fail($"the header {found} at byte {_position} of its text, expected {expected}.");
    }

    private readonly ModelFormatException Fail(string problem) => new(_file, problem);
}
