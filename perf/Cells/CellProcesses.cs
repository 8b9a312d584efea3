using System.CommandLine;
using System.Text.Json;

namespace SpanRnn.Perf;

/// <summary>
/// Small steps, measured by several processes one after the other. Each is this program with a hidden command. The addresses of a
/// process's memory and code decide up to 15 % of such a step for as long as the process lives.
/// </summary>
internal static class CellProcesses
{
    private const string CommandName = "time-cell";
    private const int Processes = 5;

    /// <summary>One measuring process: checks and times the named case, and writes its <see cref="CellTimes"/> as JSON.</summary>
    public static Command CreateCommand(TextWriter output)
    {
        var name = new Argument<string>("case");
        Option<bool> quick = ReportOptions.Quick();
        var command = new Command(CommandName, "Measures one small step; compare cells calls this.") { Hidden = true };
        command.Add(name);
        command.Add(quick);
        command.SetAction(result =>
        {
            CellTimes times = Time(result.GetValue(name)!, result.GetValue(quick));
            output.WriteLine(JsonSerializer.Serialize(times, ReportJson.Default.CellTimes));
            return Application.Success;
        });
        return command;
    }

    /// <summary>Starts the processes.</summary>
    public static CellTimes[] Measure(string name, bool quick, CancellationToken stop) =>
        [.. Enumerable.Range(0, Processes).Select(_ => Run(name, quick, stop))];

    /// <summary>Reads the output of a measuring process.</summary>
    internal static CellTimes Read(string name, int exitCode, string output, string error)
    {
        if (exitCode != Application.Success)
        {
            throw new PerfException($"{name} was not measured (exit code {exitCode}): {ChildProcess.FirstLine(error)}", exitCode);
        }

        CellTimes? times = null;
        try
        {
            times = JsonSerializer.Deserialize(output, ReportJson.Default.CellTimes);
        }
        catch (JsonException)
        {
            // Other JSON gets the same error as text that is no JSON.
        }

        return times is { Timings.Length: > 0 } ? times : throw new PerfException(
            $"A process that measured {name} wrote '{ChildProcess.FirstLine(output)}', expected its times as JSON.");
    }

    private static CellTimes Run(string name, bool quick, CancellationToken stop)
    {
        List<string> arguments = [typeof(CellProcesses).Assembly.Location, CommandName, name];
        if (quick)
        {
            arguments.Add("--quick");
        }

        (int exitCode, string output, string error) =
            ChildProcess.Run(Directory.GetCurrentDirectory(), ChildProcess.DotNet, arguments, stop);
        CellTimes times = Read(name, exitCode, output, error);
        foreach (Timing timing in times.Timings)
        {
            IssueRates.OfThisRun.Add(timing.Batches);
        }

        return times;
    }

    private static CellTimes Time(string name, bool quick)
    {
        if (name == StepCurve.Name)
        {
            return StepCurve.Time(quick);
        }

        CellCase of = CellCases.All().FirstOrDefault(one => one.Name == name)
            ?? throw new PerfException($"There is no case '{name}'; the first is '{CellCases.All().First().Name}'.");
        using var work = new CellWork(of);
        work.Check();
        return work.Time(quick);
    }
}
