using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare: SpanRnn beside the limits of the machine and beside other libraries.</summary>
internal static class CompareCommand
{
    public static Command Create(TextWriter output, TextWriter error) =>
        new("compare", "Compares SpanRnn with the limits of this machine and with other libraries.")
        {
            Kernels(output, error),
            CompareCellsCommand.Create(output, error),
            CompareTrainingCommand.Create(output, error),
            CompareFormatsCommand.Create(output, error),
        };

    private static Command Kernels(TextWriter output, TextWriter error)
    {
        Option<string?> json = ReportOptions.Json();
        Option<string?> page = ReportOptions.Page();
        Option<string> filter = ReportOptions.Filter("'packed 512x256 float'");
        Option<bool> quick = ReportOptions.Quick();
        var command = new Command("kernels", "Every kernel and size, the results checked before anything is timed.")
        {
            json,
            page,
            filter,
            quick,
        };
        command.SetAction(result =>
        {
            string text = result.GetValue(filter)!;
            KernelCase[] cases = [.. KernelCases.All().Where(one => Matches(one.Name, text))];
            (string Work, string Precision, Func<bool, Func<double, DenormalFigure>> Measure)[] denormals =
                [.. Denormals.All().Where(one => Matches($"denormal {one.Work} {one.Precision}", text))];
            if (cases.Length + denormals.Length == 0)
            {
                throw new PerfException($"No case has '{text}' in its name; the first is '{KernelCases.All().First().Name}'.");
            }

            var files = new ReportFiles(result.GetValue(json), result.GetValue(page));
            bool isQuick = result.GetValue(quick);
            OnnxPackage.Build(error);
            Func<double, MachineLimits> limits = MachineLimits.Measure();
            KernelTimes[] kernels =
            [
                .. cases.Select((one, i) => Measure(one, isQuick, $"{i + 1} of {cases.Length}: {one.Name}", error)),
            ];
            Func<double, DenormalFigure>[] ratios = [.. denormals.Select(one => one.Measure(isQuick))];
            IssueRateFigure rates = IssueRates.OfThisRun.Figure();
            var report = new Report
            {
                Machine = Machine.OfThisRun(),
                IssueRate = rates,
                Limits = limits(rates.Best),
                Kernels = [.. kernels.Select(times => times.Figure(rates.Best))],
                Denormals = [.. ratios.Select(figure => figure(rates.Best))],
            };
            ReportTables.Write(report, output);
            files.Write(report);
            return Application.Success;
        });
        return command;
    }

    private static bool Matches(string name, string text) => name.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static KernelTimes Measure(KernelCase one, bool quick, string progress, TextWriter error)
    {
        error.WriteLine(progress);
        using KernelWork work = one.Prepare();
        work.Check(one.Name);
        return work.Measure(one, quick);
    }
}
