using System.Text;

namespace SpanRnn.Tests;

/// <summary>C# source without its comments and without the text of its strings; code inside an interpolated string stays.</summary>
internal sealed class CSharpText
{
    private readonly string _source;
    private readonly StringBuilder _code = new();
    private int _position;

    private CSharpText(string source) => _source = source;

    private char Current => At(0);

    /// <summary>The code of a source. Every string is <c>""</c>, followed by the code in its holes.</summary>
    public static string Code(string source)
    {
        var text = new CSharpText(source);
        text.ReadCode(holeBraces: 0);
        return text._code.ToString();
    }

    private char At(int offset) => _position + offset < _source.Length ? _source[_position + offset] : '\0';

    // Ends behind the braces that close a hole, or at the end of the file.
    private void ReadCode(int holeBraces)
    {
        int depth = 0;
        while (_position < _source.Length)
        {
            if (Current == '/' && At(1) is '/' or '*')
            {
                SkipComment();
            }
            else if (StartsString(out int dollars, out bool verbatim))
            {
                ReadString(dollars, verbatim);
            }
            else if (Current == '\'')
            {
                SkipCharacter();
            }
            else if (holeBraces > 0 && depth == 0 && Current == '}')
            {
                _position += holeBraces;
                return;
            }
            else
            {
                depth += Current is '{' or '(' or '[' ? 1 : Current is '}' or ')' or ']' ? -1 : 0;
                _code.Append(Current);
                _position++;
            }
        }
    }

    private void SkipComment()
    {
        string end = At(1) == '/' ? "\n" : "*/";
        int found = _source.IndexOf(end, _position + 2, StringComparison.Ordinal);
        _position = found < 0 ? _source.Length : end == "\n" ? found : found + end.Length;
        _code.Append(' ');
    }

    private void SkipCharacter()
    {
        _position++;
        while (_position < _source.Length && Current != '\'')
        {
            _position += Current == '\\' ? 2 : 1;
        }

        _position++;
        _code.Append("' '");
    }

    // $, @, $@, @$ or any number of $ in front of a quote.
    private bool StartsString(out int dollars, out bool verbatim)
    {
        (dollars, verbatim) = (0, false);
        int length = 0;
        while (At(length) is '$' or '@')
        {
            dollars += At(length) == '$' ? 1 : 0;
            verbatim |= At(length) == '@';
            length++;
        }

        if (At(length) != '"')
        {
            return false;
        }

        _position += length;
        return true;
    }

    private void ReadString(int dollars, bool verbatim)
    {
        int quotes = 0;
        while (At(quotes) == '"' && !(verbatim && quotes == 1))
        {
            quotes++;
        }

        // Two quotes are an empty string, three or more begin a raw one.
        _code.Append("\"\"");
        _position += quotes;
        bool raw = quotes >= 3;
        while (_position < _source.Length && quotes != 2 && !EndsString(quotes, verbatim))
        {
            ReadText(dollars, raw, verbatim);
        }
    }

    private bool EndsString(int quotes, bool verbatim)
    {
        int found = 0;
        while (found < quotes && At(found) == '"')
        {
            found++;
        }

        bool ends = found == quotes && !(verbatim && At(1) == '"');
        _position += ends ? quotes : 0;
        return ends;
    }

    // One character of text, one escape, or one hole.
    private void ReadText(int dollars, bool raw, bool verbatim)
    {
        if (Current == '"' && verbatim)
        {
            _position += 2;
        }
        else if (Current == '\\' && !raw && !verbatim)
        {
            _position += 2;
        }
        else if (Current == '{' && dollars > 0)
        {
            int braces = 0;
            while (At(braces) == '{')
            {
                braces++;
            }

            // Two braces of a plain string are one of its text; of a raw string, more than its dollars are.
            bool isHole = raw ? braces >= dollars : braces % 2 == 1;
            _position += braces;
            if (isHole)
            {
                _code.Append(' ');
                ReadCode(raw ? dollars : 1);
                _code.Append(' ');
            }
        }
        else
        {
            _position++;
        }
    }
}
