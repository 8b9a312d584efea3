namespace SpanRnn.Formats.Onnx;

/// <summary>Functions of the reader for an operator. Each takes the node and its inputs, null for those that are left out.</summary>
internal sealed class OnnxOperator
{
    /// <summary>Moves elements of constants and data alike, or computes from sizes; null if the operator does neither.</summary>
    public Func<OnnxNode, OnnxValue?[], OnnxValue[]>? Move { get; init; }

    /// <summary>Computes on constants; null if it is not supported there.</summary>
    public Func<OnnxNode, OnnxValue?[], OnnxValue[]>? Fold { get; init; }

    /// <summary>
    /// Makes layers where an input is data, or gives null if the context has learned what another pass needs; null if it is not supported
    /// there.
    /// </summary>
    public Func<OnnxNode, OnnxValue?[], OnnxValue[]?>? Lower { get; init; }

    /// <summary>Inputs that must be constants, as messages call them. An array given for an input of the graph may be one.</summary>
    public Func<OnnxValue?[], IEnumerable<(int Input, string What)>> Constants { get; init; } = _ => [];

    /// <summary>Pairs of sizes that must be equal. If one of a pair is open, it becomes the other.</summary>
    public Func<OnnxNode, OnnxValue?[], IEnumerable<(long One, long Other)>> Sizes { get; init; } = (_, _) => [];
}
