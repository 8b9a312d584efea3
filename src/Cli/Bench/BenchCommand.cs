using System.CommandLine;
using System.Text.Json;
using SpanRnn.Cells;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Bench;

/// <summary>bench: what a streamed step costs, held against a budget.</summary>
internal static class BenchCommand
{
    // Of the percentile that needs MaxSteps steps.
    private const decimal MaxPercentile = 99.999999m;

    private static readonly (string Unit, double Nanoseconds)[] _units =
        [("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3600e9)];

    public static Command Create(Terminal terminal)
    {
        var defaults = new BenchSettings();
        Argument<string> model = ModelOptions.Model();
        Option<WeightPrecision> precision = ModelOptions.Precision();
        Option<decimal?> percentile = NumberOption.Create<decimal>(
            "--percentile",
            $"The percentile of the latencies that is held against the budget; {defaults.Percentile} is the default.",
            "P",
            $"a number above 0 and below 100, at most {MaxPercentile}",
            value => value is > 0 and <= MaxPercentile);
        Option<double?> budget = Budget();
        Option<decimal?> maxBytes = NumberOption.Create<decimal>(
            "--max-bytes",
            $"Bytes that all measured steps together may allocate; {defaults.MaxBytes} is the default.",
            "N",
            "a whole number, 0 or more",
            value => value is >= 0 and <= long.MaxValue && decimal.IsInteger(value));
        Option<decimal?> rate = NumberOption.Create<decimal>(
            "--rate",
            "Steps per second that a host needs: shows what they cost.",
            "HZ",
            "a number above 0",
            value => value > 0);
        Option<decimal?> steps = NumberOption.Create<decimal>(
            "--steps",
            "Measured steps; as many as take about two seconds and as the percentile needs, if not given.",
            "N",
            $"a whole number from 1 to {Display.Count(BenchRun.MaxSteps)}",
            value => value is >= 1 and <= BenchRun.MaxSteps && decimal.IsInteger(value));
        Option<string?> json = new("--json") { Description = "A file for everything that was measured.", HelpName = "FILE" };
        json.Validators.Add(result => ModelOptions.ExpectName(result, "--json"));
        Option<Activation?> nonlinearity = ModelOptions.Nonlinearity();
        var command = new Command(
            "bench",
            "Measures the steps of one stream: latency percentiles, throughput, bytes allocated. Exit code 1 if they break the budget.")
        {
            model,
            precision,
            budget,
            percentile,
            maxBytes,
            rate,
            steps,
            json,
            nonlinearity,
        };
        command.SetAction(result =>
        {
            string modelFile = result.GetRequiredValue(model);
            string? path = result.GetValue(json);
            ModelOptions.ExpectSeparate([modelFile], path is null ? [] : [path]);
            var settings = new BenchSettings
            {
                Precision = result.GetValue(precision),
                Percentile = result.GetValue(percentile) ?? defaults.Percentile,
                Budget = result.GetValue(budget),
                MaxBytes = (long)(result.GetValue(maxBytes) ?? defaults.MaxBytes),
                Rate = (double?)result.GetValue(rate),
                Steps = (int?)result.GetValue(steps),
            };

            // No validator's work: it would read values that other validators have yet to refuse.
            decimal needed = Latencies.Needed(settings.Percentile);
            if (settings.Budget is not null && settings.Steps < needed)
            {
                throw new WrongCommandLineException(
                    $"--steps is {settings.Steps}, expected at least {needed} for the percentile {settings.Percentile}.");
            }

            return Run(ModelReader.Read(modelFile, result.GetValue(nonlinearity)), settings, path, terminal);
        });
        return command;
    }

    private static int Run(RecurrentModel model, BenchSettings settings, string? path, Terminal terminal)
    {
        // All layers of a file have the same directions.
        if (model.Spec.Layers[0].Bidirectional)
        {
            throw new ModelFormatException(
                model.Name, "the layers run in both directions and need whole sequences, expected layers of one direction to step.");
        }

        if (path is not null)
        {
            ModelOptions.ExpectWritable(path);
        }

        AlignedBuffer<float> parameters = model.ReadParameters<float>();
        var network = new PackedNetwork(model.Spec, parameters.Span, settings.Precision);
        if (network.Warning is { } warning)
        {
            terminal.WriteError($"warning: {model.Name}: {warning}");
        }

        BenchReport report = BenchRun.Run(model.Name, network, settings);
        BenchText.Write(report, terminal);
        if (path is not null)
        {
            using var files = new AtomicFiles();
            files.Add(path, JsonSerializer.SerializeToUtf8Bytes(report, BenchJson.Default.BenchReport));
            files.Commit();
        }

        if (report.Problem is { } problem)
        {
            terminal.WriteError(problem);
            return ExitCode.Failure;
        }

        return ExitCode.Success;
    }

    private static Option<double?> Budget() => new("--budget")
    {
        Description = "What the percentile may take: 800ns, 20us, 1.5ms.",
        HelpName = "TIME",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            string unit = given.TrimStart([.. "0123456789."]);
            // Both signs for micro, the unit's and the Greek letter.
            string ascii = unit is "\u00B5s" or "\u03BCs" ? "us" : unit;
            double scale = Array.Find(_units, known => known.Unit == ascii).Nanoseconds;
            if (NumberOption.Parse<decimal>(given[..^unit.Length]) is { } value && value > 0 && scale > 0)
            {
                return (double)value * scale;
            }

            string units = string.Join(", ", _units.Select(known => known.Unit));
            result.AddError($"--budget is '{given}', expected a number above 0 and one of the units {units}, such as 20us.");
            return null;
        },
    };
}
