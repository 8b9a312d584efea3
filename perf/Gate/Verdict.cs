namespace SpanRnn.Perf;

/// <summary>Verdict of the gate on a case.</summary>
internal enum Verdict
{
    /// <summary>No slower than allowed, and allocates nothing.</summary>
    Passed,

    /// <summary>Fails: the interval of the slow-down lies above the allowed one at both looks.</summary>
    Slower,

    /// <summary>Fails: the working tree allocates.</summary>
    Allocates,

    /// <summary>Fails: a time is missing or is not a positive number.</summary>
    NoFigures,

    /// <summary>Only the working tree knows the case, so that there is nothing to compare with.</summary>
    New,

    /// <summary>Only the base knows the case.</summary>
    Gone,
}
