using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace SpanRnn.Cli.Output;

/// <summary>Program and machine of a measurement, by which two results can be told apart.</summary>
internal static class Machine
{
    // "0.1.0+commit".
    private static readonly string[] _version =
        (typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown")
            .Split('+', 2);

    /// <summary>The version of the program.</summary>
    public static string Version => _version[0];

    /// <summary>The commit that the program was built from; null if its build did not know.</summary>
    public static string? Commit => _version.Length > 1 ? _version[1] : null;

    /// <summary>The name of the processor.</summary>
    public static string Processor { get; } = ProcessorName();

    /// <summary>The bits of the widest registers that the program computes with.</summary>
    public static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    private static string ProcessorName()
    {
        if (!X86Base.IsSupported)
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
        }

        const uint FirstLeaf = 0x80000002;
        var name = new StringBuilder();
        for (uint leaf = FirstLeaf; leaf < FirstLeaf + 3; leaf++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId((int)leaf, 0);
            name.Append(Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([a, b, c, d])));
        }

        return name.ToString().Trim('\0', ' ');
    }
}
