using System.CommandLine;
using System.CommandLine.Invocation;
using BenchmarkDotNet.Running;

namespace SpanRnn.Perf;

/// <summary>The program: its commands, and the report of errors.</summary>
internal static class Application
{
    /// <summary>Exit code of a command that succeeded.</summary>
    public const int Success = 0;

    /// <summary>Exit code of a check that failed.</summary>
    public const int Failure = 1;

    /// <summary>Exit code of a wrong command line or of bad input: nothing was checked.</summary>
    public const int NotRun = 2;

    /// <summary>Exit code of a command that was stopped by Ctrl-C or a signal.</summary>
    public const int Stopped = 130;

    // System.CommandLine answers these, without a command; every other option belongs to BenchmarkDotNet.
    private static readonly string[] _ownOptions = ["--help", "-h", "-?", "--version"];

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        try
        {
            if (arguments is [['-', ..] first, ..] && !_ownOptions.Contains(first))
            {
                return RunBenchmarks(arguments);
            }

            var root = new RootCommand("Measures SpanRnn. Options without a command go to BenchmarkDotNet: --list flat, --filter '*Step*'.")
            {
                LimitsCommand.Create(output),
                CompareCommand.Create(output, error),
                LatencyCommand.Create(output, error),
                GateCommand.Create(output, error),
                MeasureCommand.Create(output),
                FirstCall.CreateCommand(output),
                CellProcesses.CreateCommand(output),
                Accuracy.CreateCommand(output),
            };
            root.Directives.Clear();
            var parser = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
            ParseResult result = root.Parse(arguments, parser);
            if (result.Action is ParseErrorAction)
            {
                // If a command is unknown, the first error only says that a command is missing.
                string problem = OneLine(result.Errors[result.CommandResult.Command.Subcommands.Count > 0 ? ^1 : 0].Message);
                error.WriteLine($"perf: {problem} See --help.");
                return NotRun;
            }

            return result.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (PerfException e)
        {
            error.WriteLine($"perf: {OneLine(e.Message)}");
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("perf: stopped.");
            return Stopped;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"perf: {OneLine(e.Message)}");
            return NotRun;
        }
    }

    private static int RunBenchmarks(string[] arguments)
    {
        bool ran = BenchmarkSwitcher.FromAssembly(typeof(Application).Assembly).Run(arguments).Any();
        bool asked = arguments.Any(argument => argument is "--list" or "--help" or "--info" or "--version");
        return ran || asked ? Success : NotRun;
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
