using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>limits: the peak rates of one core of this machine.</summary>
internal static class LimitsCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string?> json = ReportOptions.Json();
        var command = new Command("limits", "Measures one core: multiply-adds at each width, reading from each level of memory.") { json };
        command.SetAction(result =>
        {
            var files = new ReportFiles(result.GetValue(json), page: null);
            Func<double, MachineLimits> limits = MachineLimits.Measure();
            IssueRateFigure rates = IssueRates.OfThisRun.Figure();
            var report = new Report { Machine = Machine.OfThisRun(), IssueRate = rates, Limits = limits(rates.Best) };
            ReportTables.Write(report, output);
            files.Write(report);
            return Application.Success;
        });
        return command;
    }
}
