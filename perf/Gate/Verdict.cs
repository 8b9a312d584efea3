namespace SpanRnn.Perf;

/// <summary>What the gate says of a case.</summary>
internal enum Verdict
{
    /// <summary>No slower than allowed, and allocates nothing.</summary>
    Passed,

    /// <summary>Fails: the interval of the slow-down lies above what is allowed, at both looks.</summary>
    Slower,

    /// <summary>Fails: the working tree allocates.</summary>
    Allocates,

    /// <summary>Fails: a time is missing or is not a positive number.</summary>
    NoFigures,

    /// <summary>Known to the working tree only, so that there is nothing to compare with.</summary>
    New,

    /// <summary>Known to the base only.</summary>
    Gone,
}
