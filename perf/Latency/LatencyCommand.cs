using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>latency: answers for a host with a deadline: first calls, allocations, the slowest steps.</summary>
internal static class LatencyCommand
{
    private const int SteadyStepCount = 10_000_000;
    private const int PercentileStepCount = 300_000;

    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string?> json = ReportOptions.Json();
        var command = new Command("latency", "First calls after WarmUp, the slowest steps, ten million steps without an allocation.")
        {
            json,
        };
        command.SetAction((result, stop) =>
        {
            var files = new ReportFiles(result.GetValue(json), page: null);
            error.WriteLine("First calls, in processes of their own.");
            FirstCallFigure[] firstCalls = FirstCall.Measure(stop);
            error.WriteLine("The slowest steps.");
            PercentileFigure[] percentiles = Percentiles.Measure(PercentileStepCount);
            error.WriteLine("Ten million steps.");
            SteadyFigure steady = SteadySteps.Measure(SteadyStepCount);
            var report = new Report { Machine = Machine.OfThisRun(), Latency = new LatencyFigures(firstCalls, percentiles, steady) };
            ReportTables.Write(report, output);
            files.Write(report);
            return Task.FromResult(
                steady is { Allocated: 0, Collections: 0 }
                    ? Application.Success
                    : throw new PerfException(
                        $"{steady.Steps} steps allocated {steady.Allocated} bytes and saw {steady.Collections} collections, expected none.",
                        Application.Failure));
        });
        return command;
    }
}
