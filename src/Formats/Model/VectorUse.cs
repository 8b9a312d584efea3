namespace SpanRnn.Formats.Model;

/// <summary>Use of a number for each feature.</summary>
internal enum VectorUse
{
    /// <summary>The feature is multiplied by it.</summary>
    Scale,

    /// <summary>It is added to the feature.</summary>
    Shift,

    /// <summary>A negative feature is multiplied by it.</summary>
    Slope,
}
