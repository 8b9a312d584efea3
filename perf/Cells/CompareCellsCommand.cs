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
        command.SetAction(result =>
        {
            string text = result.GetValue(filter)!;
            CellCase[] cases = [.. CellCases.All().Where(one => Matches(one.Name, text))];
            bool curve = Matches(StepCurve.Name, text);
            (string Name, Func<bool, DenormalFigure[]> Measure)[] silences = [.. Silence.All().Where(one => Matches(one.Name, text))];
            if (cases.Length + silences.Length == 0 && !curve)
            {
                throw new PerfException($"No case has '{text}' in its name; the first is '{CellCases.All().First().Name}'.");
            }

            var files = new ReportFiles(result.GetValue(json), result.GetValue(page));
            bool isQuick = result.GetValue(quick);
            var report = new Report
            {
                Machine = Machine.OfThisRun(),
                Cells = [.. cases.SelectMany((one, i) => Measure(one, isQuick, $"{i + 1} of {cases.Length}: {one.Name}", error))],
                Curve = curve ? StepCurve.Measure(isQuick) : null,
                Denormals = [.. silences.SelectMany(one => one.Measure(isQuick))],
            };
            ReportTables.Write(report, output);
            files.Write(report);
            return Application.Success;
        });
        return command;
    }

    private static bool Matches(string name, string text) => name.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static CellFigure[] Measure(CellCase one, bool quick, string progress, TextWriter error)
    {
        error.WriteLine(progress);
        using var work = new CellWork(one);
        work.Check();
        return work.Measure(quick);
    }
}
