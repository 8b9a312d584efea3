using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>A call of a session, with inputs and outputs in the caller's memory, in either of the library's two ways.</summary>
internal sealed unsafe class OnnxCall : IDisposable
{
    private readonly OnnxSession _session;
    private readonly OnnxRuntime _runtime;
    private readonly nint _binding;
    private readonly Arguments _inputs = new();
    private readonly Arguments _outputs = new();

    public OnnxCall(OnnxSession session)
    {
        _session = session;
        _runtime = session.Runtime;
        nint handle;
        _runtime.Check(((delegate* unmanaged<nint, nint*, nint>)_runtime.Function(OnnxFunction.CreateIoBinding))(session.Handle, &handle));
        _binding = handle;
    }

    /// <summary>Adds input <paramref name="name"/>, which every run reads from <paramref name="data"/>.</summary>
    public void AddInput<T>(string name, AlignedBuffer<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Add(_inputs, OnnxFunction.BindInput, name, data.Span, data, shape);

    /// <summary>Adds input <paramref name="name"/>: symbols, which every run reads from a pinned array.</summary>
    public void AddInput(string name, long[] pinned, params ReadOnlySpan<long> shape) =>
        Add<long>(_inputs, OnnxFunction.BindInput, name, pinned, pinned, shape);

    /// <summary>Adds output <paramref name="name"/>, which every run writes to <paramref name="data"/>.</summary>
    public void AddOutput<T>(string name, AlignedBuffer<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Add(_outputs, OnnxFunction.BindOutput, name, data.Span, data, shape);

    /// <summary>Runs the model once with bound inputs and outputs.</summary>
    public void RunBound()
    {
        nint status = ((delegate* unmanaged<nint, nint, nint, nint>)_runtime.Function(OnnxFunction.RunWithBinding))(
            _session.Handle, _runtime.RunOptions, _binding);
        if (status != 0)
        {
            _runtime.Check(status);
        }
    }

    /// <summary>Runs the model once with inputs and outputs passed in the call.</summary>
    public void RunPlain()
    {
        nint status = ((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)_runtime.Function(
            OnnxFunction.Run))(
                _session.Handle, _runtime.RunOptions, _inputs.Names, _inputs.Values, _inputs.Count, _outputs.Names, _outputs.Count,
                _outputs.Values);
        if (status != 0)
        {
            _runtime.Check(status);
        }
    }

    public void Dispose()
    {
        _runtime.Release(OnnxFunction.ReleaseIoBinding, _binding);
        _inputs.Dispose(_runtime);
        _outputs.Dispose(_runtime);
    }

    private void Add<T>(Arguments arguments, int function, string name, Span<T> data, object owner, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        nint value;

        // The buffer is pinned, so that its address does not change.
        void* address = Unsafe.AsPointer(ref MemoryMarshal.GetReference(data));
        fixed (long* dimensions = shape)
        {
            _runtime.Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)_runtime.Function(
                OnnxFunction.CreateTensorWithDataAsOrtValue))(
                    _runtime.Memory, address, (nuint)(data.Length * sizeof(T)), dimensions, (nuint)shape.Length,
                    OnnxModel.ElementType<T>(), &value));
        }

        nint text = arguments.Add(name, value, owner);
        _runtime.Check(((delegate* unmanaged<nint, nint, nint, nint>)_runtime.Function(function))(_binding, text, value));
    }

    /// <summary>Names, values and the memory behind them, at fixed addresses.</summary>
    private sealed class Arguments
    {
        // No model here has more inputs or outputs.
        private const int Most = 16;

        private readonly nint[] _names = GC.AllocateArray<nint>(Most, pinned: true);
        private readonly nint[] _values = GC.AllocateArray<nint>(Most, pinned: true);

        // The library keeps addresses, so the buffers must live as long as the call does.
        private readonly List<object> _buffers = [];

        public nint* Names => (nint*)Unsafe.AsPointer(ref _names[0]);

        public nint* Values => (nint*)Unsafe.AsPointer(ref _values[0]);

        public nuint Count => (nuint)_buffers.Count;

        public nint Add(string name, nint value, object buffer)
        {
            nint text = Marshal.StringToCoTaskMemUTF8(name);
            _names[_buffers.Count] = text;
            _values[_buffers.Count] = value;
            _buffers.Add(buffer);
            return text;
        }

        public void Dispose(OnnxRuntime runtime)
        {
            for (int i = 0; i < _buffers.Count; i++)
            {
                runtime.Release(OnnxFunction.ReleaseValue, _values[i]);
                Marshal.FreeCoTaskMem(_names[i]);
            }
        }
    }
}
