using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>Loops of Core as the runtime compiles them on this machine, read from the output of separate processes.</summary>
internal static class CompiledLoops
{
    /// <summary>Argument that starts such a process of this assembly.</summary>
    public const string Argument = "compile";

    // The machine's own widths; 256 bits without dot products of bytes; 128 bits, which has no multiply-adds either.
    private static readonly (string[] Off, string[] Widths)[] _processes =
    [
        ([], ["512", "256 VNNI", "1"]),
        (["DOTNET_EnableAVX512", "DOTNET_EnableAVXVNNI"], ["256", "1"]),
        (["DOTNET_EnableAVX2"], ["128"]),
    ];

    private static readonly Lazy<IReadOnlyList<Loop>> _all = new(
        () => [.. _processes.SelectMany(process => Read(process.Off).Where(loop => process.Widths.Contains(loop.Width)))]);

    /// <summary>Widths of loops, "1" for one number at a time.</summary>
    public static ImmutableArray<string> Widths { get; } = ["512", "256 VNNI", "256", "128", "1"];

    /// <summary>Loops of Core at every width of this machine.</summary>
    public static IReadOnlyList<Loop> Core => [.. _all.Value.Where(loop => !IsSeeded(loop))];

    /// <summary>Loops of <see cref="CopyingKernel{T}"/>.</summary>
    public static IReadOnlyList<Loop> Seeded => [.. _all.Value.Where(IsSeeded)];

    /// <summary>Reason why loops of a width cannot be read here; null if they can.</summary>
    public static string? Missing(string width) =>
        RuntimeInformation.ProcessArchitecture != Architecture.X64 ? "the machine code of x64 alone is understood"
        : typeof(Dispatch).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true } ? "not a Release build"
        : (width switch
        {
            "512" => Vector512.IsHardwareAccelerated,
            "256 VNNI" => AvxVnni.IsSupported,
            "128" => Avx.IsSupported,
            _ => Vector256.IsHardwareAccelerated,
        }) ? null
        : "the processor or a switch of the runtime leaves no such instructions";

    private static bool IsSeeded(Loop loop) => loop.Kernel.StartsWith("CopyingKernel", StringComparison.Ordinal);

    private static IReadOnlyList<Loop> Read(string[] off)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("listing");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // Compiled once, optimized, and otherwise as in any host.
            ["DOTNET_TC_QuickJit"] = "0",
            ["DOTNET_JitDisasm"] = "SpanRnn.Core.*:* SpanRnn.Tests.CopyingKernel*:*",
            ["DOTNET_JitStdOutFile"] = file,
        };
        foreach (string name in off)
        {
            environment[name] = "0";
        }

        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        (int exitCode, string output) = Command.Run(
            Repository.Root, 120, environment, dotnet, typeof(CompiledLoops).Assembly.Location, Argument);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"The kernels were not compiled, exit code {exitCode}, expected 0:\n{output}");
        }

        string listing = File.ReadAllText(file);
        string[] left = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] unseen = LoopListing.Unseen(listing, left);
        return unseen.Length == 0
            ? LoopListing.Read(listing)
            : throw new InvalidOperationException(
                $"{string.Join(", ", unseen)} did not run, expected to: KernelCompiler needs a product or network that uses them.");
    }
}
