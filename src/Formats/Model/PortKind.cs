namespace SpanRnn.Formats.Model;

/// <summary>Content of an array that goes into a model or comes out of it.</summary>
internal enum PortKind
{
    /// <summary>Numbers: x or y, for every step or for every sequence.</summary>
    Values,

    /// <summary>Whole numbers: the symbols of an embedding.</summary>
    Symbols,

    /// <summary>Whole numbers: the length of every sequence.</summary>
    Lengths,

    /// <summary>Initial or final states.</summary>
    States,
}
