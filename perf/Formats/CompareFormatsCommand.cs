using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare formats: loading models beside reading and packing them.</summary>
internal static class CompareFormatsCommand
{
    public static Command Create(TextWriter output, TextWriter error) => CompareRun.Command(
        "formats",
        "Loading of every format: what it takes, and what the loaded network takes for a step.",
        "'ONNX, LSTM'",
        output,
        error,
        Measure);

    private static Func<double, Report> Measure(CompareRun run)
    {
        FormatCase[] cases = run.Choose(FormatCases.All(), one => one.Name);
        run.CheckCases();
        Func<double, FormatFigure>[] formats = run.Measure(cases, one => one.Name, one => Measure(one, run.IsQuick));
        return best => new Report { Machine = Machine.OfThisRun(), Formats = [.. formats.Select(figure => figure(best))] };
    }

    private static Func<double, FormatFigure> Measure(FormatCase one, bool quick)
    {
        using var work = new FormatWork(one);
        work.Check();
        return work.Measure(quick);
    }
}
