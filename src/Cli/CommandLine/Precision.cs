namespace SpanRnn.Cli.CommandLine;

/// <summary>In which precision a gradient is computed; differences are always taken in double.</summary>
internal enum Precision
{
    /// <summary>Double, checked to 1e-6.</summary>
    Double,

    /// <summary>Float, checked to 1e-4.</summary>
    Single,
}
