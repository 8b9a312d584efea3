using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using SpanRnn.Formats.Files;

namespace SpanRnn.Perf;

/// <summary>gate: fails if the working tree is slower than another revision, or allocates.</summary>
internal static class GateCommand
{
    private const int FewestRounds = 12;
    private const int MostRounds = 200;

    // Twenty rounds nearly always catch a slow-down of 10 % if processes are 3 % apart and one in twenty is disturbed (GateTests).
    private const int UsualRounds = 20;

    public static Command Create(TextWriter output, TextWriter error)
    {
        var revision = new Option<string?>("--base")
        {
            Description = "Revision to compare with; perf/baseline.txt names the usual one.",
            HelpName = "REV",
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = $"Rounds of four processes, {FewestRounds} to {MostRounds}.",
            HelpName = "N",
            DefaultValueFactory = _ => UsualRounds,
        };
        rounds.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value is < FewestRounds or > MostRounds)
            {
                result.AddError($"--rounds is {value}, expected {FewestRounds} to {MostRounds}.");
            }
        });
        var cases = new Option<string>("--cases")
        {
            Description = "'short', 'all', or a part of the names of cases.",
            HelpName = "CASES",
            DefaultValueFactory = _ => "all",
        };
        var slowerThan = new Option<double>("--slower-than")
        {
            Description = "Slow-down in percent that still passes.",
            HelpName = "PERCENT",
            DefaultValueFactory = _ => 5,
        };
        slowerThan.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, out double value) && !(value is > 0 and <= 1000))
            {
                result.AddError($"--slower-than is {result.Tokens[0].Value}, expected more than 0 and at most 1000 percent.");
            }
        });
        Option<string?> json = ReportOptions.Json();
        var command = new Command("gate", "Fails if the working tree is slower than another revision, or allocates.")
        {
            revision, rounds, cases, slowerThan, json,
        };
        command.SetAction(result => Run(
            result.GetValue(revision),
            result.GetValue(rounds),
            result.GetValue(cases)!,
            result.GetValue(slowerThan),
            result.GetValue(json),
            output,
            error));
        return command;
    }

    private static int Run(
        string? revision, int rounds, string cases, double slowerThan, string? json, TextWriter output, TextWriter error)
    {
        string[] chosen = Choose(cases);
        Assembly assembly = typeof(GateCommand).Assembly;
        if (assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            throw new PerfException("This is a debug build, expected an optimized one: dotnet run -c Release.");
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        WriteJson(json, [], keep: false);
        string root = BaseRevision.Root(stop.Token);
        revision ??= BaseRevision.Baseline(root);
        using var built = BaseRevision.Build(root, revision, error, stop.Token);

        var run = new GateRun(built.Assembly, assembly.Location, rounds, error, stop.Token);
        string[] known = run.BaseNames();
        string[] added = [.. chosen.Except(known)];
        IEnumerable<CaseResult> gone = known
            .Except(GateCases.All.Select(gateCase => gateCase.Name))
            .Select(name => new CaseResult(name, Verdict.Gone, null, []));
        CaseResult[] judged = Judge.Decide(chosen, 1 + (slowerThan / 100), names => run.Look(names, added));

        double confidence = 100 * (1 - (2 * Judge.Tail(chosen.Length)));
        var report = new GateReport(built.Hash, rounds, slowerThan, confidence, [.. judged, .. gone]);
        report.WriteTable(output);
        WriteJson(json, report.ToJson(), keep: true);

        return judged.Any(result => result.Fails) ? Application.Failure
            : added.Length < chosen.Length ? Application.Success
            : throw new PerfException($"Nothing was compared: {built.Hash} knows none of these cases.");

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    // Tried before anything is measured: a file that cannot be written costs no minutes.
    private static void WriteJson(string? path, ReadOnlySpan<byte> content, bool keep)
    {
        if (path is null)
        {
            return;
        }

        using var files = new AtomicFiles();
        files.Add(path, content);
        if (keep)
        {
            files.Commit();
        }
    }

    private static string[] Choose(string cases)
    {
        string[] chosen =
        [
            .. GateCases.All
                .Where(known => cases == "all" || (cases == "short" ? known.IsShort : known.Name.Contains(cases, StringComparison.Ordinal)))
                .Select(known => known.Name),
        ];
        return chosen.Length > 0
            ? chosen
            : throw new PerfException(
                $"No case has '{cases}' in its name, expected 'short', 'all' or a part of one of these: "
                + string.Join("; ", GateCases.All.Select(known => known.Name)) + ".");
    }
}
