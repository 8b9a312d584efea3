using System.CommandLine;
using System.Diagnostics;
using System.Text;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Generate;

/// <summary>Command generate: text that a model of the next symbol writes, as it is drawn.</summary>
internal static class GenerateCommand
{
    // Text that nobody watches is written in pieces.
    private const int Piece = 4096;
    private static readonly TimeSpan _wait = TimeSpan.FromMilliseconds(50);

    public static Command Create(Terminal terminal)
    {
        var usual = new GenerationOptions();
        Argument<string> model = FileOption.CreateArgument("MODEL", "A model of the next symbol, of train DATA --task next.");
        Option<string> prime = new("--prime") { Description = "Text that comes before, as if it had been written.", HelpName = "TEXT" };
        Option<long> length = NumberOption.Whole("--length", $"Most symbols of a text; {usual.Length} is the default.", 1, 100_000_000);
        Option<double> temperature = NumberOption.Create<double>(
            "--temperature",
            "How bold draws are: 1, the default, as the model says; less, likelier symbols; more, rarer ones; 0, the likeliest.",
            "T",
            "a number, 0 or more",
            double.IsFinite);
        Option<long> topCount = NumberOption.Whole("--top-k", "Draws from the K likeliest symbols alone.", 1, int.MaxValue);
        Option<double> topProbability = NumberOption.Create<double>(
            "--top-p",
            "Draws from the likeliest symbols that together have the probability P.",
            "P",
            "a number above 0 and at most 1",
            value => value is > 0 and <= 1);
        Option<string?> stop = new("--stop")
        {
            Description = $"A symbol that ends a text once it is written; {SequenceTask.EndText} is the end of a line.",
            HelpName = "SYMBOL",
        };
        Option<ulong> seed = NumberOption.Seed();
        Option<long> count = NumberOption.Whole("--count", "How many texts, each from its own seed; 1 is the default.", 1, 1_000_000);
        Option<bool> json = new("--json") { Description = "Writes an object of JSON for each text." };
        var command = new CommandWithExample(
            "generate",
            "Writes text as a model of the next symbol would go on.",
            "generate book.safetensors --prime \"In the\" --temperature 0.8")
        {
            model, prime, length, temperature, topCount, topProbability, stop, seed, count, json,
        };
        command.SetAction(result =>
        {
            var trained = SequenceModel.Load(result.GetValue(model)!);
            if (trained.Task.Kind != TaskKind.Next)
            {
                throw new ModelFormatException(
                    result.GetValue(model)!, $"the model was trained for the task {trained.Task.Kind}, expected Next, the next symbol.");
            }

            if (result.GetResult(topCount) is not null && result.GetValue(topCount) > trained.Task.Labels.Count)
            {
                throw new WrongCommandLineException(
                    $"--top-k is {result.GetValue(topCount)}, expected at most {trained.Task.Labels.Count}, the symbols of the model.");
            }

            var options = new GenerationOptions
            {
                Prime = result.GetValue(prime) ?? usual.Prime,
                Length = result.GetResult(length) is null ? usual.Length : (int)result.GetValue(length),
                Stop = result.GetValue(stop),
                Sampler = new SymbolSampler
                {
                    Temperature = result.GetResult(temperature) is null ? 1 : result.GetValue(temperature),
                    TopCount = result.GetResult(topCount) is null ? int.MaxValue : (int)result.GetValue(topCount),
                    TopProbability = result.GetResult(topProbability) is null ? 1 : result.GetValue(topProbability),
                },
            };
            if (trained.Task.Alphabet is { HasUnknown: true } alphabet
                && alphabet.Encode(options.Prime).Contains(alphabet.Symbols.Count))
            {
                terminal.WriteProgress($"--prime has what the model does not know, which it reads as {SequenceTask.UnknownText}.");
            }

            ulong first = result.GetValue(seed);
            long texts = result.GetResult(count) is null ? 1 : result.GetValue(count);
            for (long i = 0; i < texts; i++)
            {
                Write(trained, options with { Seed = first + (ulong)i }, result.GetValue(json), terminal);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Write(SequenceModel model, GenerationOptions options, bool asJson, Terminal terminal)
    {
        IEnumerable<string> symbols;
        try
        {
            symbols = model.Generate(options);
        }
        catch (ArgumentException e)
        {
            throw new WrongCommandLineException(Display.Sentence(e)
                .Replace("In the prime", "In --prime", StringComparison.Ordinal)
                .Replace("The stop symbol", "--stop", StringComparison.Ordinal));
        }

        if (asJson)
        {
            terminal.Output.WriteLine(Json(options, string.Concat(symbols)));
            return;
        }

        var piece = new StringBuilder(options.Prime);
        long written = Stopwatch.GetTimestamp();
        bool endsLine = false;
        foreach (string symbol in symbols)
        {
            piece.Append(symbol);
            endsLine = symbol == "\n";
            if (terminal.IsInteractive || piece.Length >= Piece || Stopwatch.GetElapsedTime(written) > _wait)
            {
                terminal.Output.Write(piece);
                piece.Clear();
                written = Stopwatch.GetTimestamp();
            }
        }

        terminal.Output.Write(endsLine ? piece : piece.Append(Environment.NewLine));
    }

    private static string Json(GenerationOptions options, string text) => JsonLine.Of(json =>
    {
        json.WriteNumber("seed", options.Seed);
        json.WriteString("prime", options.Prime);
        json.WriteString("text", text);
    });
}
