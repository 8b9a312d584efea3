using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace SpanRnn.Perf;

/// <summary>
/// The first call after <see cref="PackedNetwork.WarmUp"/> against the calls that follow. A process has only one first call, so each
/// sample comes from a process of its own: this program with a hidden command.
/// </summary>
internal static class FirstCall
{
    private const string CommandName = "first-call";
    private const int Following = 2000;
    private const int FollowingSequences = 200;

    // Each process is one sample.
    private const int Processes = 5;

    private static readonly CellCase[] _cases =
    [
        new(CellCall.Step, CellKind.Lstm, 128, 128, 1, 1, WeightPrecision.Fp32),
        new(CellCall.StepMany, CellKind.Lstm, 128, 128, 1, 32, WeightPrecision.Fp32),
        new(CellCall.Run, CellKind.Lstm, 128, 128, 100, 1, WeightPrecision.Fp32),
    ];

    /// <summary>Measuring process: writes the ticks of the first and the median call, and the methods that the first compiled.</summary>
    public static Command CreateCommand(TextWriter output)
    {
        var index = new Argument<int>("call");
        var command = new Command(CommandName, "Measures one first call; latency calls this.") { Hidden = true };
        command.Add(index);
        command.SetAction(result =>
        {
            (long first, long median, long compiled) = Time(_cases[result.GetValue(index)]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first} {median} {compiled}"));
            return Application.Success;
        });
        return command;
    }

    /// <summary>Starts the processes, call after call.</summary>
    public static FirstCallFigure[] Measure(CancellationToken stop) => [.. _cases.Select((one, i) => Measure(one, i, stop))];

    private static FirstCallFigure Measure(CellCase of, int index, CancellationToken stop)
    {
        (double First, double Median, long Compiled)[] samples = [.. Enumerable.Range(0, Processes).Select(_ => Sample(index, stop))];
        double[] ratios = [.. samples.Select(sample => sample.First / sample.Median).Order()];
        return new FirstCallFigure(
            of.Name,
            samples.Select(sample => sample.First).Order().ElementAt(Processes / 2),
            samples.Select(sample => sample.Median).Order().ElementAt(Processes / 2),
            ratios[Processes / 2],
            ratios[^1],
            samples.Max(sample => sample.Compiled));
    }

    private static (double First, double Median, long Compiled) Sample(int index, CancellationToken stop)
    {
        (int exitCode, string output, string error) = ChildProcess.Run(
            AppContext.BaseDirectory,
            ChildProcess.DotNet,
            [typeof(FirstCall).Assembly.Location, CommandName, index.ToString(CultureInfo.InvariantCulture)],
            stop);
        string[] words = output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return exitCode == 0
            && words.Length == 3
            && long.TryParse(words[0], CultureInfo.InvariantCulture, out long first)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out long median)
            && long.TryParse(words[2], CultureInfo.InvariantCulture, out long compiled)
            ? (Nanoseconds(first), Nanoseconds(median), compiled)
            : throw new PerfException($"A first call was not measured (exit code {exitCode}): {ChildProcess.FirstLine(error)}.");
    }

    private static (long First, long Median, long Compiled) Time(CellCase of)
    {
        long[] ticks = new long[of.Call == CellCall.Run ? FollowingSequences : Following];

        // The clock, the loop and the method that makes the call must be compiled before: in the first call that would count, and between
        // the warm-up and the call it would empty the caches. So a small network of another cell has them compiled, and is not called.
        _ = Latencies.Measure(() => { }, ticks);
        _ = JitInfo.GetCompiledMethodCount(currentThread: true);
        CellCase small = new(of.Call, CellKind.Elman, 8, 8, of.Steps, of.Batch, of.Precisions);
        RuntimeHelpers.PrepareDelegate(new CellProblem(small).Own(of.Precisions[0]).Run);
        CellContender own = new CellProblem(of).Own(of.Precisions[0]);
        long compiled = JitInfo.GetCompiledMethodCount(currentThread: true);
        long from = Stopwatch.GetTimestamp();
        own.Run();
        long first = Stopwatch.GetTimestamp() - from;
        compiled = JitInfo.GetCompiledMethodCount(currentThread: true) - compiled;
        return (first, Latencies.Measure(own.Run, ticks)[ticks.Length / 2], compiled);
    }

    private static double Nanoseconds(long ticks) => 1e9 / Stopwatch.Frequency * ticks;
}
