namespace SpanRnn.Tasks;

/// <summary>Pieces that a sequence is cut into.</summary>
public enum SymbolUnit
{
    /// <summary>Characters of Unicode, also those that are two units of UTF-16.</summary>
    Character,

    /// <summary>Words between white space.</summary>
    Word,

    /// <summary>
    /// Numbers between white space, which have no alphabet; several of one step have colons between them, as in "0.25:1".
    /// </summary>
    Number,
}
