using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SpanRnn.Cli;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Commands train DATA, evaluate and predict: files of sequences in, models and predictions out.</summary>
public class SequenceCommandsTests
{
    private const string Small = "--hidden 6 --epochs 3";

    [Fact]
    public void A_table_alone_is_enough_and_what_was_chosen_is_said()
    {
        using CliFolder folder = Ready();
        (int code, string output, string error) = folder.Run("train", "{d.csv}", "--epochs", "2");

        Assert.Equal(ExitCode.Success, code);
        Assert.Contains(
            "d.csv: 80 rows of a table with commas; sequences in 'sequence', labels in 'label'.", error, StringComparison.Ordinal);
        Assert.Contains("task: classify into 2 classes; 4 characters (ACGT)\n", error, StringComparison.Ordinal);
        Assert.Contains("network: one-hot symbols, GRU of 64 in both directions, maximum, dense 2, ", error, StringComparison.Ordinal);
        Assert.Contains(
            "training: 72 sequences, 8 to validate with, patience 20; at most 2 epochs of 9 steps, batch 8",
            error,
            StringComparison.Ordinal);
        Assert.Matches(
            "epoch 1: loss 0\\.[0-9]+, validation 0\\.[0-9]+ \\(best\\), gradient norm [0-9.]+, [0-9,.]+ sequences/s, at most ", error);
        Assert.Matches("\n  network +[0-9.]+ % +", output);
        Assert.Matches("\n  5-gram +[0-9.]+ % +", output);
        Assert.EndsWith($"model: {folder.File("d.safetensors")}\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output + error);
        Assert.Contains("d.safetensors", folder.Names());
    }

    [Theory]
    [InlineData(
        "d.csv", "--task classify --readout attention --cell lstm --layers 2 --embedding 3 --dropout 0.1", "ACGT",
        "^(yes|no)\t0\\.[0-9]{4}$")]
    [InlineData("d.csv", "--cell gru-before", "ACGTT", "^(yes|no)\t0\\.[0-9]{4}$")]
    [InlineData("d.csv", "--at 5", "ACGTT", "^(yes|no)\t0\\.[0-9]{4}$")]
    [InlineData("d.csv", "--task last --label label", "ACG", "^[ACGT]\t0\\.[0-9]{4}$")]
    [InlineData("d.csv", "--task next", "ACG", "^([ACGT]|<end>)(\t[01]\\.[0-9]{4}(\t([ACGT]|<end>))?){5}$")]
    [InlineData("t.txt", "--tokens word", "the cat", "^(a|cat|dog|the|<end>|<unknown>)(\t[01]\\.[0-9]{4}(\t.*)?){5}$")]
    [InlineData("g.csv", "--task tag --bidirectional", "ACG", "^[xG]{3}\t0\\.[0-9]{4} 0\\.[0-9]{4} 0\\.[0-9]{4}$")]
    [InlineData("n.csv", "--task regress", "0.5:1 0.25:0", "^-?[0-9.]+(E-[0-9]+)?$")]
    [InlineData("w.csv", "--tokens word --unknown error", "one two", "^(x|y)\t[01]\\.[0-9]{4}$")]
    public void Every_task_trains_evaluates_and_predicts(string data, string options, string line, string expected)
    {
        using CliFolder folder = Ready();
        (int code, _, string error) = folder.Run([.. $"train {{{data}}} {Small} --output {{m.safetensors}} {options}".Split(' ')]);
        Assert.True(code == ExitCode.Success, error);

        (code, string table, error) = folder.Run("evaluate", "{m.safetensors}", $"{{{data}}}", "--training", $"{{{data}}}");
        Assert.True(code == ExitCode.Success, error);
        Assert.Matches("\n  network +[0-9.]+( %)? +[0-9.]+ to [0-9.]+", table);

        (code, string output, error) = Piped(folder, line + "\n", "predict", "{m.safetensors}");
        Assert.True(code == ExitCode.Success, error);
        Assert.Matches(expected, output.TrimEnd());
        Assert.Equal("", error);
    }

    [Fact]
    public void Predict_writes_a_line_for_each_line_and_names_the_wrong_ones()
    {
        using CliFolder folder = Trained();
        (int code, string output, string error) = Piped(folder, "ACGT\r\nACX\n\nggg\rA", "predict", "{m.safetensors}", "--top", "2");

        string[] lines = output.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.All([lines[0], lines[3], lines[4]], line => Assert.Matches("^(yes|no)\t0\\.[0-9]{4}\t(yes|no)\t0\\.[0-9]{4}$", line));
        Assert.Equal(["", "", ""], [lines[1], lines[2], lines[5]]);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Equal(
            [
                "spanrnn: 'the standard input', line 2: The character 'X' at position 3 is not in the alphabet, expected one of ACGT.",
                "spanrnn: 'the standard input', line 3: The sequence has 0 symbols, expected 1 or more.",
            ],
            error.ReplaceLineEndings("\n").TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("p.csv", "sequence\nACGT\n\"GG\nG\"\n")]
    [InlineData("p.fa", ">x\nAC\nGT\n>y\nggg\n")]
    [InlineData("p", ">x\nAC\nGT\n>y\nggg\n")]
    [InlineData("p.txt", "ACGT\nggg")]
    public void Predict_reads_files_of_every_kind(string name, string content)
    {
        using CliFolder folder = Trained();
        folder.Write(name, Encoding.UTF8.GetBytes(content.Replace("GG\nG", "GGG", StringComparison.Ordinal)));
        (_, string piped, _) = Piped(folder, "ACGT\nGGG\n", "predict", "{m.safetensors}");

        Assert.Equal(piped, folder.Succeed("predict", "{m.safetensors}", $"{{{name}}}"));
    }

    [Fact]
    public void Predict_writes_json()
    {
        using CliFolder folder = Trained();
        (_, string output, _) = Piped(folder, "ACGT\nX\n", "predict", "{m.safetensors}", "--json", "--top", "2");
        string[] lines = output.TrimEnd().Split('\n');

        using var good = JsonDocument.Parse(lines[0]);
        Assert.Equal(1, good.RootElement.GetProperty("line").GetInt32());
        Assert.Equal(
            good.RootElement.GetProperty("label").GetString(), good.RootElement.GetProperty("top")[0].GetProperty("label").GetString());
        Assert.Equal(2, good.RootElement.GetProperty("top").GetArrayLength());
        using var bad = JsonDocument.Parse(lines[1]);
        Assert.Equal(2, bad.RootElement.GetProperty("line").GetInt32());
        Assert.StartsWith("The character 'X' at position 1", bad.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A line is answered before the next one comes.</summary>
    [Fact]
    public async Task Predict_answers_at_once()
    {
        using CliFolder folder = Trained();
        using var input = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var output = new BlockingWriter();
        string[] line = ["predict", folder.File("m.safetensors")];
        Task<int> run = Task.Run(() => Application.Run(
            line,
            output,
            TextWriter.Null,
            () => new System.IO.Pipes.AnonymousPipeClientStream(System.IO.Pipes.PipeDirection.In, input.GetClientHandleAsString())));
        for (int i = 0; i < 3; i++)
        {
            input.Write("ACGT\n"u8);
            input.Flush();
            Assert.Matches("^(yes|no)\t", output.Take());
        }

        input.Dispose();
        Assert.Equal(ExitCode.Success, await run);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_lines_that_never_end_are_refused()
    {
        using CliFolder folder = Trained();
        (int code, _, string error) = Piped(folder, [.. "ACGT\nA"u8, 0xFF, .. "\n"u8], "predict", "{m.safetensors}");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("the standard input: line 2 has the byte 0xFF that is not UTF-8", error, StringComparison.Ordinal);

        (code, _, error) = Piped(folder, new string('A', SequenceFile.LongestLine + 1), "predict", "{m.safetensors}");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("line 1 has 1000001 characters, expected at most 1000000.", error, StringComparison.Ordinal);

        (code, string output, _) = Piped(
            folder, Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("ACGT\n")).ToArray(), "predict", "{m.safetensors}");
        Assert.Equal(ExitCode.Success, code);
        Assert.Matches("^(yes|no)\t", output);
    }

    [Fact]
    public void Evaluate_tells_classes_and_how_they_are_confused()
    {
        using CliFolder folder = Trained();
        (_, string output, _) = folder.Run("evaluate", "{m.safetensors}", "{d.csv}");

        foreach (string expected in new[]
        {
            "model ", "majority ", "5-gram ", "sequences ", "AUC ", "calibration error ", "class ", "precision ", "recall ",
            "label \\ predicted ",
        })
        {
            Assert.Contains($"  {expected}", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Folds_and_seeds_give_a_mean_and_a_spread()
    {
        using CliFolder folder = Ready();
        string[] before = folder.Names();
        (int code, string folds, string error) = folder.Run([.. $"train {{d.csv}} {Small} --folds 4 --seeds 2".Split(' ')]);
        Assert.True(code == ExitCode.Success, error);
        Assert.Matches("\n  network +[0-9.]+ % +[0-9.]+ points +[0-9.]+ % +[0-9.]+ %", folds);
        Assert.Equal(8, error.Split('\n').Count(line => line.Contains(" of 8: seed ", StringComparison.Ordinal)));
        Assert.Equal(before, folder.Names());
        Assert.Equal(folds, folder.Run([.. $"train {{d.csv}} {Small} --folds 4 --seeds 2 --threads 2".Split(' ')]).Output);

        (_, string seeds, error) = folder.Run([.. $"train {{d.csv}} {Small} --seeds 3 --output {{m.safetensors}}".Split(' ')]);
        Assert.Matches("\n  network +[0-9.]+ % +[0-9.]+ points +[0-9.]+ % +[0-9.]+ %", seeds);
        Assert.Matches("seed 2: accuracy [0-9.]+ %", error);

        // The best of the three.
        double[] losses = [.. Enumerable.Range(0, 3).Select(seed =>
        {
            folder.Run([.. $"train {{d.csv}} {Small} --seed {seed} --output {{s{seed}.safetensors}}".Split(' ')]);
            return SequenceModel.Load(folder.File($"s{seed}.safetensors")).ValidationLoss;
        })];
        Assert.Equal(losses.Min(), SequenceModel.Load(folder.File("m.safetensors")).ValidationLoss);
    }

    [Fact]
    public void A_checkpoint_goes_on_to_the_same_model()
    {
        using CliFolder folder = Ready();
        string Line(int patience, string output, string more) =>
            $"train {{d.csv}} --hidden 6 --epochs 6 --patience {patience} --output {{{output}}} {more}".TrimEnd();

        folder.Run([.. Line(9, "whole.safetensors", "").Split(' ')]);

        // Patience is no part of the run, so that one ends it before the other does.
        folder.Run([.. $"train {{d.csv}} --hidden 6 --epochs 6 --output {{m.safetensors}} --checkpoint {{c}} --patience 1".Split(' ')]);
        (int code, _, string error) = folder.Run([.. Line(9, "m.safetensors", "--checkpoint {c} --resume").Split(' ')]);

        Assert.True(code == ExitCode.Success, error);
        Assert.Equal(File.ReadAllBytes(folder.File("whole.safetensors")), File.ReadAllBytes(folder.File("m.safetensors")));
        File.Delete(folder.File("m.safetensors"));
        Assert.Contains(
            "c: the best model is missing, expected one of 1 to 7: it is saved before the checkpoint.",
            folder.Fail(1, [.. Line(9, "m.safetensors", "--checkpoint {c} --resume").Split(' ')]),
            StringComparison.Ordinal);

        // Other sequences are another run, also if there are as many.
        File.Copy(folder.File("whole.safetensors"), folder.File("m.safetensors"));
        File.WriteAllText(folder.File("d.csv"), File.ReadAllText(folder.File("d.csv")).Replace("A", "G", StringComparison.Ordinal));
        Assert.Contains(
            "c: the best model is of a run on other sequences",
            folder.Fail(1, [.. Line(9, "m.safetensors", "--checkpoint {c} --resume").Split(' ')]),
            StringComparison.Ordinal);
    }

    /// <summary>
    /// A run that is killed, and one that a signal stops, lose no more than the epoch that goes on. The rate is constant, since a cosine
    /// depends on the number of epochs, and here the run decides how many there are.
    /// </summary>
    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public void A_run_that_ends_at_any_moment_goes_on(string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using CliFolder folder = Ready();
        string Line(string epochs, string output, string more) => "train {d.csv} --hidden 6 --patience 1000000000 --schedule constant "
            + $"--epochs {epochs} --output {{{output}}} {more}".TrimEnd();

        string[] line = [.. Line("1000000000", "m.safetensors", "--checkpoint {c}").Split(' ').Select(folder.Expand)];
        using (Process process = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(Application).Assembly.Location, .. line]) { RedirectStandardError = true })!)
        {
            _ = process.StandardError.ReadToEndAsync();
            var waited = Stopwatch.StartNew();
            while (!File.Exists(folder.File("c")) || TrainingCheckpoint.Load(folder.File("c")).Steps == 0)
            {
                Assert.False(process.HasExited, "The run ended by itself.");
                Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "There is no checkpoint.");
                Thread.Sleep(20);
            }

            Assert.Equal(0, Command.Run(folder.File(""), 10, "kill", "-" + signal, $"{process.Id}").ExitCode);
            process.WaitForExit();
            Assert.Equal(signal == "TERM" ? ExitCode.Interrupted : 128 + 9, process.ExitCode);
        }

        // The number of whole epochs, and two more.
        long steps = TrainingCheckpoint.Load(folder.File("c")).Steps;
        string epochs = ((steps / 9) + 2).ToString(CultureInfo.InvariantCulture);
        Assert.Equal(0, steps % 9);
        (int code, _, string error) = folder.Run([.. Line(epochs, "m.safetensors", "--checkpoint {c} --resume").Split(' ')]);
        Assert.True(code == ExitCode.Success, error);
        folder.Run([.. Line(epochs, "whole.safetensors", "").Split(' ')]);
        Assert.Equal(File.ReadAllBytes(folder.File("whole.safetensors")), File.ReadAllBytes(folder.File("m.safetensors")));
    }

    [Fact]
    public void A_model_is_where_another_run_starts()
    {
        using CliFolder folder = Trained();
        (int code, _, string error) = folder.Run(
            [.. "train {d.csv} --from {m.safetensors} --epochs 1 --rate 0 --output {n.safetensors}".Split(' ')]);

        Assert.True(code == ExitCode.Success, error);
        Assert.Equal(
            SequenceModel.Load(folder.File("m.safetensors")).Parameters.ToArray(),
            SequenceModel.Load(folder.File("n.safetensors")).Parameters.ToArray());
    }

    [Theory]
    [InlineData(
        "train {d.csv} --input {x} --epochs 1", "DATA and --input are given, expected one of them; a model to go on from is --from MODEL")]
    [InlineData("train {d.csv} --loss mse", "--loss is given with DATA, expected it only with arrays, --input and --target")]
    [InlineData("train {d.csv} --from {m} --hidden 3", "--hidden is given with --from, whose model has it, expected one of them")]
    [InlineData("train {d.csv} --readout mean --at 3", "--readout and --at are given, expected one of them")]
    [InlineData("train {d.csv} --folds 3 --output {o.safetensors}", "--folds and --output are given, expected one of them")]
    [InlineData("train {d.csv} --seeds 3 --checkpoint {c}", "--seeds and --checkpoint are given, expected one of them")]
    [InlineData("train {d.csv} --resume", "--checkpoint is missing, expected it with --resume")]
    [InlineData(
        "train {d.csv} --output {o.onnx}",
        "expected a name that ends in .safetensors, which keeps the task too; convert makes an .onnx of it.")]
    [InlineData("train {d.csv} --task sing", "--task is 'sing', expected classify or last or next or tag or regress.")]
    [InlineData("train {d.csv} --validation 1", "--validation is '1', expected a share, 0 or more and below 1, or a file.")]
    [InlineData("train {d.csv} --folds 1", "--folds is '1', expected a whole number from 2")]
    [InlineData("train {d.csv} --folds 81", "--folds is 81, expected 2 to 80, the number of rows.")]
    [InlineData(
        "train {d.csv} --task next --bidirectional", "expected false to predict the next symbol, which the other direction would see")]
    [InlineData(
        "train {d.csv} --task last --tokens number", "--tokens is Number with Last, expected characters or words: numbers are no symbols.")]
    [InlineData(
        "train --task last --input {x} --target {y} --loss mse", "--task is given without DATA, expected a file of sequences to train on")]
    [InlineData("train", "--input is missing, expected it for arrays, or DATA for a file of sequences")]
    [InlineData("predict {m} {t.txt} --sequence x", "--sequence is given, expected it only with a table.")]
    public void A_wrong_command_line_is_refused(string line, string expected)
    {
        using CliFolder folder = Ready();
        if (line.Contains("{m}", StringComparison.Ordinal))
        {
            folder.Run([.. $"train {{d.csv}} --task next {Small} --output {{m.safetensors}}".Split(' ')]);
            line = line.Replace("{m}", "{m.safetensors}", StringComparison.Ordinal);
        }

        (int code, string output, string error) = folder.Run([.. line.Split(' ')]);
        Assert.Equal((ExitCode.WrongCommandLine, ""), (code, output));
        Assert.Contains(expected, error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "bad.csv: the file is empty", "")]
    [InlineData("sequence\n", "bad.csv: line 1 is the last one and no sequence was found, expected at least one.", "")]
    [InlineData(
        "label,sequence\n1,ACGT\n1,GG\n", "bad.csv: line 3 is the last one and all labels are '1', expected two classes or more.", "")]
    [InlineData("label,sequence\n1,ACGT\n,GG\n", "bad.csv: line 3 has no label, expected one in 'label'.", "")]
    [InlineData("label,sequence\n1,ACGT\n0,\n", "bad.csv: line 3 has nothing in 'sequence', expected a sequence.", "")]
    [InlineData("label,sequence\n1,ACGT\n0,GG\n", "bad.csv: line 1 has no column 'lable'; the nearest name is 'label'.", "--label lable")]
    [InlineData("label,sequence\n1,ACGT\n0,GG,\n", "bad.csv: line 3 has 3 fields, expected 2 as in the first row.", "")]
    [InlineData("label,sequence\n1,\"ACGT\n0,GG\n", "bad.csv: line 2 opens a quote that is never closed, expected its end.", "")]
    [InlineData(
        "label,sequence\nhe,AC\nh,GG\n", "bad.csv: line 3 has 2 symbols and 1 labels, expected one label for each symbol.",
        "--task tag --validation 0")]
    [InlineData(
        "label,sequence\n1,AC\n0,G\n", "bad.csv: line 3 has one symbol, expected two or more, of which the last is predicted.",
        "--task last --validation 0")]
    [InlineData(
        "label,sequence\n1,AC\n0,GGG\n", "bad.csv: line 2 has 2 symbols, expected at least 3 for the position that is read.",
        "--at 3 --validation 0")]
    [InlineData("label,sequence\nx,AC\n0,GGG\n", "bad.csv: line 2 has the label 'x', expected a number.", "--task regress")]
    public void A_bad_file_is_refused_in_one_sentence(string content, string expected, string options)
    {
        using CliFolder folder = Ready();
        folder.Write("bad.csv", Encoding.UTF8.GetBytes(content));
        string[] before = folder.Names();
        (int code, string output, string error) = folder.Run([.. $"train {{bad.csv}} --epochs 1 {options}".TrimEnd().Split(' ')]);

        Assert.Equal((ExitCode.Failure, ""), (code, output));
        Assert.Equal(before, folder.Names());
        string[] lines = error.TrimEnd().Split('\n');
        Assert.Contains(expected, lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_writes_texts_that_depend_on_the_seed_alone()
    {
        using CliFolder folder = Ready();
        (int code, _, string error) = folder.Run([.. $"train {{t.txt}} {Small} --output {{m.safetensors}}".Split(' ')]);
        Assert.True(code == ExitCode.Success, error);
        string Written(string options) => folder.Succeed([.. $"generate {{m.safetensors}} {options}".TrimEnd().Split(' ')]);

        string text = Written("--length 50 --seed 3");
        Assert.Equal(51, text.ReplaceLineEndings("\n").Length);
        Assert.Equal(text, Written("--length 50 --seed 3"));
        Assert.Equal(Written("--length 50 --seed 3") + Written("--length 50 --seed 4"), Written("--length 50 --seed 3 --count 2"));
        Assert.StartsWith("the", Written("--prime the --length 5 --temperature 0"), StringComparison.Ordinal);
        Assert.Equal(Written("--length 9 --temperature 0"), Written("--length 9 --top-k 1"));
        Assert.Equal(Written("--length 9 --temperature 0"), Written("--length 9 --top-p 1e-9"));
        string[] objects = Written("--length 5 --count 2 --json --prime a").TrimEnd().Split('\n');
        using var second = JsonDocument.Parse(objects[1]);
        Assert.Equal((1, "a"), (second.RootElement.GetProperty("seed").GetInt32(), second.RootElement.GetProperty("prime").GetString()));
        Assert.Equal(5, second.RootElement.GetProperty("text").GetString()!.Length);
    }

    [Theory]
    [InlineData("--prime X", "In --prime, the character 'X' at position 1 is not in the alphabet")]
    [InlineData("--stop X", "--stop is 'X', expected one of the alphabet or <end>.")]
    [InlineData("--temperature -1", "--temperature is '-1', expected a number, 0 or more.")]
    [InlineData("--top-k 0", "--top-k is '0', expected a whole number from 1")]
    [InlineData("--top-k 99", "--top-k is 99, expected at most ")]
    [InlineData("--top-p 0", "--top-p is '0', expected a number above 0 and at most 1.")]
    [InlineData("--length 0", "--length is '0', expected a whole number")]
    public void Generate_refuses_wrong_choices(string options, string expected)
    {
        using CliFolder folder = Ready();
        folder.Run([.. $"train {{t.txt}} {Small} --output {{m.safetensors}}".Split(' ')]);
        Assert.Contains(
            expected, folder.Fail(2, [.. $"generate {{m.safetensors}} {options}".Split(' ')]), StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_writes_a_vector_for_each_sequence_in_order()
    {
        using CliFolder folder = Trained();
        SequenceRecord[] named = [new("one", "ACGT", null, 0), new("two, too", "GG", null, 0), new(null, "T", null, 0)];
        var writer = new StringWriter();
        SequenceTable.Write(writer, named);
        folder.Write("e.csv", Encoding.UTF8.GetBytes(writer.ToString()));
        var encoder = new SequenceEncoder(SequenceModel.Load(folder.File("m.safetensors")), pooling: Pooling.Mean);
        float[] vectors = new float[3 * encoder.Size];
        encoder.Encode(["ACGT", "GG", "T"], vectors);

        string table = folder.Succeed("encode", "{m.safetensors}", "{e.csv}", "--pool", "mean");
        string[] lines = table.TrimEnd().Split('\n');
        Assert.Equal("id," + string.Join(',', Enumerable.Range(0, 12).Select(i => $"v{i}")), lines[0]);
        Assert.StartsWith("one,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("\"two, too\",", lines[2], StringComparison.Ordinal);
        Assert.StartsWith(",", lines[3], StringComparison.Ordinal);
        Assert.Equal(vectors[..12], lines[1].Split(',')[1..].Select(value => float.Parse(value, CultureInfo.InvariantCulture)));
        Assert.StartsWith("line,v0", folder.Succeed("encode", "{m.safetensors}", "{d.csv}"), StringComparison.Ordinal);

        Assert.Contains(
            "v.npy: 3 vectors of 12 numbers",
            folder.Succeed("encode", "{m.safetensors}", "{e.csv}", "--pool", "mean", "--output", "{v.npy}"),
            StringComparison.Ordinal);
        Assert.Equal(vectors, folder.Read("v.npy").ToSingles("N", "F"));
        folder.Succeed("encode", "{m.safetensors}", "{e.csv}", "--pool", "mean", "--output", "{v.csv}");
        Assert.Equal(table, File.ReadAllText(folder.File("v.csv")));

        Assert.Contains(
            "--layer is 1, expected 0 to 0, the layers with one row per step.",
            folder.Fail(2, "encode", "{m.safetensors}", "{e.csv}", "--layer", "1"),
            StringComparison.Ordinal);
        Assert.Contains(
            "--output is '",
            folder.Fail(2, "encode", "{m.safetensors}", "{e.csv}", "--output", "{v.txt}"),
            StringComparison.Ordinal);
        folder.Succeed("encode", "{m.safetensors}", "{e.csv}", "--output", "{v.json}");
        Assert.StartsWith("{\"", File.ReadAllText(folder.File("v.json")), StringComparison.Ordinal);
        folder.Write("x.csv", "sequence\nACGT\nXX\n"u8.ToArray());
        Assert.Contains(
            "x.csv: line 3: the character 'X' at position 1 is not in the alphabet",
            folder.Fail(1, "encode", "{m.safetensors}", "{x.csv}"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s.txt", "", "{0}\n")]
    [InlineData("s.fa", "", ">r{1}\n{0}\n")]
    [InlineData("s.csv", "id,sequence\n", "r{1},{0}\n")]
    public void Encode_writes_the_same_whatever_the_form(string name, string first, string record)
    {
        // More than a block.
        const int Count = 2050;
        using CliFolder folder = Trained();
        string text = first + string.Concat(Enumerable.Range(0, Count).Select(i => string.Format(
            CultureInfo.InvariantCulture, record, new string("ACGT"[i % 4], 1 + (i % 7)) + "T", i)));
        folder.Write(name, Encoding.UTF8.GetBytes(text));
        string path = $"{{{name}}}";

        string table = folder.Succeed("encode", "{m.safetensors}", path);
        string[][] rows = [.. table.TrimEnd().Split('\n').Skip(1).Select(line => line.Split(','))];
        float[] vectors = [.. rows.SelectMany(row => row[1..]).Select(value => float.Parse(value, CultureInfo.InvariantCulture))];
        Assert.Equal(Count, rows.Length);
        bool isText = name == "s.txt";
        Assert.StartsWith(isText ? "line," : "id,", table, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => isText ? $"{i + 1}" : $"r{i}"), rows.Select(row => row[0]));

        folder.Succeed("encode", "{m.safetensors}", path, "--output", "{v.npy}");
        Assert.Equal([Count, 12], folder.Read("v.npy").Shape.ToArray());
        Assert.Equal(vectors, folder.Read("v.npy").ToSingles("N", "F"));
        Assert.Equal(
            NpyArray.From<float>([Count, 12], vectors).ToBytes(), File.ReadAllBytes(folder.File("v.npy")));

        folder.Succeed("encode", "{m.safetensors}", path, "--output", "{v.jsonl}", "--json");
        string[] objects = File.ReadAllLines(folder.File("v.jsonl"));
        Assert.Equal(Count, objects.Length);
        for (int i = 0; i < Count; i += 200)
        {
            using var json = JsonDocument.Parse(objects[i]);
            Assert.Equal(rows[i][1..], json.RootElement.GetProperty("vector").EnumerateArray().Select(value => value.GetRawText()));
            Assert.Equal(!isText, json.RootElement.TryGetProperty("id", out JsonElement id));
            Assert.Equal(rows[i][0], isText ? json.RootElement.GetProperty("line").GetRawText() : id.GetString());
        }

        if (name != "s.csv")
        {
            (int code, string piped, string error) = Piped(folder, text, "encode", "{m.safetensors}");
            Assert.Equal((ExitCode.Success, table, ""), (code, piped, error));
        }
    }

    [Theory]
    [InlineData("v.npy", "ACX\n", "the standard input: line 2001: the character 'X' at position 3 is not in the alphabet")]
    [InlineData("v.csv", "ACX\n", "the standard input: line 2001: the character 'X' at position 3 is not in the alphabet")]
    [InlineData("v.csv", "\u00e9\n", "the standard input: line 2001: the character '\u00c9' at position 1 is not in the alphabet")]
    [InlineData("v.csv", "\0\n", "the standard input: line 2001 has a character of value 0")]
    public void An_encoding_that_fails_leaves_the_old_file(string output, string bad, string expected)
    {
        using CliFolder folder = Trained();
        folder.Write(output, "old"u8.ToArray());
        string[] before = folder.Names();
        (int code, string written, string error) = Piped(
            folder,
            string.Concat(Enumerable.Repeat("ACGT\n", 2000)) + bad + "ACGT\n",
            "encode", "{m.safetensors}", "--output", $"{{{output}}}");

        Assert.Equal((ExitCode.Failure, ""), (code, written));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal("old", File.ReadAllText(folder.File(output)));
        Assert.Equal(before, folder.Names());
    }

    [Fact]
    public void Encode_refuses_what_contradicts()
    {
        using CliFolder folder = Trained();
        Assert.Contains(
            "--json is given, and --output is '",
            folder.Fail(2, "encode", "{m.safetensors}", "{d.csv}", "--json", "--output", "{v.npy}"),
            StringComparison.Ordinal);
        Assert.Contains(
            "--sequence is given, expected it only with a table.",
            folder.Fail(2, "encode", "{m.safetensors}", "{t.txt}", "--sequence", "x"),
            StringComparison.Ordinal);
        Assert.Contains(
            "d.csv' is read and would be overwritten",
            folder.Fail(1, "encode", "{m.safetensors}", "{d.csv}", "--output", "{d.csv}"),
            StringComparison.Ordinal);
        Assert.Contains(
            "the standard input: the file is empty, expected at least one sequence.",
            Piped(folder, "", "encode", "{m.safetensors}").Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--length 20", 20)]
    [InlineData("{d.csv}", 40)]
    [InlineData("{r.csv}", 0)]
    public void Forget_shows_how_far_back_each_cell_learns_from(string data, int steps)
    {
        using CliFolder folder = Ready();
        var writer = new StringWriter();
        SequenceTable.Write(writer, MadeSequences.EmbeddedReber(40, 1));
        folder.Write("r.csv", Encoding.UTF8.GetBytes(writer.ToString()));
        string[] line = ["forget", .. data.Split(' '), "--hidden", "4", "--epochs", "1"];
        (int code, string output, string error) = folder.Run(line);
        Assert.True(code == ExitCode.Success, error);
        foreach (string network in new[] { "Elman", "LSTM", "GRU", "LSTM, to remember", "GRU, to remember" })
        {
            Assert.Matches($"\n{network}: before training the gradient (vanishes|fades|stays|grows): the first input has ", output);
        }

        Assert.Matches("\n  before training +Elman +LSTM +GRU +LSTM +GRU", output);
        Assert.Matches("\n  trained +Elman +LSTM +GRU +LSTM +GRU", output);
        Assert.Contains("network: ", error, StringComparison.Ordinal);

        using var json = JsonDocument.Parse(folder.Run([.. line, "--json"]).Output);
        JsonElement networks = json.RootElement.GetProperty("networks");
        Assert.Equal(5, networks.GetArrayLength());
        int found = networks[0].GetProperty("before").GetArrayLength();
        Assert.True(steps == 0 ? found > 5 : found <= steps && found > steps - 5, $"{found} steps");
        Assert.Equal(found, networks[4].GetProperty("after").GetArrayLength());
    }

    [Fact]
    public void Forget_takes_a_length_or_data()
    {
        using CliFolder folder = Ready();
        Assert.Contains(
            "--length is given with DATA, expected it only for the adding problem.",
            folder.Fail(2, "forget", "{d.csv}", "--length", "9"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_not_written_over_and_models_of_other_tasks_are_named()
    {
        using CliFolder folder = Trained();
        Assert.Contains(
            "m.safetensors' exists, expected another name for the model: --output FILE.",
            folder.Fail(1, [.. "train {d.csv} --output {m.safetensors}".Split(' ')]),
            StringComparison.Ordinal);
        Assert.Contains(
            "m.safetensors: the model was trained to classify, expected one of the next symbol.",
            folder.Run([.. "evaluate {m.safetensors} {d.csv} --answer-after =".Split(' ')]).Error,
            StringComparison.Ordinal);
        folder.WriteModel(
            "old.safetensors", new NetworkSpec(4, new RecurrentLayer(CellKind.Lstm, 2), new FinalStateLayer(), new DenseLayer(2)));
        const string Without =
            "the network comes without a task, such as its alphabet and labels; expected a model that was trained on a file";
        Assert.Contains(Without, folder.Fail(1, "predict", "{old.safetensors}", "{t.txt}"), StringComparison.Ordinal);
        Assert.Contains(Without, folder.Fail(1, "evaluate", "{old.safetensors}", "{d.csv}"), StringComparison.Ordinal);
        Assert.Contains("none' does not exist, expected a file of sequences.", folder.Fail(1, "train", "{none}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{d.csv} --task next", 2, "--task is next or tag, expected one with one answer for each sequence.")]
    [InlineData("{d.csv} --label nothing", 1, "line 1 has no column 'nothing'")]
    [InlineData("{d.csv} --remember 1", 2, "--remember is '1', expected a whole number from 2")]
    public void Forget_takes_tasks_and_columns_as_train_does(string options, int code, string expected)
    {
        using CliFolder folder = Ready();
        Assert.Contains(
            expected, folder.Fail(code, [.. $"forget {options} --hidden 2 --epochs 1".Split(' ')]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_model_does_not_know_of_a_prime_is_said()
    {
        using CliFolder folder = Ready();
        (int code, _, string error) = folder.Run([.. $"train {{t.txt}} --tokens word {Small} --output {{m.safetensors}}".Split(' ')]);
        Assert.True(code == ExitCode.Success, error);

        (code, string output, error) = folder.Run("generate", "{m.safetensors}", "--prime", "the castle", "--length", "3");
        Assert.Equal(ExitCode.Success, code);
        Assert.Equal("--prime has what the model does not know, which it reads as <unknown>.", error.TrimEnd());
        Assert.StartsWith("the castle", output, StringComparison.Ordinal);
        Assert.Equal("", folder.Run("generate", "{m.safetensors}", "--prime", "the cat", "--length", "3").Error);
    }

    /// <summary>A text that ends with the end of a line needs no other one.</summary>
    [Fact]
    public void Texts_that_stop_at_the_end_of_a_line_are_a_line_each()
    {
        using CliFolder folder = Ready();
        folder.Run([.. $"train {{t.txt}} {Small} --output {{m.safetensors}}".Split(' ')]);
        string[] line = [.. "generate {m.safetensors} --prime the --count 4 --stop <end> --length 10000".Split(' ')];
        string text = folder.Succeed(line).ReplaceLineEndings("\n");

        Assert.Equal(4, text.Split('\n').Length - 1);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("the", line, StringComparison.Ordinal));
    }

    /// <summary>Whoever reads one line of an endless text ends the program, without a word.</summary>
    [LinuxFact]
    public void A_reader_that_has_gone_ends_the_program()
    {
        using CliFolder folder = Ready();
        folder.Run([.. $"train {{t.txt}} {Small} --output {{m.safetensors}}".Split(' ')]);
        string program = Path.Combine(AppContext.BaseDirectory, "spanrnn.dll");
        string line = $"dotnet {program} generate {folder.File("m.safetensors")} --length 100000000 | head -c 5";
        (int code, string output) = Command.Run(folder.File(""), 60, "/bin/sh", "-c", line);

        Assert.Equal(0, code);
        Assert.Equal(5, output.Length);
    }

    private static (int Code, string Output, string Error) Piped(CliFolder folder, string input, params string[] arguments) =>
        Piped(folder, Encoding.UTF8.GetBytes(input), arguments);

    private static (int Code, string Output, string Error) Piped(CliFolder folder, byte[] input, params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Application.Run(
            [.. arguments.Select(argument => argument.StartsWith('{') ? folder.File(argument[1..^1]) : argument)],
            output,
            error,
            () => new MemoryStream(input));
        return (code, output.ToString(), error.ToString());
    }

    private static CliFolder Trained()
    {
        CliFolder folder = Ready();
        (int code, _, string error) = folder.Run([.. $"train {{d.csv}} {Small} --output {{m.safetensors}}".Split(' ')]);
        Assert.True(code == ExitCode.Success, error);
        return folder;
    }

    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        SequenceRecord[] counted = MadeSequences.AtLeast(80, 'G', 3, 1);
        Table("d.csv", counted);
        Table("g.csv", [.. counted.Select(record => record with
        {
            Label = record.Sequence.Replace('A', 'x').Replace('C', 'x').Replace('T', 'x'),
        })]);
        Table("n.csv", MadeSequences.AddingProblem(40, 6, 1));
        Table(
            "w.csv",
            [.. Enumerable.Range(0, 40)
                .Select(i => new SequenceRecord(null, i % 2 == 0 ? "one two" : "two one one", i % 2 == 0 ? "x" : "y", 0))]);
        folder.Write("t.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the cat\na dog\nthe dog a cat\n", 10)) + "once\n"));
        return folder;

        void Table(string name, SequenceRecord[] records)
        {
            var writer = new StringWriter();
            SequenceTable.Write(writer, records);
            folder.Write(name, Encoding.UTF8.GetBytes(writer.ToString()));
        }
    }

    /// <summary>Gives each written line to a reader that waits for it.</summary>
    private sealed class BlockingWriter : StringWriter
    {
        private readonly System.Collections.Concurrent.BlockingCollection<string> _lines = [];

        public override void WriteLine(string? value) => _lines.Add(value ?? "");

        public string Take() => _lines.TryTake(out string? line, TimeSpan.FromMinutes(1)) ? line : throw new TimeoutException();
    }
}
