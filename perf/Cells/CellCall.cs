namespace SpanRnn.Perf;

/// <summary>A call of a packed network.</summary>
internal enum CellCall
{
    /// <summary>One step of one stream.</summary>
    Step,

    /// <summary>One step of many streams.</summary>
    StepMany,

    /// <summary>Whole sequences.</summary>
    Run,
}
