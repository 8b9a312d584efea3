namespace SpanRnn;

/// <summary>Which way a set of parameters walks a sequence.</summary>
public enum Direction
{
    /// <summary>From the first step to the last.</summary>
    Forward,

    /// <summary>From the last step of each sequence, at its own length, to the first.</summary>
    Reverse,
}
