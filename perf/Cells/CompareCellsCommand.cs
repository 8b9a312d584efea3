using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare cells: packed networks beside ONNX Runtime and the limits of the machine.</summary>
internal static class CompareCellsCommand
{
    public static Command Create(TextWriter output, TextWriter error) => CompareRun.Command(
        "cells",
        "Packed networks: every cell, size and call, the outputs checked before anything is timed.",
        "'Step LSTM 128, 128'",
        output,
        error,
        run => Measure(run, error));

    private static Func<double, Report> Measure(CompareRun run, TextWriter error)
    {
        CellCase[] cases = run.Choose(CellCases.All(), one => one.Name);
        bool curve = run.Choose([StepCurve.Name], name => name).Length > 0;
        (string Name, Func<bool, Func<double, DenormalFigure[]>> Measure)[] silences = run.Choose(Silence.All(), one => one.Name);
        (string Name, Func<bool, Func<double, OneStreamFigure[]>> Measure)[] streams = run.Choose(OneStream.All(), one => one.Name);
        run.CheckCases();
        OnnxPackage.Build(error);
        CellResult[] cells = run.Measure(cases, one => one.Name, one => Measure(one, run.IsQuick, run.Stop));
        CellTimes[]? curveTimes = curve ? CellProcesses.Measure(StepCurve.Name, run.IsQuick, run.Stop) : null;
        Func<double, OneStreamFigure[]>[] oneStream = run.Measure(streams, one => one.Name, one => one.Measure(run.IsQuick));
        Func<double, DenormalFigure[]>[] denormals = [.. silences.Select(one => one.Measure(run.IsQuick))];
        return best => new Report
        {
            Machine = Machine.OfThisRun(),
            Cells = [.. cells.SelectMany(result => result.Figures(best))],
            Curve = curveTimes is null ? null : StepCurve.Figures(curveTimes, best),
            OneStream = [.. oneStream.SelectMany(figures => figures(best))],
            Denormals = [.. denormals.SelectMany(figures => figures(best))],
        };
    }

    private static CellResult Measure(CellCase one, bool quick, CancellationToken stop)
    {
        using var work = new CellWork(one);
        work.Check();
        return work.Result(one.IsSmall ? CellProcesses.Measure(one.Name, quick, stop) : [work.Time(quick)]);
    }
}
