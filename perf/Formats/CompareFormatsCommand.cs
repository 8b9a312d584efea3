using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare formats: loading models beside reading and packing them.</summary>
internal static class CompareFormatsCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string?> json = ReportOptions.Json();
        Option<string?> page = ReportOptions.Page();
        Option<string> filter = ReportOptions.Filter("'ONNX, LSTM'");
        Option<bool> quick = ReportOptions.Quick();
        var command = new Command("formats", "Loading of every format: its time, and the time of a step of the loaded network.")
        {
            json,
            page,
            filter,
            quick,
        };
        command.SetAction(result =>
        {
            string text = result.GetValue(filter)!;
            FormatCase[] cases = [.. FormatCases.All().Where(one => one.Name.Contains(text, StringComparison.OrdinalIgnoreCase))];
            if (cases.Length == 0)
            {
                throw new PerfException($"No case has '{text}' in its name; the first is '{FormatCases.All().First().Name}'.");
            }

            var files = new ReportFiles(result.GetValue(json), result.GetValue(page));
            bool isQuick = result.GetValue(quick);
            Func<double, FormatFigure>[] formats =
            [
                .. cases.Select((one, i) => Measure(one, isQuick, $"{i + 1} of {cases.Length}: {one.Name}", error)),
            ];
            IssueRateFigure rates = IssueRates.OfThisRun.Figure();
            var report = new Report
            {
                Machine = Machine.OfThisRun(),
                IssueRate = rates,
                Formats = [.. formats.Select(figure => figure(rates.Best))],
            };
            ReportTables.Write(report, output);
            files.Write(report);
            return Application.Success;
        });
        return command;
    }

    private static Func<double, FormatFigure> Measure(FormatCase one, bool quick, string progress, TextWriter error)
    {
        error.WriteLine(progress);
        using var work = new FormatWork(one);
        work.Check();
        return work.Measure(quick);
    }
}
