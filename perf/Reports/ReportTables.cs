using System.Globalization;

namespace SpanRnn.Perf;

/// <summary>Tables of a report.</summary>
internal static class ReportTables
{
    private const string None = "-";

    /// <summary>Writes the tables for the terminal.</summary>
    public static void Write(Report report, TextWriter output)
    {
        foreach (string line in Facts(report))
        {
            output.WriteLine(line);
        }

        output.WriteLine();
        foreach (Table table in Tables(report))
        {
            table.Write(output);
        }

        foreach (string line in Legend(report))
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Writes the tables as a page of Markdown.</summary>
    public static void WritePage(Report report, TextWriter output)
    {
        output.WriteLine($"# {report.Machine.Processor}");
        output.WriteLine();
        foreach (string line in Facts(report))
        {
            output.WriteLine($"- {line}");
        }

        output.WriteLine();
        foreach (Table table in Tables(report))
        {
            table.WriteMarkdown(output);
        }

        foreach (string line in Legend(report))
        {
            output.WriteLine($"- {line}");
        }
    }

    private static IEnumerable<string> Facts(Report report)
    {
        Machine machine = report.Machine;
        yield return $"Processor: {machine.Processor}, {Registers(machine.VectorBits)}, one core, "
            + $"L1 {Size(machine.Caches.Level1)}, L2 {Size(machine.Caches.Level2)}, L3 {Size(machine.Caches.Level3)}";
        yield return $"System: {machine.System}; {machine.Runtime}; {machine.Date}";
        yield return $"Versions: {string.Join(", ", machine.Versions.Select(version => $"{version.Key} {version.Value}"))}";
        if (report.IssueRate is { Batches: > 0 } rate)
        {
            yield return Text($"Batches: {100.0 * rate.QuietBatches / rate.Batches:F0} % on a quiet core, ")
                + Text($"{100.0 * rate.SharedBatches / rate.Batches:F0} % on a shared one, the rest in between. ")
                + $"Additions issued for each ns: {Rate(rate.Quiet)} quiet, {Rate(rate.Shared)} shared, {Rate(rate.Best)} at best.";
        }
    }

    private static IEnumerable<string> Legend(Report report) =>
    [
        .. StateLegend(report), .. KernelLegend(report), .. CellLegend(report), .. TrainingLegend(report), .. FormatLegend(report),
        .. LatencyLegend(report),
    ];

    private static IEnumerable<string> StateLegend(Report report) => report.IssueRate is null ? [] :
    [
        "quiet / shared: medians over the batches of each kind. Before and after each batch a loop of independent additions is timed:",
        Text($"quiet is {100 * Batch.QuietFrom:F0} % of the run's best rate or more in both, shared is less in both. A ratio takes turns"),
        Text($"in which both sides are of one kind. A dash: fewer than {StateMedians.Fewest} such batches, or nothing to compare with."),
    ];

    private static IEnumerable<string> KernelLegend(Report report) => report.Kernels is not { Length: > 0 } ? [] :
    [
        "time, best: of one call, median and fastest of the batches. Everything in a row is timed in turn, batch by batch.",
        "GFLOP/s, GB/s: operations, and bytes that must be read or written, over time.",
        "limit: the peak of the core in the same turns: GB/s of reading, or GFLOP/s of multiply-adds.",
        "of it: the kernel's rate over the limit's, median over the turns; best of best: fastest batch against fastest batch.",
        "error: largest error, as a part of its tolerance. Every result of every library was checked before anything was timed.",
        "Further columns: other libraries, and reading the same bytes always forward; their time over the kernel's.",
        "ONNX Runtime: through its C interface and through its official C# API, on one thread, each in its fastest way of calling.",
    ];

    private static IEnumerable<string> CellLegend(Report report) => report.Cells is not { Length: > 0 } ? [] :
    [
        "time: of one call, median of the batches. All precisions of a case and all that they are compared with are timed in turn;",
        "ratios are medians over the turns, in brackets those of the fastest batches.",
        "limit: the least time for the call's weights or multiply-adds, and which of them: reading that many bytes from where they fit,",
        "back and forth beyond L2 (of a sequence: the recurrent weights, every step), or fp32 multiply-adds (not for int8).",
        "of it: the limit over the time. Weights as large as the last cache are read at a speed that changes from one turn to the next.",
        "over A x: the time over that of the packed matrix-vector product of a step alone, in fp32.",
        "ONNX Runtime: one thread, in the fastest of four ways of calling its C interface; then its time over ours.",
        "C# API: its official one, on one thread, in the faster of the two usual ways: with names, where every call allocates its outputs,",
        "and bound. Its bytes: managed ones that such a call allocates.",
        "bytes: managed ones that a call allocates.",
        "error: largest difference from the network in double. Every output of both was checked before anything was timed.",
    ];

    private static IEnumerable<string> TrainingLegend(Report report) => report.Training is not { } training ? [] :
    [
        "time: of one step, forward and backward with the gradients of the input, median of the batches; best: of the fastest batch.",
        "Everything in a row is timed in turn; ratios are medians over the turns, in brackets those of the fastest batches: if both",
        "agree the machine was quiet. One thread keeps to one processor.",
        "at peak: the multiply-adds of the step's products, 3·T·N·G·H·(I + H), at the rate of nothing but multiply-adds in the same turns.",
        "PyTorch: its time with its fastest kernels. At most, at least: the bars that the project sets itself.",
        "bytes: managed ones that a step allocates.",
        "error: largest difference from the step in double, as a part of the largest number in its tensor. Loss, outputs and gradients of",
        Text($"all were checked before anything was timed, within {TrainingResult.Bound:0e+0} of both; two threads give the bits of one."),
        .. training.Notes,
    ];

    private static IEnumerable<string> FormatLegend(Report report) => report.Formats is not { Length: > 0 } ? [] :
    [
        "load: from the path to the packed network; to parameters: without packing. Read and pack: the file into an array, and packing",
        "parameters that are in memory. The file is in the system's cache. Everything in a row is timed in turn; ratios are medians over",
        "the turns, in brackets those of the fastest batches.",
        "memory: managed bytes that reading allocates, over the larger of the file and its parameters as floats.",
        "step: of the loaded network; its time over that of the network that was written, which gave the same outputs before.",
    ];

    private static IEnumerable<string> LatencyLegend(Report report) => report.Latency is null ? [] :
    [
        "first call, median: of one process each, as the median of several processes; worst ratio: of all of them. The bar is 3 at most.",
        "p50 ... max: of single steps, with the clock's own time. A thread that allocates makes the collector pause every managed thread,",
        $"and on one processor it takes turns with the steps as well; this process may use {Environment.ProcessorCount}.",
    ];

    private static IEnumerable<Table> Tables(Report report)
    {
        if (report.Limits is { } limits)
        {
            if (limits.Peaks.Length > 0)
            {
                yield return Peaks(limits);
            }

            yield return Reads(limits);
        }

        foreach (IGrouping<string, KernelFigure> kernel in (report.Kernels ?? []).GroupBy(figure => figure.Kernel))
        {
            yield return Kernel(kernel.Key, [.. kernel]);
            yield return KernelStates(kernel.Key, [.. kernel]);
        }

        if (report.Kernels?.Any(figure => figure.Peers.Any(peer => peer.Allocated > 0)) == true)
        {
            yield return Allocations(report.Kernels);
        }

        foreach (IGrouping<string, CellFigure> call in (report.Cells ?? []).GroupBy(figure => figure.Call))
        {
            yield return Cell(call.Key, [.. call]);
            if (call.Any(figure => figure.OnnxManaged is not null))
            {
                yield return Managed(call.Key, [.. call]);
            }

            yield return CellStates(call.Key, [.. call]);
        }

        if (report.Training is { Steps.Length: > 0 } training)
        {
            yield return Training(training.Steps, training.WithoutTorch);
            yield return TrainingStates(training.Steps);
            yield return Others(training.Steps);
            yield return Tape(training.Steps);
        }

        if (report.Formats is { Length: > 0 } formats)
        {
            yield return Format(formats);
            yield return FormatStates(formats);
        }

        if (report.Curve is { } curve)
        {
            yield return Curve(curve);
        }

        if (report.OneStream is { Length: > 0 } streams)
        {
            yield return OneStream(streams);
        }

        if (report.Denormals is { Length: > 0 } denormals)
        {
            yield return Denormal(denormals);
        }

        if (report.Latency is { } latency)
        {
            yield return FirstCalls(latency.FirstCalls);
            yield return Percentile(latency.Percentiles);
            yield return Steady(latency.Steady);
        }
    }

    private static Table Peaks(MachineLimits limits)
    {
        var table = new Table(
            Text($"Multiply-adds of one core at about {limits.Gigahertz:F2} GHz, GFLOP/s"), "registers", "precision", "#median", "#best",
            "#quiet / shared");
        foreach (PeakFigure peak in limits.Peaks)
        {
            table.Add(
                Text($"{peak.Bits} bits"), peak.Precision, Number(peak.Median), Number(peak.Best), Pair(peak.ByState, Number));
        }

        return table;
    }

    private static Table Reads(MachineLimits limits)
    {
        var table = new Table(
            "Reading with one core, GB/s", "from", "#bytes", "#usual pages, median", "#best", "#quiet / shared",
            "#huge pages, median", "#best", "#quiet / shared");
        foreach (ReadFigure read in limits.Reads)
        {
            table.Add(
                read.Level,
                Size(read.Bytes),
                Text($"{read.Median:F1}"),
                Text($"{read.Best:F1}"),
                Pair(read.ByState, Number),
                read.HugeMedian is { } median ? Text($"{median:F1}") : "none given",
                read.HugeBest is { } best ? Text($"{best:F1}") : "none given",
                Pair(read.HugeByState, Number));
        }

        return table;
    }

    // Every case of a kernel has the same peers.
    private static Table Kernel(string name, KernelFigure[] figures)
    {
        var table = new Table(
            name,
            [
                "size", "type", "#time", "#best", "#GFLOP/s", "#GB/s", "#limit", "#of it", "#best of\nbest", "#bytes",
                "#error", .. figures[0].Peers.Select(peer => $"#{peer.Name.Replace(' ', '\n')}"),
            ]);
        foreach (KernelFigure figure in figures)
        {
            table.Add(
            [
                figure.Size,
                figure.Precision,
                Time(figure.Nanoseconds),
                Time(figure.LeastNanoseconds),
                figure.Gigaflops is { } flops ? Text($"{flops:F1}") : None,
                figure.Gigabytes is { } bytes ? Text($"{bytes:F1}") : None,
                figure.Limit is { } limit ? LimitText(limit) : None,
                figure.Limit is { } part ? Text($"{100 * part.Fraction:F0} %") : None,
                figure.Limit is { } best ? Text($"{100 * best.BestFraction:F0} %") : None,
                Text($"{figure.Allocated:F0}"),
                Text($"{100 * figure.Error:F0} %"),
                .. figure.Peers.Select(peer => peer.Ratio is { } ratio ? Text($"{ratio:F2}x") : Machine.NotInstalled),
            ]);
        }

        return table;
    }

    private static Table KernelStates(string name, KernelFigure[] figures)
    {
        var table = new Table(
            StatesTitle(name),
            ["size", "type", "#batches", "#time", "#of it", .. figures[0].Peers.Select(peer => $"#{peer.Name.Replace(' ', '\n')}")]);
        foreach (KernelFigure figure in figures)
        {
            table.Add(
            [
                figure.Size,
                figure.Precision,
                Count(figure.ByState),
                Pair(figure.ByState, Time),
                Pair(figure.Limit?.ByState, Percent),
                .. figure.Peers.Select(peer => Pair(peer.ByState, Ratio)),
            ]);
        }

        return table;
    }

    private static Table Allocations(KernelFigure[] figures)
    {
        var table = new Table("Managed bytes that a call of others allocates", "kernel", "size", "type", "who", "#bytes");
        foreach (KernelFigure figure in figures)
        {
            foreach (PeerFigure peer in figure.Peers.Where(peer => peer.Allocated > 0))
            {
                table.Add(figure.Kernel, figure.Size, figure.Precision, peer.Name, Text($"{peer.Allocated:F0}"));
            }
        }

        return table;
    }

    private static Table Cell(string name, CellFigure[] figures)
    {
        var table = new Table(
            name, "cell", "#I, H", "type", "#time", "#limit", "#of it", "#over A x", "#ONNX\nRuntime", "called", "#its time\nover ours",
            "#bytes", "#error");
        foreach (CellFigure figure in figures)
        {
            table.Add(
                figure.Cell,
                figure.Size,
                figure.Precision,
                Time(figure.Nanoseconds),
                $"{figure.LimitName} {Time(figure.Limit.Nanoseconds)}",
                Text($"{100 * figure.Limit.Ratio:F0} % ({100 * figure.Limit.BestRatio:F0})"),
                figure.Product is { } product ? Text($"{1 / product.Ratio:F2} ({1 / product.BestRatio:F2})") : None,
                figure.Onnx is { } time ? Time(time.Nanoseconds) : Machine.NotInstalled,
                figure.OnnxForm ?? None,
                figure.Onnx is { } onnx ? Text($"{onnx.Ratio:F2} ({onnx.BestRatio:F2})") : None,
                Text($"{figure.Allocated:F0}"),
                Text($"{figure.Error:0.0e+0}"));
        }

        return table;
    }

    private static Table Managed(string name, CellFigure[] figures)
    {
        var table = new Table(
            $"{name}: ONNX Runtime's C# API", "cell", "#I, H", "type", "#time", "#C# API", "#best", "called", "#its time\nover ours",
            "#its bytes");
        foreach (CellFigure figure in figures)
        {
            if (figure.OnnxManaged is { } managed)
            {
                table.Add(
                    figure.Cell,
                    figure.Size,
                    figure.Precision,
                    Time(figure.Nanoseconds),
                    Time(managed.Time.Nanoseconds),
                    Time(managed.Time.LeastNanoseconds),
                    managed.Form,
                    Text($"{managed.Time.Ratio:F2} ({managed.Time.BestRatio:F2})"),
                    Text($"{managed.Allocated:F0}"));
            }
        }

        return table;
    }

    private static Table CellStates(string name, CellFigure[] figures)
    {
        var table = new Table(
            StatesTitle(name), "cell", "#I, H", "type", "#batches", "#time", "#of it", "#over A x", "#ONNX Runtime's\nover ours",
            "#C# API's\nover ours");
        foreach (CellFigure figure in figures)
        {
            table.Add(
                figure.Cell,
                figure.Size,
                figure.Precision,
                Count(figure.ByState),
                Pair(figure.ByState, Time),
                Pair(figure.Limit.ByState, Percent),
                Pair(figure.Product?.ByState, Inverse),
                Pair(figure.Onnx?.ByState, Ratio),
                Pair(figure.OnnxManaged?.Time.ByState, Ratio));
        }

        return table;
    }

    private static Table Training(TrainingFigure[] figures, string withoutTorch)
    {
        var table = new Table(
            "Training step, 100 steps, batch 32", "cell", "#I = H", "#time", "#best", "#at peak", "#times as\nlong", "#at most",
            "#PyTorch's\nover ours", "#at least", "#oneDNN's\nover ours", "#ours over that\nof two threads", "#at least", "#bytes",
            "#error");
        foreach (TrainingFigure figure in figures)
        {
            table.Add(
                figure.Cell,
                Text($"{figure.Size}"),
                Time(figure.Nanoseconds),
                Time(figure.LeastNanoseconds),
                figure.Peak is { } peak ? Time(peak.Nanoseconds) : None,
                figure.Peak is { } limit ? Text($"{1 / limit.Ratio:F2} ({1 / limit.BestRatio:F2})") : None,
                Text($"{figure.PeakBar:F2}"),
                figure.BestTorch is { Time: { } torch } ? Text($"{torch.Ratio:F2} ({torch.BestRatio:F2})") : withoutTorch,
                Text($"{figure.TorchBar:F2}"),
                figure.OneDnn is { } dnnl ? Text($"{dnnl.Ratio:F2} ({dnnl.BestRatio:F2})") : None,
                figure.TwoThreads is { } two ? Text($"{1 / two.Ratio:F2} ({1 / two.BestRatio:F2})") : None,
                Text($"{TrainingCases.TwoThreadsBar:F2}"),
                Text($"{figure.Allocated:F0}"),
                Text($"{figure.Error:0.0e+0}"));
        }

        return table;
    }

    private static Table TrainingStates(TrainingFigure[] figures)
    {
        var table = new Table(
            StatesTitle("Training step"), "cell", "#I = H", "#batches", "#time", "#times as\nlong", "#PyTorch's\nover ours",
            "#oneDNN's\nover ours", "#ours over that\nof two threads");
        foreach (TrainingFigure figure in figures)
        {
            table.Add(
                figure.Cell,
                Text($"{figure.Size}"),
                Count(figure.ByState),
                Pair(figure.ByState, Time),
                Pair(figure.Peak?.ByState, Inverse),
                Pair(figure.BestTorch?.Time.ByState, Ratio),
                Pair(figure.OneDnn?.ByState, Ratio),
                Pair(figure.TwoThreads?.ByState, Inverse));
        }

        return table;
    }

    private static Table Others(TrainingFigure[] figures)
    {
        var table = new Table(
            "The same step of others", "cell", "#I = H", "who", "OPENBLAS_CORETYPE", "kernels", "#time", "#best", "#time over ours");
        foreach (TrainingFigure figure in figures)
        {
            foreach (TorchFigure torch in figure.Torch)
            {
                Add(figure, "PyTorch", torch.Form, torch.Kernels, torch.Time);
            }

            if (figure.OneDnn is { } dnnl)
            {
                Add(figure, "oneDNN", None, None, dnnl);
            }
        }

        return table;

        void Add(TrainingFigure figure, string who, string form, string kernels, BesideFigure time) => table.Add(
            figure.Cell,
            Text($"{figure.Size}"),
            who,
            form,
            kernels,
            Time(time.Nanoseconds),
            Time(time.LeastNanoseconds),
            Text($"{time.Ratio:F2} ({time.BestRatio:F2})"));
    }

    private static Table Tape(TrainingFigure[] figures)
    {
        var table = new Table(
            "Tape: bytes for each step and sequence", "cell", "#I = H", "#bytes", "#numbers", "#of these x and y", "#others for each unit");
        foreach (TrainingFigure figure in figures)
        {
            int numbers = figure.TapeBytes / sizeof(float);
            table.Add(
                figure.Cell,
                Text($"{figure.Size}"),
                Text($"{figure.TapeBytes}"),
                Text($"{numbers}"),
                Text($"{2 * figure.Size}"),
                Text($"{(double)(numbers - (2 * figure.Size)) / figure.Size:0.##}"));
        }

        return table;
    }

    private static Table Format(FormatFigure[] figures)
    {
        var table = new Table(
            "Loading", "file", "#size", "#load", "#best", "#to parameters", "#read and\npack", "#times as\nlong", "#at most", "#memory",
            "#at most", "#step", "#over the\nwritten");
        foreach (FormatFigure figure in figures)
        {
            table.Add(
                figure.Name,
                Size(figure.Bytes),
                Time(figure.Nanoseconds),
                Time(figure.LeastNanoseconds),
                Time(figure.ParametersNanoseconds),
                Time(figure.ReadAndPack.Nanoseconds),
                Text($"{1 / figure.ReadAndPack.Ratio:F2} ({1 / figure.ReadAndPack.BestRatio:F2})"),
                Text($"{FormatCases.LoadBar:F0}"),
                Text($"{figure.AllocatedShare:F2}"),
                Text($"{FormatCases.MemoryBar:F1}"),
                Time(figure.StepNanoseconds),
                Text($"{1 / figure.WrittenStep.Ratio:F3} ({1 / figure.WrittenStep.BestRatio:F3})"));
        }

        return table;
    }

    private static Table FormatStates(FormatFigure[] figures)
    {
        var table = new Table(
            StatesTitle("Loading"), "file", "#batches", "#load", "#times as\nlong", "#batches\nof steps", "#step", "#over the\nwritten");
        foreach (FormatFigure figure in figures)
        {
            table.Add(
                figure.Name,
                Count(figure.ByState),
                Pair(figure.ByState, Time),
                Pair(figure.ReadAndPack.ByState, Inverse),
                Count(figure.StepByState),
                Pair(figure.StepByState, Time),
                Pair(figure.WrittenStep.ByState, ratio => Text($"{1 / ratio:F3}")));
        }

        return table;
    }

    private static Table Curve(CurveFigure[] figures)
    {
        var table = new Table("Step of an LSTM, I = H, fp32", "#H", "#time", "#best", "#quiet / shared", "#bytes of weights",
            "#best, ns for each KiB");
        foreach (CurveFigure figure in figures)
        {
            table.Add(
                Text($"{figure.Size}"),
                Time(figure.Nanoseconds),
                Time(figure.LeastNanoseconds),
                Pair(figure.ByState, Time),
                Text($"{figure.Bytes / 1024.0:F1} KiB"),
                Text($"{figure.NanosecondsPerKibibyte:F2}"));
        }

        return table;
    }

    private static Table OneStream(OneStreamFigure[] figures)
    {
        var table = new Table("Run of one stream against as many steps", "cell", "I, H", "type", "#a step", "#a step of Run", "#ratio",
            "#quiet / shared", "#bytes");
        foreach (OneStreamFigure figure in figures)
        {
            table.Add(
                figure.Cell,
                figure.Size,
                figure.Precision,
                Time(figure.Step),
                Time(figure.Run),
                Text($"{figure.Ratio:F2}"),
                Pair(figure.ByState, Ratio),
                Text($"{figure.Allocated:F0}"));
        }

        return table;
    }

    private static Table Denormal(DenormalFigure[] figures)
    {
        var table = new Table("Denormal numbers against ordinary ones", "work", "precision", "#ordinary", "#denormal", "#ratio",
            "#quiet / shared");
        foreach (DenormalFigure figure in figures)
        {
            table.Add(
                figure.Work,
                figure.Precision,
                Time(figure.Ordinary),
                Time(figure.Denormal),
                Text($"{figure.Ratio:F2}"),
                Pair(figure.ByState, Ratio));
        }

        return table;
    }

    private static Table FirstCalls(FirstCallFigure[] figures)
    {
        var table = new Table("First call after WarmUp", "call", "#first call", "#median", "#ratio", "#worst ratio", "#methods compiled");
        foreach (FirstCallFigure figure in figures)
        {
            table.Add(
                figure.Call,
                Time(figure.First),
                Time(figure.Median),
                Text($"{figure.Ratio:F2}"),
                Text($"{figure.WorstRatio:F2}"),
                Text($"{figure.Compiled}"));
        }

        return table;
    }

    private static Table Percentile(PercentileFigure[] figures)
    {
        var table = new Table(
            "Single steps", "call", "process", "#steps", "#p50", "#p99", "#p99.9", "#max", "#GB/s allocated", "#collections");
        foreach (PercentileFigure figure in figures)
        {
            table.Add(
                figure.Call,
                figure.Beside,
                Text($"{figure.Steps}"),
                Time(figure.P50),
                Time(figure.P99),
                Time(figure.P999),
                Time(figure.Max),
                Text($"{figure.GigabytesPerSecond:F2}"),
                Text($"{figure.Collections}"));
        }

        return table;
    }

    private static Table Steady(SteadyFigure figure)
    {
        var table = new Table(
            "Allocations of many steps", "call", "#steps", "#time", "#bytes, this thread", "#bytes, all threads", "#collections");
        table.Add(
            figure.Call,
            Text($"{figure.Steps}"),
            Time(figure.Nanoseconds),
            Text($"{figure.Allocated}"),
            Text($"{figure.AllocatedByAll}"),
            Text($"{figure.Collections}"));
        return table;
    }

    private static string StatesTitle(string name) => $"{name}, quiet / shared";

    private static string Count(StateMedians medians) => Text($"{medians.QuietBatches} / {medians.SharedBatches}");

    private static string Pair(StateMedians? medians, Func<double, string> text) =>
        $"{(medians?.Quiet is { } quiet ? text(quiet) : None)} / {(medians?.Shared is { } shared ? text(shared) : None)}";

    private static string Number(double value) => Text($"{value:F1}");

    private static string Percent(double part) => Text($"{100 * part:F0} %");

    private static string Ratio(double ratio) => Text($"{ratio:F2}");

    private static string Inverse(double ratio) => Text($"{1 / ratio:F2}");

    private static string Rate(double? rate) => rate is { } number ? Number(number) : None;

    private static string LimitText(LimitFigure limit) => Text($"{limit.Name} {limit.Gigaflops ?? limit.Gigabytes:F1}");

    private static string Registers(int bits) => bits > 0
        ? Text($"registers of {bits} bits")
        : "no vector registers in this run, so that no peak of multiply-adds is measured";

    private static string Time(double nanoseconds) => nanoseconds < 1000 ? Text($"{nanoseconds:F1} ns")
        : nanoseconds < 1e6 ? Text($"{nanoseconds / 1e3:F2} us")
        : Text($"{nanoseconds / 1e6:F2} ms");

    private static string Size(long bytes) => bytes < 1 << 20 ? Text($"{bytes >> 10} KiB") : Text($"{bytes / 1048576.0:0.##} MiB");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
