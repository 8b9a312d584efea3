using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Tests;

/// <summary>A program in a folder of its own that refers to the libraries and is published ahead of time for x86-64-v3.</summary>
internal sealed class AotHost : IDisposable
{
    private const string Rid = "linux-x64";
    private const int TimeoutInSeconds = 300;

    private static readonly Lazy<string?> _missing = new(FindMissing);

    private readonly TemporaryFolder _folder = new();

    public AotHost(string source)
    {
        File.WriteAllText(_folder.File("Program.cs"), source);

        // The libraries are compiled whole, so that warnings about code that the program does not call show too.
        File.WriteAllText(_folder.File("Host.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <PublishAot>true</PublishAot>
                <IlcInstructionSet>x86-64-v3</IlcInstructionSet>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{Repository.PathOf("src", "Core", "SpanRnn.Core.csproj")}" />
                <ProjectReference Include="{Repository.PathOf("src", "Cells", "SpanRnn.Cells.csproj")}" />
                <ProjectReference Include="{Repository.PathOf("src", "Formats", "SpanRnn.Formats.csproj")}" />
                <TrimmerRootAssembly Include="SpanRnn.Core;SpanRnn.Cells;SpanRnn.Formats" />
              </ItemGroup>
            </Project>
            """);
    }

    /// <summary>Reason why this machine cannot compile ahead of time or run the result; null if it can.</summary>
    public static string? Missing => _missing.Value;

    /// <summary>Publishes; the same build also makes the assembly that <see cref="RunByJit"/> runs.</summary>
    public (int ExitCode, string Output) Publish() => DotNet(
        "publish", "Host.csproj", "-c", "Release", "-r", Rid, "-o", _folder.File("published"), "-nologo");

    /// <summary>Output of the published program.</summary>
    public string Run(params string[] arguments) => Succeed(Command.Run(
        _folder.Path, TimeoutInSeconds, Path.Combine(_folder.File("published"), "Host"), arguments));

    /// <summary>Output of the same program, compiled while it runs, with a variable of the runtime set to 0.</summary>
    public string RunByJit(string variable, params string[] arguments) => Succeed(Command.Run(
        _folder.Path,
        TimeoutInSeconds,
        new Dictionary<string, string> { [variable] = "0" },
        "dotnet",
        [Path.Combine(_folder.Path, "bin", "Release", "net10.0", Rid, "Host.dll"), .. arguments]));

    /// <summary>Path of a file beside the program.</summary>
    public string PathOf(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    private (int ExitCode, string Output) DotNet(params string[] arguments) =>
        Command.Run(_folder.Path, TimeoutInSeconds, "dotnet", arguments);

    private static string Succeed((int ExitCode, string Output) result)
    {
        Assert.True(result.ExitCode == 0, result.Output);
        return result.Output;
    }

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

        using var host = new AotHost(string.Empty);
        return host.DotNet("restore", "Host.csproj", "-r", Rid).ExitCode == 0 ? null : "its compiler, a package, cannot be restored";
    }
}
