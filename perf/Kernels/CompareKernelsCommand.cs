using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare kernels: kernels beside the limits of the machine and beside other libraries.</summary>
internal static class CompareKernelsCommand
{
    public static Command Create(TextWriter output, TextWriter error) => CompareRun.Command(
        "kernels",
        "Every kernel and size, the results checked before anything is timed.",
        "'packed 512x256 float'",
        output,
        error,
        run => Measure(run, error));

    private static Func<double, Report> Measure(CompareRun run, TextWriter error)
    {
        KernelCase[] cases = run.Choose(KernelCases.All(), one => one.Name);
        (string Work, string Precision, Func<bool, Func<double, DenormalFigure>> Measure)[] denormals =
            run.Choose(Denormals.All(), one => $"denormal {one.Work} {one.Precision}");
        run.CheckCases();
        OnnxPackage.Build(error);
        Func<double, MachineLimits> limits = MachineLimits.Measure();
        KernelTimes[] kernels = run.Measure(cases, one => one.Name, one => Measure(one, run.IsQuick));
        Func<double, DenormalFigure>[] ratios = [.. denormals.Select(one => one.Measure(run.IsQuick))];
        return best => new Report
        {
            Machine = Machine.OfThisRun(),
            Limits = limits(best),
            Kernels = [.. kernels.Select(times => times.Figure(best))],
            Denormals = [.. ratios.Select(figure => figure(best))],
        };
    }

    private static KernelTimes Measure(KernelCase one, bool quick)
    {
        using KernelWork work = one.Prepare();
        work.Check(one.Name);
        return work.Measure(one, quick);
    }
}
