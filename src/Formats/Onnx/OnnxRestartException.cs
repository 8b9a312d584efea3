namespace SpanRnn.Formats;

/// <summary>A pass found out what it has to know from its start: a given array is a constant, or a size is another one.</summary>
internal sealed class OnnxRestartException : Exception;
