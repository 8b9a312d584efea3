using System.Reflection;
using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>
/// ONNX Runtime through the function table of its C API, on one thread. An optional peer: <see cref="Installed"/> is null without the
/// library.
/// </summary>
internal sealed unsafe class OnnxRuntime
{
    private const uint ApiVersion = 17;
    private const int LogErrors = 3;

    private static readonly Lazy<OnnxRuntime?> _installed =
        new(() => OnnxPackage.Installed is { } package ? new OnnxRuntime(package) : null);

    private readonly void** _api;

    private OnnxRuntime(Assembly package)
    {
        Package = package;

        // .NET finds the library's name on this system.
        nint library = NativeLibrary.Load("onnxruntime", package, DllImportSearchPath.AssemblyDirectory);
        nint export = NativeLibrary.GetExport(library, "OrtGetApiBase");

        // struct OrtApiBase { GetApi, GetVersionString }
        void** functions = ((delegate* unmanaged<void**>)export)();
        Version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)functions[1])()) ?? "unknown";
        _api = ((delegate* unmanaged<uint, void**>)functions[0])(ApiVersion);
        if (_api is null)
        {
            throw new PerfException($"ONNX Runtime {Version} does not offer version {ApiVersion} of its interface.");
        }

        nint handle;
        fixed (byte* name = "perf\0"u8)
        {
            Check(((delegate* unmanaged<int, byte*, nint*, nint>)_api[OnnxFunction.CreateEnv])(LogErrors, name, &handle));
        }

        EnvironmentHandle = handle;
        Check(((delegate* unmanaged<int, int, nint*, nint>)_api[OnnxFunction.CreateCpuMemoryInfo])(0, 0, &handle));
        Memory = handle;
        Check(((delegate* unmanaged<nint*, nint>)_api[OnnxFunction.CreateRunOptions])(&handle));
        RunOptions = handle;
    }

    /// <summary>The library of the package, loaded on first use until the process ends; null if there is none.</summary>
    public static OnnxRuntime? Installed => _installed.Value;

    /// <summary>The project that brought the library, with its C# API.</summary>
    public Assembly Package { get; }

    /// <summary>Version of the library.</summary>
    public string Version { get; }

    internal nint EnvironmentHandle { get; }

    internal nint Memory { get; }

    internal nint RunOptions { get; }

    /// <summary>Function <paramref name="index"/> of the table.</summary>
    internal void* Function(int index) => _api[index];

    /// <summary>Throws the error that a call returned.</summary>
    internal void Check(nint status)
    {
        if (status != 0)
        {
            nint text = ((delegate* unmanaged<nint, nint>)_api[OnnxFunction.GetErrorMessage])(status);
            string message = Marshal.PtrToStringUTF8(text) ?? "no message";
            ((delegate* unmanaged<nint, void>)_api[OnnxFunction.ReleaseStatus])(status);
            throw new PerfException($"ONNX Runtime {Version} says: {message}");
        }
    }

    /// <summary>Releases a handle.</summary>
    internal void Release(int function, nint handle) => ((delegate* unmanaged<nint, void>)_api[function])(handle);
}
