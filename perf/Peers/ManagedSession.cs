using Microsoft.ML.OnnxRuntime;

namespace SpanRnn.Peers;

/// <summary>
/// A model in ONNX Runtime's official C# API, as a .NET user writes it: one thread and otherwise the defaults, tensors made once over
/// managed memory, states carried by hand. perf finds this type by its name, so that perf itself refers to no package of this project.
/// </summary>
public sealed class ManagedSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly List<IDisposable> _owned = [];

    /// <summary>Reads a model.</summary>
    /// <param name="model">The bytes of a .onnx file.</param>
    public ManagedSession(byte[] model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(model, options);
    }

    /// <summary>The usual ways of running the model once: "by names" allocates its outputs, "bound" has them in a binding.</summary>
    /// <typeparam name="T">Type of all elements.</typeparam>
    /// <param name="inputs">Read by every run.</param>
    /// <param name="outputs">Written by every run.</param>
    public (string Form, Action Run)[] Call<T>(
        (string Name, Memory<T> Data, long[] Shape)[] inputs, (string Name, Memory<T> Data, long[] Shape)[] outputs)
        where T : unmanaged
    {
        string[] inputNames = [.. inputs.Select(input => input.Name)];
        OrtValue[] inputValues = [.. inputs.Select(input => Tensor(input.Data, input.Shape))];
        string[] outputNames = [.. outputs.Select(output => output.Name)];
        OrtIoBinding binding = _session.CreateIoBinding();
        _owned.Add(binding);
        for (int i = 0; i < inputs.Length; i++)
        {
            binding.BindInput(inputNames[i], inputValues[i]);
        }

        foreach ((string name, Memory<T> data, long[] shape) in outputs)
        {
            binding.BindOutput(name, Tensor(data, shape));
        }

        return [("by names", RunByNames), ("bound", () => _session.RunWithBinding(_runOptions, binding))];

        void RunByNames()
        {
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_runOptions, inputNames, inputValues, outputNames);
            for (int i = 0; i < outputs.Length; i++)
            {
                results[i].GetTensorDataAsSpan<T>().CopyTo(outputs[i].Data.Span);
            }
        }
    }

    /// <summary>Releases everything that the library holds.</summary>
    public void Dispose()
    {
        _owned.ForEach(thing => thing.Dispose());
        _runOptions.Dispose();
        _session.Dispose();
    }

    private OrtValue Tensor<T>(Memory<T> data, long[] shape)
        where T : unmanaged
    {
        var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, data, shape);
        _owned.Add(value);
        return value;
    }
}
