namespace SpanRnn.Perf;

/// <summary>A model that is ready to run: one thread, one node after the other, all optimisations.</summary>
internal sealed unsafe class OnnxSession : IDisposable
{
    private const int AllOptimisations = 99;
    private const int Sequential = 0;

    /// <summary>Reads a model; without the arena the library asks the system's allocator for every temporary array.</summary>
    public OnnxSession(OnnxRuntime runtime, byte[] model, bool arena = true)
    {
        Runtime = runtime;
        nint handle;
        runtime.Check(((delegate* unmanaged<nint*, nint>)runtime.Function(OnnxFunction.CreateSessionOptions))(&handle));
        nint options = handle;
        try
        {
            SetOption(options, OnnxFunction.SetSessionGraphOptimizationLevel, AllOptimisations);
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

    public void Dispose() => Runtime.Release(OnnxFunction.ReleaseSession, Handle);

    private void SetOption(nint options, int function, int value) =>
        Runtime.Check(((delegate* unmanaged<nint, int, nint>)Runtime.Function(function))(options, value));
}
