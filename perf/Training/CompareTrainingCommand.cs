using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare training: forward and backward beside PyTorch, the peak of the machine, and two threads.</summary>
internal static class CompareTrainingCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string?> json = ReportOptions.Json();
        Option<string?> page = ReportOptions.Page();
        Option<string> filter = ReportOptions.Filter("'training LSTM 128'");
        Option<bool> quick = ReportOptions.Quick();
        var command = new Command("training", "Forward and backward of every cell, the gradients checked before anything is timed.")
        {
            json,
            page,
            filter,
            quick,
        };
        command.SetAction(result =>
        {
            string text = result.GetValue(filter)!;
            TrainingCase[] cases = [.. TrainingCases.All().Where(one => one.Name.Contains(text, StringComparison.OrdinalIgnoreCase))];
            if (cases.Length == 0)
            {
                throw new PerfException($"No case has '{text}' in its name; the first is '{TrainingCases.All().First().Name}'.");
            }

            var files = new ReportFiles(result.GetValue(json), result.GetValue(page));
            bool isQuick = result.GetValue(quick);
            using var cores = new Cores();
            cores.Keep(0);
            List<TorchPeer> torch = [];
            try
            {
                torch.AddRange(TorchPeer.StartAll(Environment.GetEnvironmentVariable(TorchPeer.Variable)));
                TorchPeer[] fast = [.. torch.Where(peer => peer.HasFastBlas)];
                Func<double, TrainingFigure>[] steps =
                [
                    .. cases.Select((one, i) => Measure(one, fast, cores, isQuick, $"{i + 1} of {cases.Length}: {one.Name}", error)),
                ];
                IssueRateFigure rates = IssueRates.OfThisRun.Figure();
                var report = new Report
                {
                    Machine = Machine.OfThisRun(),
                    IssueRate = rates,
                    Training = new TrainingFigures(
                        [.. steps.Select(figure => figure(rates.Best))],
                        TrainingNotes.WithoutTorch(torch),
                        TrainingNotes.Of(torch, cores.Count)),
                };
                ReportTables.Write(report, output);
                files.Write(report);
            }
            finally
            {
                torch.ForEach(peer => peer.Dispose());
            }

            return Application.Success;
        });
        return command;
    }

    private static Func<double, TrainingFigure> Measure(
        TrainingCase one, TorchPeer[] torch, Cores cores, bool quick, string progress, TextWriter error)
    {
        error.WriteLine(progress);
        using var work = new TrainingWork(one, torch, cores);
        work.Check();
        return work.Measure(quick);
    }
}
