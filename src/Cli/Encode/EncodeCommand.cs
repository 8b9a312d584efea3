using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Npy;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Encode;

/// <summary>Command encode: each sequence as a vector, in the order of the input, in memory that does not grow with it.</summary>
internal static class EncodeCommand
{
    // Sequences that are computed and written at a time: so many, or fewer that are long.
    private const int Block = 2048;
    private const long MostCharacters = 1 << 22;
    private const int WriterBuffer = 1 << 16;

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = FileOption.CreateArgument("MODEL", "A model that train DATA made.");
        Argument<string> data = SequenceSource.CreateFile("DATA");
        Option<string?> output = FileOption.Create(
            "--output",
            "Where the vectors go: a .npy, an array [N, size]; a .csv with identifiers, or a .json or .jsonl with an object on each line; "
                + "by default CSV to the output.",
            path => FileEnding.Of(path) is ".npy" or ".csv" or ".json" or ".jsonl"
                ? null
                : $"--output is '{path}', expected a name that ends in .npy, .csv, .json or .jsonl.");
        Option<Pooling?> pooling = ChoiceOption.Create<Pooling?>(
            "--pool",
            "How the steps become a vector: final, the default, the state behind the last symbol and, in both directions, before the "
                + "first; or the mean or maximum of all steps.",
            ("final", null),
            ("mean", Pooling.Mean),
            ("max", Pooling.Maximum));
        Option<long> layer = NumberOption.Whole(
            "--layer", "The layer, as inspect numbers it; the last recurrent one is the default.", 0, int.MaxValue);
        Option<string?> sequence = SequenceSource.CreateColumn();
        Option<bool> json = new("--json") { Description = "Writes an object of JSON for each sequence." };
        var command = new CommandWithExample(
            "encode",
            "Writes each sequence as a vector, made by a layer of a trained network.",
            "encode dna.safetensors dna.csv --output vectors.npy")
        {
            model, data, output, json, pooling, layer, sequence,
        };
        command.SetAction(result =>
        {
            var trained = SequenceModel.Load(result.GetValue(model)!);
            SequenceEncoder encoder;
            try
            {
                int? chosen = result.GetResult(layer) is null ? null : (int)result.GetValue(layer);
                encoder = new SequenceEncoder(trained, chosen, result.GetValue(pooling));
            }
            catch (ArgumentException e)
            {
                throw new WrongCommandLineException(Display.Sentence(e).Replace("'layer'", "--layer", StringComparison.Ordinal));
            }

            string? path = result.GetValue(output);
            string ending = path is null ? string.Empty : FileEnding.Of(path);
            bool asArray = ending == ".npy";
            bool asJson = result.GetValue(json) || ending is ".json" or ".jsonl";
            if (result.GetValue(json) && ending is ".npy" or ".csv")
            {
                throw new WrongCommandLineException($"--json is given, and --output is '{path}', expected .json or .jsonl.");
            }

            string? file = result.GetValue(data);
            (string name, IEnumerable<SequenceRecord> records) =
                SequenceSource.Read(trained.Task, file, result.GetValue(sequence), keepsEmpty: false, terminal);
            if (path is null)
            {
                Write(encoder, name, records, new VectorText(terminal.Output, encoder.Size, asJson).Write);
                return ExitCode.Success;
            }

            OutputFiles.ExpectSeparate(file is null ? [result.GetValue(model)!] : [result.GetValue(model)!, file], [path]);
            using var files = new AtomicFiles();
            using var cleanup = new SignalCleanup(files.Dispose);
            Stream stream = files.Create(path);
            long count;
            if (asArray)
            {
                var rows = new NpyRows(stream, encoder.Size);
                count = Write(encoder, name, records, (_, vectors) => rows.Add(vectors));
                rows.Complete();
            }
            else
            {
                using var writer = new StreamWriter(stream, bufferSize: WriterBuffer, leaveOpen: true);
                count = Write(encoder, name, records, new VectorText(writer, encoder.Size, asJson).Write);
            }

            files.Commit();
            terminal.Output.WriteLine($"{path}: {Amount.Of(count, "vector")} of {Amount.Of(encoder.Size, "number")}");
            return ExitCode.Success;
        });
        return command;
    }

    // Encodes and writes block by block.
    private static long Write(
        SequenceEncoder encoder, string name, IEnumerable<SequenceRecord> records, Action<IReadOnlyList<SequenceRecord>, float[]> write)
    {
        long count = 0;
        foreach (List<SequenceRecord> block in Blocks(records))
        {
            float[] vectors = new float[block.Count * encoder.Size];
            encoder.Encode(block, name, vectors);
            write(block, vectors);
            count += block.Count;
        }

        return count;
    }

    private static IEnumerable<List<SequenceRecord>> Blocks(IEnumerable<SequenceRecord> records)
    {
        List<SequenceRecord> block = [];
        long characters = 0;
        foreach (SequenceRecord record in records)
        {
            block.Add(record);
            characters += record.Sequence.Length;
            if (block.Count == Block || characters >= MostCharacters)
            {
                yield return block;
                block = [];
                characters = 0;
            }
        }

        if (block.Count > 0)
        {
            yield return block;
        }
    }
}
