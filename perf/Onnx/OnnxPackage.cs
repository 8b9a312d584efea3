using System.Reflection;

namespace SpanRnn.Perf;

/// <summary>
/// The project perf/Peers, which brings ONNX Runtime's package. It is built only for a comparison with ONNX Runtime, once, by the process
/// that starts the others, and then loaded.
/// </summary>
internal static class OnnxPackage
{
    private static readonly string _project = Path.Combine("perf", "Peers");
    private static readonly string _built = Path.Combine(_project, "bin", "Release", "net10.0", "SpanRnn.Peers.dll");

    private static readonly Lazy<Assembly?> _installed = new(() =>
        Find(_built) is { } path ? Assembly.LoadFrom(path) : null);

    /// <summary>The built project, loaded on first use; the native library is in its folder. Null if it was not built.</summary>
    public static Assembly? Installed => _installed.Value;

    /// <summary>Builds the project. If that fails, writes one sentence that says why, and <see cref="Installed"/> is null.</summary>
    public static void Build(TextWriter error)
    {
        if (Find(_project) is { } folder && ChildProcess.Build(folder, [], CancellationToken.None) is { } problem)
        {
            // The output of an earlier build is not used either, here and in the processes that measure small steps.
            if (Find(_built) is { } earlier)
            {
                File.Delete(earlier);
            }

            error.WriteLine(
                $"ONNX Runtime is not compared: perf/Peers was not built ({problem}), expected its package in NuGet's cache or a source.");
        }
    }

    private static string? Find(string relative) =>
        FolderAbove.Find(relative, AppContext.BaseDirectory, Directory.GetCurrentDirectory());
}
