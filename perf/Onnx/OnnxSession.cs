using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>A model in the C API: one thread, one node after the other, all optimizations.</summary>
internal sealed unsafe class OnnxSession : IOnnxSession
{
    private const int AllOptimizations = 99;
    private const int Sequential = 0;

    private readonly List<OnnxCall> _calls = [];
    private readonly string _suffix;

    /// <summary>Reads a model; without the arena the library asks the system's allocator for every temporary array.</summary>
    public OnnxSession(OnnxRuntime runtime, byte[] model, bool arena = true)
    {
        Runtime = runtime;
        _suffix = arena ? string.Empty : ", no arena";
        nint handle;
        runtime.Check(((delegate* unmanaged<nint*, nint>)runtime.Function(OnnxFunction.CreateSessionOptions))(&handle));
        nint options = handle;
        try
        {
            SetOption(options, OnnxFunction.SetSessionGraphOptimizationLevel, AllOptimizations);
            SetOption(options, OnnxFunction.SetSessionExecutionMode, Sequential);
            SetOption(options, OnnxFunction.SetIntraOpNumThreads, 1);
            SetOption(options, OnnxFunction.SetInterOpNumThreads, 1);
            if (!arena)
            {
                runtime.Check(((delegate* unmanaged<nint, nint>)runtime.Function(OnnxFunction.DisableCpuMemArena))(options));
            }

            fixed (byte* bytes = model)
            {
                runtime.Check(((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)runtime.Function(
                    OnnxFunction.CreateSessionFromArray))(runtime.EnvironmentHandle, bytes, (nuint)model.Length, options, &handle));
            }
        }
        finally
        {
            runtime.Release(OnnxFunction.ReleaseSessionOptions, options);
        }

        Handle = handle;
    }

    internal OnnxRuntime Runtime { get; }

    internal nint Handle { get; }

    public (string Form, Action Run)[] Call<T>(OnnxTensor<T>[] inputs, OnnxTensor<T>[] outputs)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var call = new OnnxCall(this);
        _calls.Add(call);
        Array.ForEach(inputs, input => call.AddInput(input.Name, input.Data, input.Shape));
        Array.ForEach(outputs, output => call.AddOutput(output.Name, output.Data, output.Shape));
        return [("bound" + _suffix, call.RunBound), ("plain" + _suffix, call.RunPlain)];
    }

    public void Dispose()
    {
        _calls.ForEach(call => call.Dispose());
        Runtime.Release(OnnxFunction.ReleaseSession, Handle);
    }

    private void SetOption(nint options, int function, int value) =>
        Runtime.Check(((delegate* unmanaged<nint, int, nint>)Runtime.Function(function))(options, value));
}
