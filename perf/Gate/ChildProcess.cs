using System.ComponentModel;
using System.Diagnostics;

namespace SpanRnn.Perf;

/// <summary>Runs another program to its end, or kills it if the gate is stopped.</summary>
internal static class ChildProcess
{
    // `dotnet run` sets the first two for itself; a build that inherits them looks for its SDK in the wrong place. git sets the others
    // for a hook; they would override the folder that a command is run in.
    private static readonly string[] _notInherited =
    [
        "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH", "MSBuildLoadMicrosoftTargetsReadOnly",
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX",
    ];

    /// <summary>Program that runs assemblies and builds projects.</summary>
    public static string DotNet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Exit code and both outputs.</summary>
    public static (int ExitCode, string Output, string Error) Run(
        string folder, string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in _notInherited)
        {
            start.Environment.Remove(name);
        }

        // Nothing that a build starts may outlive it: it would hold files of the temporary folder.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        stop.ThrowIfCancellationRequested();
        try
        {
            using Process process = Process.Start(start) ?? throw new PerfException($"The program '{program}' did not start.");
            try
            {
                process.StandardInput.Close();
                Task<string> output = process.StandardOutput.ReadToEndAsync(stop);
                Task<string> error = process.StandardError.ReadToEndAsync(stop);
                Task.WhenAll(output, error, process.WaitForExitAsync(stop)).GetAwaiter().GetResult();

                // Ctrl-C reaches the whole group: the child may have ended by it before this process hears of it.
                stop.ThrowIfCancellationRequested();
                return (process.ExitCode, output.Result, error.Result);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                    process.WaitForExit();
                }
            }
        }
        catch (Win32Exception e)
        {
            throw new PerfException($"The program '{program}' did not start ({e.Message}), expected it on the path.");
        }
    }

    /// <summary>Builds the project in a folder for release.</summary>
    /// <returns>The first error; null if the project was built.</returns>
    public static string? Build(string folder, IReadOnlyList<string> options, CancellationToken stop)
    {
        (int exitCode, string output, _) = Run(
            folder,
            DotNet,
            ["build", "-c", "Release", "-nologo", "-tl:off", "-v:quiet", "-p:UseSharedCompilation=false", .. options],
            stop);
        return exitCode == 0
            ? null
            : FirstLine(output.Split('\n').FirstOrDefault(line => line.Contains(": error ", StringComparison.Ordinal)) ?? output);
    }

    /// <summary>First line that is not empty, for a sentence about an error.</summary>
    public static string FirstLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("it said nothing");
}
