using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Bench;

/// <summary>The text of a report.</summary>
internal static class BenchText
{
    private const int LongestBar = 40;

    public static void Write(BenchReport report, Terminal terminal)
    {
        TextWriter output = terminal.Output;
        output.WriteLine($"model       {Display.Printable(report.Model)}");
        output.WriteLine($"machine     {report.Processor}, {report.Runtime}");
        output.WriteLine(
            $"weights     {report.Precision}, {Amount.Of(report.WeightBytes, "byte")} packed, "
            + $"in registers of {report.RegisterWidth} bits");
        output.WriteLine($"steps       {Amount.Of(report.Steps)}");
        output.WriteLine($"clock       {Display.Duration(report.ClockNanoseconds)} between two readings, part of each latency");
        output.WriteLine($"first step  {Display.Duration(report.FirstNanoseconds)} after WarmUp");
        List<string[]> rows = [];
        foreach ((string name, double? latency) in report.Percentiles)
        {
            rows.Add([name, latency is { } value ? Display.Duration(value) : "-"]);
        }

        rows.Add(["max", Display.Duration(report.MaxNanoseconds)]);
        rows.Add(["mean", Display.Duration(report.MeanNanoseconds)]);
        terminal.WriteTable(["latency", "#of a step"], rows);
        if (report.Percentiles.ContainsValue(null))
        {
            output.WriteLine(
                $"-: {Amount.Of(report.Steps, "step")} {Amount.Are(report.Steps)} too few for one to lie above this percentile.");
        }

        WriteHistogram(report, terminal);
        output.WriteLine($"throughput  {Display.Rate(report.StepsPerSecond)}, without reading the clock at each");
        output.WriteLine(
            $"memory      {Amount.Of(report.AllocatedBytes, "byte")} allocated, {Amount.Of(report.Collections, "collection")}");
        if (report.Rate is { } rate)
        {
            string period = Display.Duration(rate.PeriodNanoseconds);
            string share = rate.LatencyShare is { } value
                ? $"; {BenchReport.Name(report.BudgetPercentile)} uses {Display.Percent(value)} of the {period} from step to step"
                : string.Empty;
            output.WriteLine(
                $"rate        {Display.Rate(rate.StepsPerSecond)}: "
                + $"{Display.Percent(rate.Load)} of a core, real-time factor {Display.Number(rate.RealTimeFactor)}{share}");
        }

        BenchSignals signals = report.Signals;
        output.WriteLine(
            $"denormals   median step {Display.Duration(signals.OrdinaryNanoseconds)}; after silence "
            + $"{Display.Duration(signals.SilenceNanoseconds)}, {Display.Fixed(signals.SilenceRatio, 2)} times; inputs of 1e-40 "
            + $"{Display.Duration(signals.DenormalNanoseconds)}, {Display.Fixed(signals.DenormalRatio, 2)} times");
        if (report.BudgetNanoseconds is { } budget && report.Latency is { } held)
        {
            output.WriteLine(
                $"budget      {BenchReport.Name(report.BudgetPercentile)} uses {Display.Percent(held / budget)} of "
                + Display.Duration(budget));
        }

        if (report.Against is { } other)
        {
            SlowDown slowDown = other.SlowDown;
            output.WriteLine(
                $"against     {Display.Printable(other.Model)}, {other.Precision}, {Amount.Of(other.WeightBytes, "byte")} packed: "
                + $"{Display.Duration(other.OtherNanoseconds)} a step, {Display.Duration(other.Nanoseconds)} of the model in turn");
            output.WriteLine(
                $"ratio       {Display.Fixed(slowDown.Ratio, 3)} times as long, 95 % interval "
                + $"{Display.Fixed(slowDown.Low, 3)} to {Display.Fixed(slowDown.High, 3)}"
                + (other.Allowed is { } allowed ? $", at most {Display.Number(allowed)} allowed" : string.Empty)
                + (other.Looks > 1 ? "; measured twice" : string.Empty));
        }
    }

    // The length of a bar is the logarithm of its count: nearly all steps are in one bin, and the few others matter most.
    private static void WriteHistogram(BenchReport report, Terminal terminal)
    {
        char mark = terminal.IsInteractive ? '█' : '#';
        double scale = LongestBar / Math.Log2(1 + report.Histogram.Max(bin => bin.Count));
        terminal.WriteTable(
            ["#latency from", "#steps", "logarithm of steps"],
            report.Histogram.Select(bin => new[]
            {
                Display.Duration(bin.FromNanoseconds),
                Amount.Of(bin.Count),
                new string(mark, (int)Math.Ceiling(Math.Log2(1 + bin.Count) * scale)),
            }));
    }
}
