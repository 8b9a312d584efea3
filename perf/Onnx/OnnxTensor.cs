using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>An input or output of a model, in the caller's memory.</summary>
internal sealed record OnnxTensor<T>(string Name, AlignedBuffer<T> Data, params long[] Shape)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
