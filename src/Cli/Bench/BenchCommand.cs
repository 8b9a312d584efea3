using System.CommandLine;
using System.Text.Json;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Bench;

/// <summary>Command bench: the cost of a streamed step, and whether it is within a budget.</summary>
internal static class BenchCommand
{
    // The percentile that needs MaxSteps steps.
    private const decimal MaxPercentile = 99.999999m;

    // More than any processor has steps; a step takes many additions.
    private const long MaxRate = 1_000_000_000_000;

    // Less than one step a week.
    private const double MinRate = 1e-6;

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        var command = new CommandWithExample(
            "bench",
            "Measures the steps of one stream: latency percentiles, throughput, bytes allocated. Exit code 1 if they break a limit.",
            "bench model.onnx --budget 20us --percentile 99.9")
        {
            model,
        };
        OptionTable<BenchSettings> table = Options(command);
        Option<string?> json = FileOption.CreateOutput("--json", "A file for everything that was measured.", ".json");
        Option<ActivationKind?> nonlinearity = ModelOptions.Nonlinearity();
        Option<HeadChoice?> head = ModelOptions.Head();
        command.Add(json);
        command.Add(nonlinearity);
        command.Add(head);
        command.SetAction(result =>
        {
            string modelFile = result.GetRequiredValue(model);
            string? path = result.GetValue(json);
            BenchSettings settings = table.Read(result);
            OutputFiles.ExpectSeparate(settings.Against is { } against ? [modelFile, against] : [modelFile], path is null ? [] : [path]);

            // No work for a validator, which would read values that other validators have yet to refuse.
            decimal needed = Latencies.Needed(settings.Percentile);
            if (settings.Budget is not null && settings.Steps < needed)
            {
                throw new WrongCommandLineException(
                    $"--steps is {settings.Steps}, expected at least {needed} for the percentile {settings.Percentile}.");
            }

            if (settings.SlowerThan is not null && !settings.Compares)
            {
                throw new WrongCommandLineException(
                    $"{SlowerThanOption.Name} has nothing to compare with, expected --against or --against-precision beside it.");
            }

            BenchModel Read(string path, WeightPrecision precision) =>
                BenchModel.Read(path, result.GetValue(nonlinearity), result.GetValue(head), precision, terminal);
            return Run(modelFile, Read, settings, path, terminal);
        });
        return command;
    }

    private static OptionTable<BenchSettings> Options(Command command)
    {
        var defaults = new BenchSettings();
        var table = new OptionTable<BenchSettings>(command);
        table.Add(ModelOptions.Precision(), (s, value) => s with { Precision = value });
        table.Add(
            BudgetOption.Create("The time that the percentile may take: 800ns, 20us, 1.5ms.", "20us", "ns", "us", "ms", "s", "min", "h"),
            (s, value) => s with { Budget = value });
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
                $"a number from {Display.Fixed(MinRate, 6)} to {Amount.Of(MaxRate)}",
                value => value is >= MinRate and <= MaxRate),
            (s, value) => s with { Rate = value });
        table.Add(
            NumberOption.Create<decimal>(
                "--steps",
                "Measured steps; by default as many as take about two seconds, or more if the percentile needs more.",
                "N",
                $"a whole number from 1 to {Amount.Of(BenchRun.MaxSteps)}",
                value => value is >= 1 and <= BenchRun.MaxSteps && decimal.IsInteger(value)),
            (s, value) => s with { Steps = (int)value });
        table.Add(
            FileOption.Create("--against", "Another model with as many inputs. Steps of both are timed in turn."),
            (s, value) => s with { Against = value });
        table.Add(
            ModelOptions.Precision(
                "--against-precision",
                "The precision of the other model; without --against, another precision of the same model to compare with."),
            (s, value) => s with { AgainstPrecision = value });
        table.Add(SlowerThanOption.Create(), (s, value) => s with { SlowerThan = value });
        return table;
    }

    private static int Run(
        string modelFile, Func<string, WeightPrecision, BenchModel> read, BenchSettings settings, string? path, Terminal terminal)
    {
        BenchModel model = read(modelFile, settings.Precision);
        BenchModel? other = Other(model, read, settings);
        if (path is not null)
        {
            OutputFiles.ExpectWritable(path);
        }

        PackedNetwork network = Pack(model, terminal);
        if (other is not null && settings.Against is not null)
        {
            _ = Pack(other, terminal);
        }

        BenchReport report = BenchRun.Run(model.Name, network, settings);
        if (other is not null)
        {
            report = report with { Against = BenchRun.InTurn(model, other, settings.SlowerThan) };
        }

        BenchText.Write(report, terminal);
        if (path is not null)
        {
            AtomicFiles.Write(path, JsonSerializer.SerializeToUtf8Bytes(report, BenchJson.Default.BenchReport));
        }

        if (report.Problem is { } problem)
        {
            terminal.WriteError(problem);
            return ExitCode.Failure;
        }

        return ExitCode.Success;
    }

    private static PackedNetwork Pack(BenchModel model, Terminal terminal)
    {
        PackedNetwork network = model.Pack();
        if (network.Warning is { } warning)
        {
            terminal.WriteError($"warning: {model.Name}: {warning}");
        }

        return network;
    }

    // Another model in the precision of the model, or the model in another precision, or both.
    private static BenchModel? Other(BenchModel model, Func<string, WeightPrecision, BenchModel> read, BenchSettings settings)
    {
        if (!settings.Compares)
        {
            return null;
        }

        WeightPrecision precision = settings.AgainstPrecision ?? settings.Precision;
        BenchModel other = settings.Against is { } path
            ? read(path, precision)
            : model with { Precision = precision };
        return other.Spec.InputSize == model.Spec.InputSize
            ? other
            : throw new ModelFormatException(
                other.Name,
                $"a step has {Amount.Of(other.Spec.InputSize, "input")}, expected {model.Spec.InputSize} as in {model.Name}.");
    }
}
