using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare training: forward and backward beside PyTorch, the peak of the machine, and two threads.</summary>
internal static class CompareTrainingCommand
{
    public static Command Create(TextWriter output, TextWriter error) => CompareRun.Command(
        "training",
        "Forward and backward of every cell, the gradients checked before anything is timed.",
        "'training LSTM 128'",
        output,
        error,
        Measure);

    private static Func<double, Report> Measure(CompareRun run)
    {
        TrainingCase[] cases = run.Choose(TrainingCases.All(), one => one.Name);
        run.CheckCases();
        using var cores = new Cores();
        cores.Keep(0);
        List<TorchPeer> torch = [];
        try
        {
            torch.AddRange(TorchPeer.StartAll(Environment.GetEnvironmentVariable(TorchPeer.Variable)));
            TorchPeer[] fast = [.. torch.Where(peer => peer.HasFastBlas)];
            Func<double, TrainingFigure>[] steps = run.Measure(cases, one => one.Name, one => Measure(one, fast, cores, run.IsQuick));
            string withoutTorch = TrainingNotes.WithoutTorch(torch);
            string[] notes = TrainingNotes.Of(torch, cores.Count);
            return best => new Report
            {
                Machine = Machine.OfThisRun(),
                Training = new TrainingFigures([.. steps.Select(figure => figure(best))], withoutTorch, notes),
            };
        }
        finally
        {
            torch.ForEach(peer => peer.Dispose());
        }
    }

    private static Func<double, TrainingFigure> Measure(TrainingCase one, TorchPeer[] torch, Cores cores, bool quick)
    {
        using var work = new TrainingWork(one, torch, cores);
        work.Check();
        return work.Measure(quick);
    }
}
