using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>A model that is ready to run on one thread, through one of ONNX Runtime's interfaces.</summary>
internal interface IOnnxSession : IDisposable
{
    /// <summary>Every way of the interface to run the model once.</summary>
    /// <param name="inputs">Read by every run.</param>
    /// <param name="outputs">Written by every run.</param>
    (string Form, Action Run)[] Call<T>(OnnxTensor<T>[] inputs, OnnxTensor<T>[] outputs)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
