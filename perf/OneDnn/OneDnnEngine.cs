using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>The processor as oneDNN sees it, on one thread; owns everything that was made on it.</summary>
internal sealed unsafe class OneDnnEngine : IDisposable
{
    private readonly nint _engine;
    private readonly nint _stream;
    private readonly List<nint> _descriptors = [];
    private readonly List<nint> _memories = [];
    private readonly List<nint> _primitives = [];
    private readonly List<nint> _buffers = [];

    public OneDnnEngine()
    {
        OneDnnFunction.SetThreads(1);
        Check(OneDnnFunction.CreateEngine(out _engine, OneDnnFunction.Cpu, 0));
        Check(OneDnnFunction.CreateStream(out _stream, _engine, OneDnnFunction.InOrder));
    }

    /// <summary>Version of the library; null if it is not installed.</summary>
    public static string? Version
    {
        get
        {
            if (!OneDnnFunction.IsInstalled)
            {
                return null;
            }

            int* numbers = OneDnnFunction.Version();
            return FormattableString.Invariant($"{numbers[0]}.{numbers[1]}.{numbers[2]}");
        }
    }

    /// <summary>Memory for a descriptor.</summary>
    public void* Room(int bytes = OneDnnFunction.DescriptorBytes)
    {
        void* room = NativeMemory.AllocZeroed((nuint)bytes);
        _buffers.Add((nint)room);
        return room;
    }

    /// <summary>Descriptor of numbers in a format.</summary>
    public void* Describe(int format, params ReadOnlySpan<long> sizes)
    {
        void* descriptor = Room();
        fixed (long* first = sizes)
        {
            Check(OneDnnFunction.DescribeMemory(descriptor, sizes.Length, first, OneDnnFunction.Float32, format));
        }

        return descriptor;
    }

    /// <summary>Memory of a descriptor, filled with zeros.</summary>
    public nint Memory(void* descriptor)
    {
        const nint Allocate = -1;
        Check(OneDnnFunction.CreateMemory(out nint memory, descriptor, _engine, Allocate));
        _memories.Add(memory);
        Check(OneDnnFunction.Data(memory, out void* data));
        NativeMemory.Clear(data, OneDnnFunction.Bytes(descriptor));
        return memory;
    }

    /// <summary>The numbers of memory in a plain format.</summary>
    public static Span<float> Numbers(nint memory, int length)
    {
        Check(OneDnnFunction.Data(memory, out void* data));
        return new Span<float>(data, length);
    }

    /// <summary>Descriptor of a primitive, from that of its forward primitive or 0.</summary>
    public nint DescribePrimitive(void* operation, nint forward)
    {
        Check(OneDnnFunction.DescribePrimitive(out nint descriptor, operation, 0, _engine, forward));
        _descriptors.Add(descriptor);
        return descriptor;
    }

    /// <summary>The primitive of a descriptor.</summary>
    public nint Primitive(nint descriptor)
    {
        Check(OneDnnFunction.CreatePrimitive(out nint primitive, descriptor));
        _primitives.Add(primitive);
        return primitive;
    }

    /// <summary>Copies from one format to another.</summary>
    public void Reorder(nint from, void* fromDescriptor, nint to, void* toDescriptor)
    {
        Check(OneDnnFunction.DescribeReorder(out nint descriptor, fromDescriptor, _engine, toDescriptor, _engine, 0));
        _descriptors.Add(descriptor);
        Execute(Primitive(descriptor), [new(OneDnnFunction.ReorderFrom, from), new(OneDnnFunction.ReorderTo, to)]);
    }

    /// <summary>Runs a primitive to its end.</summary>
    public void Execute(nint primitive, ReadOnlySpan<OneDnnArgument> arguments)
    {
        fixed (OneDnnArgument* first = arguments)
        {
            Check(OneDnnFunction.Execute(primitive, _stream, arguments.Length, first));
        }

        Check(OneDnnFunction.Wait(_stream));
    }

    public void Dispose()
    {
        _primitives.ForEach(primitive => _ = OneDnnFunction.DestroyPrimitive(primitive));
        _memories.ForEach(memory => _ = OneDnnFunction.DestroyMemory(memory));
        _descriptors.ForEach(descriptor => _ = OneDnnFunction.DestroyDescriptor(descriptor));
        _ = OneDnnFunction.DestroyStream(_stream);
        _ = OneDnnFunction.DestroyEngine(_engine);
        _buffers.ForEach(buffer => NativeMemory.Free((void*)buffer));
    }

    /// <summary>Throws if a call failed.</summary>
    public static void Check(int status)
    {
        if (status != 0)
        {
            throw new PerfException($"oneDNN {Version} returned status {status}, expected 0.");
        }
    }
}
