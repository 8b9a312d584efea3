using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core;

namespace SpanRnn.Perf;

/// <summary>A model that is ready to run: one thread, one node after the other, all optimisations, the caller's memory.</summary>
internal sealed unsafe class OnnxSession : IDisposable
{
    private const int AllOptimisations = 99;
    private const int Sequential = 0;

    private readonly OnnxRuntime _runtime;
    private readonly List<nint> _values = [];

    // The library keeps addresses, so the buffers must live as long as the session does.
    private readonly List<object> _buffers = [];
    private readonly nint _session;
    private readonly nint _binding;

    public OnnxSession(OnnxRuntime runtime, byte[] model)
    {
        _runtime = runtime;
        nint handle;
        runtime.Check(((delegate* unmanaged<nint*, nint>)runtime.Function(OnnxFunction.CreateSessionOptions))(&handle));
        nint options = handle;
        try
        {
            SetOption(options, OnnxFunction.SetSessionGraphOptimizationLevel, AllOptimisations);
            SetOption(options, OnnxFunction.SetSessionExecutionMode, Sequential);
            SetOption(options, OnnxFunction.SetIntraOpNumThreads, 1);
            SetOption(options, OnnxFunction.SetInterOpNumThreads, 1);
            fixed (byte* bytes = model)
            {
                runtime.Check(((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)runtime.Function(
                    OnnxFunction.CreateSessionFromArray))(runtime.EnvironmentHandle, bytes, (nuint)model.Length, options, &handle));
            }
        }
        finally
        {
            Release(OnnxFunction.ReleaseSessionOptions, options);
        }

        _session = handle;
        runtime.Check(((delegate* unmanaged<nint, nint*, nint>)runtime.Function(OnnxFunction.CreateIoBinding))(_session, &handle));
        _binding = handle;
    }

    /// <summary>Input <paramref name="name"/> is read from <paramref name="data"/> on every run.</summary>
    public void BindInput<T>(string name, AlignedBuffer<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Bind(OnnxFunction.BindInput, name, data, shape);

    /// <summary>Output <paramref name="name"/> is written to <paramref name="data"/> by every run.</summary>
    public void BindOutput<T>(string name, AlignedBuffer<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Bind(OnnxFunction.BindOutput, name, data, shape);

    /// <summary>Runs the model once.</summary>
    public void Run()
    {
        nint status = ((delegate* unmanaged<nint, nint, nint, nint>)_runtime.Function(OnnxFunction.RunWithBinding))(
            _session, _runtime.RunOptions, _binding);
        if (status != 0)
        {
            _runtime.Check(status);
        }
    }

    public void Dispose()
    {
        Release(OnnxFunction.ReleaseIoBinding, _binding);
        foreach (nint value in _values)
        {
            Release(OnnxFunction.ReleaseValue, value);
        }

        Release(OnnxFunction.ReleaseSession, _session);
    }

    private void Bind<T>(int function, string name, AlignedBuffer<T> data, ReadOnlySpan<long> shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        nint value;

        // The buffer is pinned, so its address stays what it is.
        void* address = Unsafe.AsPointer(ref MemoryMarshal.GetReference(data.Span));
        fixed (long* dimensions = shape)
        {
            _runtime.Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)_runtime.Function(
                OnnxFunction.CreateTensorWithDataAsOrtValue))(
                    _runtime.Memory, address, (nuint)(data.Length * sizeof(T)), dimensions, (nuint)shape.Length,
                    OnnxModel.ElementType<T>(), &value));
        }

        _values.Add(value);
        _buffers.Add(data);
        fixed (byte* text = OnnxRuntime.Name(name))
        {
            _runtime.Check(((delegate* unmanaged<nint, byte*, nint, nint>)_runtime.Function(function))(_binding, text, value));
        }
    }

    private void SetOption(nint options, int function, int value) =>
        _runtime.Check(((delegate* unmanaged<nint, int, nint>)_runtime.Function(function))(options, value));

    private void Release(int function, nint handle) => ((delegate* unmanaged<nint, void>)_runtime.Function(function))(handle);
}
