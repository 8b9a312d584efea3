using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Encode;

/// <summary>Command encode: each sequence as a vector, a line each, in the order of the file.</summary>
internal static class EncodeCommand
{
    // Sequences that are computed and written at a time.
    private const int Block = 2048;

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = FileOption.CreateArgument("MODEL", "A model that train DATA made.");
        Argument<string> data = FileOption.CreateArgument("DATA", "The sequences: a table, FASTA or text.");
        Option<string?> output = FileOption.Create(
            "--output", "Where the vectors go: .npy for an array [N, size], else CSV with identifiers; by default CSV to the output.");
        Option<Pooling?> pooling = ChoiceOption.Create<Pooling?>(
            "--pool",
            "How the steps become a vector: final, the default, the state behind the last symbol and, in both directions, before the "
                + "first; or the mean or maximum of all steps.",
            ("final", null),
            ("mean", Pooling.Mean),
            ("max", Pooling.Maximum));
        Option<long> layer = NumberOption.Whole(
            "--layer", "The layer, as inspect numbers it; the last recurrent one is the default.", 0, int.MaxValue);
        Option<string?> sequence = new("--sequence") { Description = "The column of the sequences of a table.", HelpName = "COLUMN" };
        var command = new Command("encode", "Writes each sequence as a vector, made by a layer of a trained network.")
        {
            model, data, output, pooling, layer, sequence,
        };
        command.SetAction(result =>
        {
            var trained = SequenceModel.Load(result.GetValue(model)!);
            SequenceFile file = trained.Task.Load(
                result.GetValue(data)!, new SequenceFileOptions { SequenceColumn = result.GetValue(sequence) });
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
            if (path is null)
            {
                Write(terminal.Output, encoder, file);
                return ExitCode.Success;
            }

            OutputFiles.ExpectSeparate([result.GetValue(model)!, result.GetValue(data)!], [path]);
            OutputFiles.ExpectWritable(path);
            if (FileEnding.Of(path) == ".npy")
            {
                float[] all = new float[checked(file.Records.Count * encoder.Size)];
                foreach ((int start, float[] vectors) in Vectors(encoder, file))
                {
                    vectors.CopyTo(all, start * encoder.Size);
                }

                AtomicFiles.Write(path, NpyArray.From<float>([file.Records.Count, encoder.Size], all).ToBytes());
            }
            else
            {
                var text = new StringWriter();
                Write(text, encoder, file);
                AtomicFiles.Write(path, System.Text.Encoding.UTF8.GetBytes(text.ToString()));
            }

            terminal.Output.WriteLine(
                $"{path}: {Amount.Of(file.Records.Count, "vector")} of {Amount.Of(encoder.Size, "number")}");
            return ExitCode.Success;
        });
        return command;
    }

    // The first column is the identifier, or the line where there is none.
    private static void Write(TextWriter writer, SequenceEncoder encoder, SequenceFile file)
    {
        bool hasIdentifiers = file.Records.Any(record => record.Identifier is not null);
        foreach ((int start, float[] vectors) in Vectors(encoder, file))
        {
            var lines = new System.Text.StringBuilder();
            if (start == 0)
            {
                lines.Append(hasIdentifiers ? "id" : "line");
                lines.AppendJoin(string.Empty, Enumerable.Range(0, encoder.Size).Select(i => $",v{i}")).Append('\n');
            }

            for (int i = 0; i < vectors.Length / encoder.Size; i++)
            {
                SequenceRecord record = file.Records[start + i];
                lines.Append(hasIdentifiers ? Field(record.Identifier ?? string.Empty) : $"{record.Line}");
                foreach (float value in vectors.AsSpan(i * encoder.Size, encoder.Size))
                {
                    lines.Append(',').Append(System.Globalization.CultureInfo.InvariantCulture, $"{value}");
                }

                lines.Append('\n');
            }

            writer.Write(lines);
        }
    }

    private static IEnumerable<(int Start, float[] Vectors)> Vectors(SequenceEncoder encoder, SequenceFile file)
    {
        for (int start = 0; start < file.Records.Count; start += Block)
        {
            int count = Math.Min(Block, file.Records.Count - start);
            float[] vectors = new float[count * encoder.Size];
            encoder.Encode(file.Part([.. Enumerable.Range(start, count)]), vectors);
            yield return (start, vectors);
        }
    }

    private static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
