using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>A program that is published ahead of time.</summary>
internal sealed partial class AotHost : HostProject
{
    private const string Rid = "linux-x64";

    private static readonly Lazy<string?> _missing = new(FindMissing);

    /// <param name="source">Text of Program.cs.</param>
    /// <param name="instructionSet">Value of IlcInstructionSet; empty is a project that does not name one.</param>
    /// <param name="project">Groups of properties and items, such as the references.</param>
    /// <param name="environment">Variables of the SDK's environment beside the inherited ones.</param>
    public AotHost(string source, string instructionSet, string project, IReadOnlyDictionary<string, string>? environment = null)
        : base(
            source,
            $"""
            <PropertyGroup>
                <PublishAot>true</PublishAot>
                <IlcInstructionSet>{instructionSet}</IlcInstructionSet>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
              </PropertyGroup>
              {project}
            """,
            environment)
    {
    }

    /// <summary>Reason why this machine cannot compile ahead of time or run the result; null if it can.</summary>
    public static string? Missing => _missing.Value;

    /// <summary>Warnings in the output of a build, each once.</summary>
    public static string[] Warnings(string output) => [.. Warning().Matches(output).Select(match => match.Value).Distinct()];

    /// <summary>Publishes; the same build also makes the assembly that <see cref="RunByJit"/> runs.</summary>
    public (int ExitCode, string Output) Publish() => DotNet(
        "publish", "Host.csproj", "-c", "Release", "-r", Rid, "-o", PathOf("published"), "-nologo");

    /// <summary>Output of the published program.</summary>
    public string Run(params string[] arguments) =>
        Succeed(new Dictionary<string, string>(), Path.Combine(PathOf("published"), "Host"), arguments);

    /// <summary>Output of the same program, compiled while it runs, with a variable of the runtime set to 0.</summary>
    public string RunByJit(string variable, params string[] arguments) => Succeed(
        new Dictionary<string, string> { [variable] = "0" },
        "dotnet",
        [Path.Combine(PathOf("bin"), "Release", "net10.0", Rid, "Host.dll"), .. arguments]);

    // Restoring takes seconds and may need a network, so only the slow tests try it.
    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return "this is no Linux on x64";
        }

        if (!Avx2.IsSupported || !Fma.IsSupported)
        {
            return "the processor or this process has no x86-64-v3";
        }

        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc"))))
        {
            return "there is neither clang nor gcc to link with";
        }

        if (Environment.GetEnvironmentVariable("SPANRNN_SLOW") is null)
        {
            return null;
        }

        using var host = new AotHost(string.Empty, string.Empty, string.Empty);
        return host.DotNet("restore", "Host.csproj", "-r", Rid).ExitCode == 0 ? null : "its compiler, a package, cannot be restored";
    }

    [GeneratedRegex(@"\bwarning [A-Z]+\d+.*")]
    private static partial Regex Warning();
}
