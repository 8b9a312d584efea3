using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>
/// ONNX Runtime through the function table of its C API, on one thread. A peer that need not be there: <see cref="Installed"/> is null
/// without it.
/// </summary>
internal sealed unsafe class OnnxRuntime
{
    /// <summary>Names the library; without it the folders are looked through that <see cref="Find"/> tells.</summary>
    public const string Variable = "ORT_LIB";

    private const uint ApiVersion = 17;
    private const int LogErrors = 3;

    private static readonly Lazy<OnnxRuntime?> _installed = new(() =>
        Find(Environment.GetEnvironmentVariable(Variable), AppContext.BaseDirectory, Directory.GetCurrentDirectory()) is { } path
            ? new OnnxRuntime(path)
            : null);

    private readonly void** _api;

    private OnnxRuntime(string path)
    {
        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new PerfException($"'{path}' cannot be loaded as a library, expected that of ONNX Runtime.");
        }

        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint export))
        {
            throw new PerfException($"'{path}' has no OrtGetApiBase, expected the library of ONNX Runtime.");
        }

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

    /// <summary>The library that was found, loaded on first use and until the process ends; null if there is none.</summary>
    public static OnnxRuntime? Installed => _installed.Value;

    /// <summary>What the library calls itself.</summary>
    public string Version { get; }

    internal nint EnvironmentHandle { get; }

    internal nint Memory { get; }

    internal nint RunOptions { get; }

    /// <summary>
    /// The library's path: what the variable says, else what npm put under perf/peers of one of the folders or above; else null.
    /// </summary>
    public static string? Find(string? variable, params ReadOnlySpan<string> folders)
    {
        if (!string.IsNullOrEmpty(variable))
        {
            return File.Exists(variable)
                ? variable
                : throw new PerfException($"{Variable} names '{variable}', expected a file.");
        }

        string system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        string file = OperatingSystem.IsWindows() ? "onnxruntime.dll"
            : OperatingSystem.IsMacOS() ? "libonnxruntime.1.dylib"
            : "libonnxruntime.so.1";
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        foreach (string start in folders)
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string package = Path.Combine(folder.FullName, "perf", "peers", "node_modules", "onnxruntime-node", "bin");
                if (Directory.Exists(package))
                {
                    return Directory.EnumerateFiles(package, file, SearchOption.AllDirectories)
                        .FirstOrDefault(path => path.EndsWith(Path.Combine(system, architecture, file), StringComparison.Ordinal));
                }
            }
        }

        return null;
    }

    /// <summary>Function <paramref name="index"/> of the table.</summary>
    internal void* Function(int index) => _api[index];

    /// <summary>Throws what a call says that went wrong.</summary>
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

    /// <summary>Gives a handle back.</summary>
    internal void Release(int function, nint handle) => ((delegate* unmanaged<nint, void>)_api[function])(handle);
}
