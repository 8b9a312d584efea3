namespace SpanRnn;

/// <summary>Factor s of a <see cref="SkipLayer"/>, a parameter.</summary>
public enum SkipScale
{
    /// <summary>No factor: s = 1.</summary>
    None,

    /// <summary>One number for all features.</summary>
    One,

    /// <summary>One number for each feature.</summary>
    PerFeature,
}
