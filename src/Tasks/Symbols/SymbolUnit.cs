namespace SpanRnn.Tasks;

/// <summary>Pieces that a sequence is cut into.</summary>
public enum SymbolUnit
{
    /// <summary>Characters of Unicode, also those that are two units of UTF-16.</summary>
    Character,

    /// <summary>Words between white space.</summary>
    Word,
}
