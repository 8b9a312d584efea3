using System.Numerics.Tensors;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace SpanRnn.Perf;

/// <summary>Machine and versions behind a figure.</summary>
/// <param name="Processor">Model of the processor.</param>
/// <param name="VectorBits">The widest registers that this run may use.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">Version of .NET.</param>
/// <param name="Caches">Bytes of the caches of one core.</param>
/// <param name="Date">Day of the run.</param>
/// <param name="Versions">Version of each library that was timed.</param>
internal sealed record Machine(
    string Processor,
    int VectorBits,
    string System,
    string Runtime,
    CacheSizes Caches,
    string Date,
    SortedDictionary<string, string> Versions)
{
    /// <summary>Version of a peer without one, the same in tables and in JSON.</summary>
    public const string NotInstalled = "not installed";

    public static Machine OfThisRun() => new(
        ProcessorName(),
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
        RuntimeInformation.FrameworkDescription,
        CacheSizes.OfThisMachine,
        DateTime.UtcNow.ToString("yyyy-MM-dd", null),
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["SpanRnn"] = Version(typeof(Activations)),
            ["System.Numerics.Tensors"] = Version(typeof(TensorPrimitives)),
            ["MathNet.Numerics"] = Version(typeof(MathNet.Numerics.Control)),
            ["ONNX Runtime"] = OnnxRuntime.Installed?.Version ?? NotInstalled,
        });

    // "10.0.0+revision": the revision is kept for SpanRnn and cut off for the others.
    private static string Version(Type type)
    {
        string full = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int plus = full.IndexOf('+', StringComparison.Ordinal);
        return type == typeof(Activations) || plus < 0 ? full : full[..plus];
    }

    private static string ProcessorName()
    {
        if (!X86Base.IsSupported)
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
        }

        var name = new StringBuilder();
        for (uint leaf = 0x80000002; leaf <= 0x80000004; leaf++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId((int)leaf, 0);
            name.Append(Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([a, b, c, d])));
        }

        // Virtual machines shorten the name; family and model still tell the generation.
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = ((signature >> 8) & 15) + ((signature >> 20) & 255);
        int model = ((signature >> 4) & 15) + ((signature >> 12) & 0xF0);
        return $"{name.ToString().Trim('\0', ' ')} (family {family}, model {model})";
    }
}
