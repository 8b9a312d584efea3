namespace SpanRnn.Tasks;

/// <summary>Choices for reading a <see cref="SequenceFile"/>; without them the file tells. Names of columns must be exact.</summary>
public sealed record SequenceFileOptions
{
    /// <summary>Kind of the file; null: its name or its first character tells.</summary>
    public SequenceFileKind? Kind { get; init; }

    /// <summary>Column of a table that has the sequences; null: the only candidate.</summary>
    public string? SequenceColumn { get; init; }

    /// <summary>Column of a table that has the labels; null: the only candidate, or no labels.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Columns to take, if nothing else is chosen, where the table has them.</summary>
    internal (string? Sequence, string? Label) Preferred { get; init; }
}
