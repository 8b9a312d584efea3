namespace SpanRnn.Tasks.Symbols;

/// <summary>Pieces of a text in order, each with its position: the number of the piece, the first is 1.</summary>
internal static class Pieces
{
    public static IEnumerable<(string Text, int Position)> Of(string text, SymbolUnit unit)
    {
        int position = 0;
        if (unit == SymbolUnit.Word)
        {
            foreach (string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                yield return (word, ++position);
            }

            yield break;
        }

        for (int i = 0; i < text.Length;)
        {
            int length = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
            yield return (text.Substring(i, length), ++position);
            i += length;
        }
    }
}
