namespace SpanRnn.Tests;

/// <summary>
/// The embedded Reber grammar (Reber 1967; Smith and Zipser 1989): B, then T or P, a string of Reber's grammar, the same T or P again, E.
/// To predict the second-last symbol, a network must keep the second one over the whole string between.
/// </summary>
internal static class ReberGrammar
{
    public const string Alphabet = "BTSXPVE";

    /// <summary>Symbols that may follow each state of Reber's grammar, and where each leads; the last state is the end.</summary>
    private static readonly (char Symbol, int To)[][] _edges =
    [
        [('B', 1)],
        [('T', 2), ('P', 3)],
        [('S', 2), ('X', 4)],
        [('T', 3), ('V', 5)],
        [('X', 3), ('S', 6)],
        [('P', 4), ('V', 6)],
        [('E', 7)],
        [],
    ];

    /// <summary>A string, each choice of two symbols even.</summary>
    public static string Draw(RandomSource random)
    {
        string text = "";
        while (Next(text) is { Length: > 0 } next)
        {
            text += next[random.NextInt(next.Length)];
        }

        return text;
    }

    /// <summary>Symbols that may follow the beginning of a string: none if it is complete.</summary>
    public static string Next(string beginning)
    {
        if (beginning.Length < 2)
        {
            return beginning.Length == 0 ? "B" : "TP";
        }

        int state = 0;
        int at = 2;
        while (at < beginning.Length && _edges[state].Length > 0)
        {
            state = _edges[state].Single(edge => edge.Symbol == beginning[at]).To;
            at++;
        }

        if (_edges[state].Length > 0)
        {
            return string.Concat(_edges[state].Select(edge => edge.Symbol));
        }

        return (beginning.Length - at) switch
        {
            0 => beginning[1].ToString(),
            1 => "E",
            _ => "",
        };
    }

    public static int[] Symbols(string text) => [.. text.Select(symbol => Alphabet.IndexOf(symbol))];
}
