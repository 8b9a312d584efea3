using System.CommandLine;
using System.Text.Json;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Bench;

/// <summary>Command bench: the cost of a streamed step, and whether it is within a budget.</summary>
internal static class BenchCommand
{
    // The percentile that needs MaxSteps steps.
    private const decimal MaxPercentile = 99.999999m;

    // More than any processor has steps; a step takes many additions.
    private const long MaxRate = 1_000_000_000_000;

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        var command = new Command(
            "bench",
            "Measures the steps of one stream: latency percentiles, throughput, bytes allocated. Exit code 1 if they break a limit.")
        {
            model,
        };
        OptionTable<BenchSettings> table = Options(command);
        Option<string?> json = FileOption.CreateOutput("--json", "A file for everything that was measured.", ".json");
        Option<ActivationKind?> nonlinearity = ModelOptions.Nonlinearity();
        command.Add(json);
        command.Add(nonlinearity);
        command.SetAction(result =>
        {
            string modelFile = result.GetRequiredValue(model);
            string? path = result.GetValue(json);
            OutputFiles.ExpectSeparate([modelFile], path is null ? [] : [path]);
            BenchSettings settings = table.Read(result);

            // No work for a validator, which would read values that other validators have yet to refuse.
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

    private static OptionTable<BenchSettings> Options(Command command)
    {
        var defaults = new BenchSettings();
        var table = new OptionTable<BenchSettings>(command);
        table.Add(ModelOptions.Precision(), (s, value) => s with { Precision = value });
        table.Add(BudgetOption.Create(), (s, value) => s with { Budget = value });
        table.Add(
            NumberOption.Create<decimal>(
                "--percentile",
                $"The percentile of the latencies that is compared with the budget; {defaults.Percentile} is the default.",
                "P",
                $"a number above 0 and below 100, at most {MaxPercentile}",
                value => value is > 0 and <= MaxPercentile),
            (s, value) => s with { Percentile = value });
        table.Add(
            NumberOption.Whole(
                "--max-bytes", $"Bytes that all measured steps together may allocate; {defaults.MaxBytes} is the default.", 0),
            (s, value) => s with { MaxBytes = value });
        table.Add(
            NumberOption.Create<double>(
                "--rate",
                "Steps per second that a host needs: their cost is shown, and more than one core is a failure.",
                "HZ",
                $"a number above 0, at most {Display.Count(MaxRate)}",
                value => value is > 0 and <= MaxRate),
            (s, value) => s with { Rate = value });
        table.Add(
            NumberOption.Create<decimal>(
                "--steps",
                "Measured steps; by default as many as take about two seconds, or more if the percentile needs more.",
                "N",
                $"a whole number from 1 to {Display.Count(BenchRun.MaxSteps)}",
                value => value is >= 1 and <= BenchRun.MaxSteps && decimal.IsInteger(value)),
            (s, value) => s with { Steps = (int)value });
        return table;
    }

    private static int Run(RecurrentModel model, BenchSettings settings, string? path, Terminal terminal)
    {
        LayerSpec[] layers = model.Spec.Layers.ToArray();
        if (layers.Any(layer => layer.Bidirectional))
        {
            throw new ModelFormatException(
                model.Name, "the layers run in both directions and need whole sequences, expected layers of one direction to step.");
        }

        if (layers.Any(layer => layer.Reverse))
        {
            throw new ModelFormatException(
                model.Name, "the layers run in reverse and need whole sequences, expected layers that run forward to step.");
        }

        if (path is not null)
        {
            OutputFiles.ExpectWritable(path);
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
            OutputFiles.Write(path, JsonSerializer.SerializeToUtf8Bytes(report, BenchJson.Default.BenchReport));
        }

        if (report.Problem is { } problem)
        {
            terminal.WriteError(problem);
            return ExitCode.Failure;
        }

        return ExitCode.Success;
    }
}
