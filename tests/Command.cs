using System.Diagnostics;

namespace SpanRnn.Tests;

/// <summary>Runs another program to its end.</summary>
internal static class Command
{
    // `dotnet test` sets these for itself; a build that inherits them looks for its SDK in the wrong place.
    private static readonly string[] _notInherited =
        ["MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH", "MSBuildLoadMicrosoftTargetsReadOnly"];

    /// <summary>Exit code, and standard output followed by standard error.</summary>
    public static (int ExitCode, string Output) Run(string folder, int timeoutInSeconds, string program, params string[] arguments) =>
        Run(folder, timeoutInSeconds, new Dictionary<string, string>(), program, arguments);

    /// <summary>Runs with variables of the environment beside the inherited ones.</summary>
    public static (int ExitCode, string Output) Run(
        string folder, int timeoutInSeconds, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string name in _notInherited)
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        // No process may outlive the command: it would hold the pipes and files of its folder.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!Task.WaitAll([output, error, process.WaitForExitAsync()], TimeSpan.FromSeconds(timeoutInSeconds)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{program} {string.Join(' ', arguments)}' was stopped after {timeoutInSeconds} seconds.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }
}
