namespace SpanRnn;

/// <summary>Direction in which a set of parameters runs over a sequence.</summary>
public enum Direction
{
    /// <summary>From the first step to the last.</summary>
    Forward,

    /// <summary>From each sequence's own last step to its first.</summary>
    Reverse,
}
