using System.Numerics;
using System.Reflection;

namespace SpanRnn.Perf;

/// <summary>A model in ONNX Runtime's official C# API: ManagedSession of perf/Peers, by reflection.</summary>
internal sealed class OnnxManagedSession(Assembly package, byte[] model) : IOnnxSession
{
    private readonly object _session =
        Activator.CreateInstance(package.GetType("SpanRnn.Peers.ManagedSession", throwOnError: true)!, model)!;

    public (string Form, Action Run)[] Call<T>(OnnxTensor<T>[] inputs, OnnxTensor<T>[] outputs)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        return _session.GetType().GetMethod(nameof(Call))!
            .MakeGenericMethod(typeof(T))
            .CreateDelegate<Func<(string, Memory<T>, long[])[], (string, Memory<T>, long[])[], (string, Action)[]>>(_session)(
                [.. inputs.Select(Tensor)], [.. outputs.Select(Tensor)]);

        static (string, Memory<T>, long[]) Tensor(OnnxTensor<T> tensor) =>
            (tensor.Name, new PinnedMemory<T>(tensor.Data).Memory, tensor.Shape);
    }

    public void Dispose() => ((IDisposable)_session).Dispose();
}
