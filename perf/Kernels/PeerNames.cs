namespace SpanRnn.Perf;

/// <summary>Names of the peers in tables.</summary>
internal static class PeerNames
{
    public const string TensorPrimitives = "TensorPrimitives";
    public const string MathNet = "MathNet";
    public const string Onnx = "ONNX Runtime";
    public const string OnnxPacked = "ONNX Runtime, packed";
    public const string OnnxManaged = "ONNX Runtime, C#";
    public const string ReadForward = "forward reading";
}
