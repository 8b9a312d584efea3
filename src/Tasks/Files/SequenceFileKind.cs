namespace SpanRnn.Tasks;

/// <summary>Kinds of files that hold sequences.</summary>
public enum SequenceFileKind
{
    /// <summary>Rows of fields behind a row of names, separated by commas, tabs or semicolons; a field may be in double quotes.</summary>
    Table,

    /// <summary>FASTA: a line that starts with &gt;, then the sequence in any number of lines.</summary>
    Fasta,

    /// <summary>One sequence on each line.</summary>
    Text,
}
