namespace SpanRnn.Tasks;

/// <summary>Kinds of tasks: the answer that a network gives about a sequence.</summary>
public enum TaskKind
{
    /// <summary>One label for the whole sequence.</summary>
    Classify,

    /// <summary>The last symbol, from all those before it.</summary>
    Last,

    /// <summary>The symbol that comes next, after every symbol: a language model. The end of a sequence is predicted too.</summary>
    Next,

    /// <summary>One label for each symbol.</summary>
    Tag,

    /// <summary>One number for the whole sequence.</summary>
    Regress,
}
