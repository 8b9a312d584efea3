using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare cells: packed networks beside ONNX Runtime and the limits of the machine.</summary>
internal static class CompareCellsCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string?> json = ReportOptions.Json();
        Option<string?> page = ReportOptions.Page();
        Option<string> filter = ReportOptions.Filter("'Step LSTM 128, 128'");
        Option<bool> quick = ReportOptions.Quick();
        var command = new Command("cells", "Packed networks: every cell, size and call, the outputs checked before anything is timed.")
        {
            json,
            page,
            filter,
            quick,
        };
        command.SetAction((result, stop) =>
        {
            string text = result.GetValue(filter)!;
            CellCase[] cases = [.. CellCases.All().Where(one => Matches(one.Name, text))];
            bool curve = Matches(StepCurve.Name, text);
            (string Name, Func<bool, Func<double, DenormalFigure[]>> Measure)[] silences =
                [.. Silence.All().Where(one => Matches(one.Name, text))];
            if (cases.Length + silences.Length == 0 && !curve)
            {
                throw new PerfException($"No case has '{text}' in its name; the first is '{CellCases.All().First().Name}'.");
            }

            var files = new ReportFiles(result.GetValue(json), result.GetValue(page));
            bool isQuick = result.GetValue(quick);
            OnnxPackage.Build(error);
            CellResult[] cells =
            [
                .. cases.Select((one, i) => Measure(one, isQuick, $"{i + 1} of {cases.Length}: {one.Name}", error, stop)),
            ];
            CellTimes[]? curveTimes = curve ? CellProcesses.Measure(StepCurve.Name, isQuick, stop) : null;
            Func<double, DenormalFigure[]>[] denormals = [.. silences.Select(one => one.Measure(isQuick))];
            IssueRateFigure rates = IssueRates.OfThisRun.Figure();
            var report = new Report
            {
                Machine = Machine.OfThisRun(),
                IssueRate = rates,
                Cells = [.. cells.SelectMany(result => result.Figures(rates.Best))],
                Curve = curveTimes is null ? null : StepCurve.Figures(curveTimes, rates.Best),
                Denormals = [.. denormals.SelectMany(figures => figures(rates.Best))],
            };
            ReportTables.Write(report, output);
            files.Write(report);
            return Task.FromResult(Application.Success);
        });
        return command;
    }

    private static bool Matches(string name, string text) => name.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static CellResult Measure(
        CellCase one, bool quick, string progress, TextWriter error, CancellationToken stop)
    {
        error.WriteLine(progress);
        using var work = new CellWork(one);
        work.Check();
        return work.Result(one.IsSmall ? CellProcesses.Measure(one.Name, quick, stop) : [work.Time(quick)]);
    }
}
