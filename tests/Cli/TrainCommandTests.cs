using System.Diagnostics;
using SpanRnn.Cli;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Onnx;

namespace SpanRnn.Tests;

public class TrainCommandTests
{
    /// <summary>Options that cover everything a run depends on: order, dropout, chunks, a schedule, clipping.</summary>
    private const string Symbols =
        "train --cell gru --hidden 6 --layers 2 --symbols 5 --embedding 3 --outputs 5 --input {s.npy} --input lengths={n.npy} "
        + "--target {s.npy} --loss softmax --optimizer rmsprop --momentum 0.5 --schedule cosine:60:0.0001 --warm-up 5 --clip-value 0.05 "
        + "--dropout 0.2 --recurrent-dropout 0.1 --batch 3 --shuffle --seed 7 --chunk 2 --horizon 4";

    private const string Numbers =
        "train --from {m} --head last_step --input {x.npy} --target {y.npy} --loss mse --clip-norm 0.5 --batch 4 --report 0";

    [Fact]
    public void It_trains_as_the_library_does()
    {
        using CliFolder folder = Ready();
        Assert.StartsWith(
            "7 steps; mean loss ",
            Succeed(
                folder,
                Numbers + " --steps 7 --optimiser adamw --rate 0.01 --weight-decay 0.1 --losses {l.csv} --output {o.safetensors}"),
            StringComparison.Ordinal);

        var layer = new RecurrentLayer(CellKind.Lstm, 4);
        var spec = new NetworkSpec(2, layer, new FinalStateLayer(), new DenseLayer(1));
        var optimizer = new Adam<float>(spec.Parameters.Length) { WeightDecay = 0.1, DecoupledWeightDecay = true };
        var options = new TrainerOptions(Loss.MeanSquaredError) { ClipNorm = 0.5, Schedule = LearningRateSchedule.Constant(0.01) };
        using var trainer = new Trainer<float>(spec, optimizer, options);
        ModelFile.Load(folder.File("m")).ReadParameters<float>().Span.CopyTo(trainer.Parameters);
        float[] x = folder.Read("x.npy").ToSingles("T", "B", "I"), y = folder.Read("y.npy").ToSingles("B");
        var data = new SequenceData<float>(spec, Loss.MeanSquaredError);
        for (int n = 0; n < 6; n++)
        {
            data.Add([.. Enumerable.Range(0, 5).SelectMany(t => x[(((t * 6) + n) * 2)..][..2])], y.AsSpan(n, 1));
        }

        var reader = new BatchReader<float>(data, 4);
        StepReport[] reports = [.. Enumerable.Range(0, 7).Select(_ => trainer.Step(reader.Next()))];

        RecurrentModel model = ModelFile.Load(folder.File("o.safetensors"));
        Assert.Equal(spec.Layers.ToArray(), model.Spec.Layers.ToArray());
        Assert.Equal(trainer.Parameters.ToArray(), model.ReadParameters<float>().Span.ToArray());
        string[] lines = File.ReadAllLines(folder.File("l.csv"));
        Assert.Equal("step,loss,gradient_norm,clipped,rate", lines[0]);
        Assert.Equal(
            reports.Select(r => FormattableString.Invariant($"{r.Step},{r.Loss},{r.GradientNorm},{r.ClippedFraction},{r.LearningRate}")),
            lines[1..]);
    }

    [Fact]
    public void Without_a_checkpoint_yet_resume_starts_the_run()
    {
        using CliFolder folder = Ready();
        Succeed(folder, Numbers + " --steps 3 --output {o.safetensors}");
        Succeed(folder, Numbers + " --steps 3 --output {o2.safetensors} --checkpoint {c} --resume");

        Same(folder, "o.safetensors", "o2.safetensors");
        Assert.Equal(3, TrainingCheckpoint.Load(folder.File("c")).Steps);
    }

    [Fact]
    public void A_run_that_was_killed_goes_on_with_the_same_bits()
    {
        using CliFolder folder = Ready();
        using (Process process = Start(folder, Symbols + " --steps 100000000 --every 7 --checkpoint {c} --losses {l.csv} --report 0"))
        {
            WaitForSteps(folder, process, 7);
            process.Kill();
            process.WaitForExit();
        }

        long steps = TrainingCheckpoint.Load(folder.File("c")).Steps + 9;
        string end = $" --steps {steps} --report 0";
        Succeed(folder, Symbols + end + " --every 7 --checkpoint {c} --losses {l.csv} --resume --threads 2 --output {o.safetensors}");
        Succeed(folder, Symbols + end + " --losses {whole.csv} --output {whole.safetensors}");

        Same(folder, "whole.safetensors", "o.safetensors");
        Same(folder, "whole.csv", "l.csv");
        Assert.Equal(steps, TrainingCheckpoint.Load(folder.File("c")).Steps);

        // Nothing is left to do.
        string said = Succeed(folder, Symbols + end + " --checkpoint {c} --resume");
        Assert.StartsWith($"{Amount.Of(steps)} steps; there was nothing left to do", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void A_signal_ends_the_run_with_a_checkpoint(string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using CliFolder folder = Ready();
        using Process process = Start(
            folder, Symbols + " --steps 100000000 --every 7 --checkpoint {c} --output {o.safetensors} --report 0");
        WaitForSteps(folder, process, 7);
        Signal(folder, process, signal);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        long steps = TrainingCheckpoint.Load(folder.File("c")).Steps;
        Assert.Equal(130, process.ExitCode);
        Assert.Equal(
            $"spanrnn: stopped after step {Amount.Of(steps)}; --resume continues from '{folder.File("c")}'.\n",
            error);
        Assert.False(File.Exists(folder.File("o.safetensors")));
    }

    [Theory]
    [InlineData("INT", "safetensors")]
    [InlineData("TERM", "onnx")]
    [InlineData("HUP", "safetensors")]
    public void A_signal_without_a_checkpoint_keeps_the_model(string signal, string ending)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using CliFolder folder = Ready();
        string output = folder.File($"o.{ending}");
        string end = $"the model after this step is '{output}'.";
        byte[] first = [];
        foreach (string name in new[] { $"o.{ending}", $"o.stopped.{ending}", $"o.stopped.2.{ending}" })
        {
            using Process process = Start(folder, $"{Numbers} --steps 100000000 --output {output} --losses {{l.csv}}");
            WaitForLosses(folder, process);
            Signal(folder, process, signal);
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();

            Assert.Equal(130, process.ExitCode);
            string lost = ending == "onnx"
                ? $"spanrnn: {output}: not in it: initial states and lengths of sequences as inputs (lengths, h0, c0).\n"
                : string.Empty;
            Assert.StartsWith(lost, error, StringComparison.Ordinal);
            Assert.Matches(
                $@"^spanrnn: stopped after step [\d,]+; {System.Text.RegularExpressions.Regex.Escape(end)}\n$", error[lost.Length..]);
            Assert.True(ModelFile.Load(folder.File(name)).ReadParameters<float>().Span.Length > 0);
            first = first.Length > 0 ? first : File.ReadAllBytes(output);
            string next = folder.File(name == $"o.{ending}" ? $"o.stopped.{ending}" : $"o.stopped.2.{ending}");
            end = $"the model after this step is '{next}', since '{output}' was there before.";
            File.Delete(folder.File("l.csv"));
        }

        Assert.Equal(first, File.ReadAllBytes(output));
    }

    /// <summary>The rule of convert: ONNX keeps [B, T, …], and all that changes or goes is said, in the same words.</summary>
    [Theory]
    [InlineData("b.onnx", "o.onnx", "[B, T, 2]")]
    [InlineData("b.onnx", "o.safetensors", "[T, B, 2]")]
    [InlineData("m", "o.onnx", "[T, B, 2]")]
    [InlineData("m", "o.safetensors", "[T, B, 2]")]
    public void A_trained_model_keeps_and_says_what_convert_does(string from, string to, string axes)
    {
        using CliFolder folder = Ready();
        RecurrentModel model = ModelFile.Load(folder.File("m"));
        folder.Write("b.onnx", OnnxWriter.ToBytes(model.Spec, model.ReadParameters<float>().Span, batchFirst: true));
        folder.WriteArray("y3.npy", 5, 6, 1);
        string[] converted = Succeed(folder, $"convert {{{from}}} {{c.{to}}}").TrimEnd().Split('\n')[1..];

        string line = $"train --from {{{from}}} --input {{x.npy}} --target {{y3.npy}} --loss mse --report 0 --steps 2 --output {{{to}}}";
        (int code, _, string error) = folder.Run(line.Split(' '));

        Assert.Equal(0, code);
        Assert.Equal(string.Concat(converted.Select(sentence => $"spanrnn: {folder.File(to)}: {sentence}\n")), error);
        Assert.Equal((from, to) != ("m", "o.safetensors"), converted.Length > 0);
        bool isSaid = error.Contains("different in it: x [B, T, 2] is", StringComparison.Ordinal);
        Assert.Equal((from, to) == ("b.onnx", "o.safetensors"), isSaid);
        Assert.Equal(axes, ModelFile.Load(folder.File(to)).Inputs[0].Axes);
    }

    [Fact]
    public void A_stopped_model_keeps_its_axes()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using CliFolder folder = Ready();
        RecurrentModel model = ModelFile.Load(folder.File("m"));
        folder.Write("o.onnx", OnnxWriter.ToBytes(model.Spec, model.ReadParameters<float>().Span, batchFirst: true));
        folder.Write("b.onnx", File.ReadAllBytes(folder.File("o.onnx")));
        using Process process = Start(
            folder, Numbers.Replace("{m}", "{b.onnx}", StringComparison.Ordinal) + " --steps 100000000 --output {o.onnx} --losses {l.csv}");
        WaitForLosses(folder, process);
        Signal(folder, process, "TERM");
        process.WaitForExit();

        RecurrentModel stopped = ModelFile.Load(folder.File("o.stopped.onnx"));
        Assert.Equal("[B, T, 2]", stopped.Inputs[0].Axes);
        Assert.Equal("[B, 1]", stopped.Outputs[0].Axes);
    }

    [Fact]
    public void A_second_interrupt_ends_the_run_at_once()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // Nobody reads the progress, so the run stops in the middle of a step once the pipe is full.
        using CliFolder folder = Ready();
        string line = Numbers.Replace("--report 0", "--report 1", StringComparison.Ordinal);
        using Process process = Start(folder, line + " --steps 100000000 --output {o.safetensors} --losses {l.csv}");
        WaitForLosses(folder, process);
        for (long length = -1; length < new FileInfo(folder.File("l.csv")).Length;)
        {
            length = new FileInfo(folder.File("l.csv")).Length;
            Thread.Sleep(500);
        }

        Signal(folder, process, "INT");
        Thread.Sleep(300);
        Assert.False(process.HasExited, "One signal waits for the end of the step.");
        Signal(folder, process, "INT");

        Assert.True(process.WaitForExit(20_000), "The second signal does not end the run.");
        Assert.Equal(130, process.ExitCode);
        Assert.False(File.Exists(folder.File("o.safetensors")));
    }

    [Fact]
    public void A_second_run_on_one_checkpoint_is_refused_while_the_first_lives()
    {
        using CliFolder folder = Ready();
        string line = Symbols + " --every 7 --checkpoint {c} --report 0 --steps ";
        using (Process process = Start(folder, line + "100000000"))
        {
            WaitForSteps(folder, process, 7);
            foreach (string resume in new[] { "", " --resume" })
            {
                (int code, _, string error) = folder.Run((line + "9" + resume).Split(' '));
                Assert.Equal(1, code);
                Assert.Equal(
                    $"spanrnn: '{folder.File("c")}' belongs to another run that goes on now, "
                        + "expected its end or another name for the checkpoint.",
                    error.TrimEnd());
            }

            // Whoever only reads is not refused.
            folder.Succeed("inspect", "{c}");
            process.Kill();
            process.WaitForExit();
        }

        Succeed(folder, line + $"{TrainingCheckpoint.Load(folder.File("c")).Steps + 1} --resume");
        Assert.False(File.Exists(folder.File("c.lock")));
    }

    [Fact]
    public void A_file_of_losses_that_cannot_grow_does_not_end_the_run()
    {
        if (!File.Exists("/dev/full"))
        {
            return;
        }

        using CliFolder folder = Ready();
        Succeed(folder, Numbers + " --steps 200 --output {a.safetensors}");
        (int code, string output, string error) =
            folder.Run((Numbers + " --steps 200 --output {b.safetensors} --losses /dev/full").Split(' '));

        Assert.Equal(0, code);
        Assert.StartsWith("200 steps; ", output, StringComparison.Ordinal);
        Assert.StartsWith(
            "spanrnn: warning: '/dev/full' can grow no more and lacks the losses from here on: ",
            Assert.Single(error.TrimEnd().Split('\n')),
            StringComparison.Ordinal);
        Same(folder, "a.safetensors", "b.safetensors");
    }

    [Theory]
    [InlineData(0, " --steps 9 --output {o.onnx}")]
    [InlineData(2, " --steps 9 --output {o.json}")]
    [InlineData(1, " --steps 9 --output {no/o.onnx}")]
    public void A_closed_error_stream_loses_no_work(int expected, string end)
    {
        using CliFolder folder = Ready();
        string line = Numbers.Replace("--report 0", "--report 1", StringComparison.Ordinal) + end;

        int code = Application.Run([.. Arguments(folder, line)], TextWriter.Null, new ClosedWriter());

        Assert.Equal(expected, code);
        Assert.Equal(expected == 0, File.Exists(folder.File("o.onnx")));
    }

    [Fact]
    public void The_last_line_has_the_mean_loss_of_the_last_epoch()
    {
        // Two steps are an epoch.
        using CliFolder folder = Ready();
        string Line(int first, int count, string where)
        {
            double[] losses = [.. File.ReadLines(folder.File("l.csv")).Skip(1).Select(line => double.Parse(line.Split(',')[1], null))];
            return $"; mean loss {Display.Number(losses.AsSpan(first, count).ToArray().Average())} over {where}; ";
        }

        string said = Succeed(folder, Numbers + " --epochs 3 --output {o.safetensors} --losses {l.csv}");
        Assert.Contains("6 steps" + Line(4, 2, "the last epoch"), said, StringComparison.Ordinal);
        said = Succeed(folder, Numbers + " --steps 5 --output {o.safetensors} --losses {l.csv} --checkpoint {c}");
        Assert.Contains("5 steps" + Line(2, 2, "the last whole epoch"), said, StringComparison.Ordinal);
        said = Succeed(folder, Numbers + " --steps 6 --losses {l.csv} --checkpoint {c} --resume");
        Assert.Contains("6 steps" + Line(5, 1, "1 step") + "1 of them now, in ", said, StringComparison.Ordinal);
        said = Succeed(folder, Numbers + " --steps 6 --losses {l.csv} --checkpoint {c} --resume");
        Assert.Contains("6 steps; there was nothing left to do", said, StringComparison.Ordinal);
        said = Succeed(folder, Numbers + " --steps 1 --output {o.safetensors} --losses {l.csv}");
        Assert.Contains("1 step" + Line(0, 1, "1 step"), said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_leaves_the_checkpoint_before_and_the_model()
    {
        // The limit on a file's size imitates a full disk; it is counted in blocks of 1024 bytes.
        if (!OperatingSystem.IsLinux() || !File.Exists("/bin/bash"))
        {
            return;
        }

        using CliFolder folder = Ready();
        Succeed(folder, Symbols + " --steps 3 --checkpoint {c} --report 0");
        byte[] before = File.ReadAllBytes(folder.File("c"));
        const string More = " --steps 9 --checkpoint {c} --every 2 --resume --report 0 --output {o.safetensors}";
        string arguments = string.Join(' ', Arguments(folder, Symbols + More));
        (int code, string output) = Command.Run(
            folder.File(""),
            60,
            "/bin/bash",
            "-c",
            "ulimit -f 8; trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0 DOTNET_EnableDiagnostics=0; "
                + $"exec dotnet {Program} {arguments}");

        Assert.True(before.Length > 8 * 1024, $"The checkpoint has {before.Length} bytes, expected more than the limit.");
        Assert.Equal(1, code);
        string[] lines = output.TrimEnd().Split('\n');
        string problem = $"'{folder.File("c")}' cannot be written, expected free space";
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("9 steps; mean loss ", lines[0], StringComparison.Ordinal);
        IEnumerable<string> warnings =
            Enumerable.Range(2, 3).Select(i => $"spanrnn: warning: no checkpoint after step {2 * i}: {problem}");
        Assert.Equal(
            [.. warnings, $"spanrnn: {problem}"],
            lines[1..].Select(line => line[..(line.IndexOf(problem, StringComparison.Ordinal) + problem.Length)]));
        Succeed(folder, Symbols + " --steps 9 --report 0 --output {whole.safetensors}");
        Same(folder, "whole.safetensors", "o.safetensors");
        Assert.Equal(before, File.ReadAllBytes(folder.File("c")));
        Assert.DoesNotContain(folder.Names(), name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Training_that_breaks_down_names_step_tensor_and_checkpoint()
    {
        using CliFolder folder = Ready();
        string line = Numbers + " --optimizer sgd --rate 1e30 --steps 9 --checkpoint {c} --every 1 --output {o.safetensors}";
        (int code, string output, string error) = folder.Run(line.Split(' '));

        var checkpoint = TrainingCheckpoint.Load(folder.File("c"));
        Assert.Equal(1, code);
        Assert.Equal("", output);
        string sentence = Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Contains($"step {checkpoint.Steps}", sentence, StringComparison.Ordinal);
        Assert.Contains("expected a finite number", sentence, StringComparison.Ordinal);
        Assert.Contains(folder.File("c"), sentence, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("o.safetensors")));
    }

    [Fact]
    public void Progress_goes_to_the_error_stream()
    {
        using CliFolder folder = Ready();
        string line = Numbers.Replace("--report 0", "--report 2", StringComparison.Ordinal) + " --epochs 3 --output {o.safetensors}";
        (int code, _, string error) = folder.Run(line.Split(' '));
        Assert.Equal(0, code);
        string[] lines = error.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^step 4: loss 0\.\d+, gradient norm \d\.\d+, clipped [\d.]+ %, [\d,.]+ steps/s\r?$", lines[1]);
    }

    [Fact]
    public void Either_order_of_the_axes_is_the_same_run()
    {
        using CliFolder folder = Ready();
        const string Tail =
            " --cell elman --nonlinearity relu --hidden 3 --outputs 2 --loss bce --epochs 2 --batch 4 --report 0 --precision double";
        float[] x = folder.Read("x.npy").ToSingles("T", "B", "I");
        float[] targets = [.. Enumerable.Range(0, 5 * 6 * 2).Select(i => i % 3 / 2f)];
        folder.WriteArray("t.npy", [5, 6, 2], targets);
        folder.WriteArray("xb.npy", [6, 5, 2], AxisOrder.Exchange<float>(x, 5, 6));
        folder.WriteArray("tb.npy", [6, 5, 2], AxisOrder.Exchange<float>(targets, 5, 6));

        Succeed(folder, "train --input {x.npy} --target {t.npy} --output {a.safetensors}" + Tail);
        Succeed(folder, "train --input {xb.npy} --target {tb.npy} --output {b.safetensors} --batch-first" + Tail);

        Same(folder, "a.safetensors", "b.safetensors");
        Assert.Equal("F64", ModelFile.Load(folder.File("a.safetensors")).Dtype);
    }

    [Fact]
    public void Targets_of_weight_0_are_not_learned()
    {
        using CliFolder folder = Ready();
        const string Tail = " --cell gru --hidden 3 --outputs 2 --loss bce --epochs 2 --batch 4 --report 0 --precision double";
        float[] targets = [.. Enumerable.Range(0, 5 * 6 * 2).Select(i => i % 3 / 2f)];
        float[] weights = [.. Enumerable.Range(0, 5 * 6).Select(i => i % 4 * 0.5f)];
        float[] unknown = [.. targets.Select((target, i) => weights[i / 2] == 0 ? float.NaN : target)];
        folder.WriteArray("t.npy", [5, 6, 2], targets);
        folder.WriteArray("u.npy", [5, 6, 2], unknown);
        folder.WriteArray("w.npy", [5, 6], weights);
        folder.WriteArray("ub.npy", [6, 5, 2], AxisOrder.Exchange<float>(unknown, 5, 6));
        folder.WriteArray("wb.npy", [6, 5], AxisOrder.Exchange<float>(weights, 5, 6));
        folder.WriteArray("xb.npy", [6, 5, 2], AxisOrder.Exchange<float>(folder.Read("x.npy").ToSingles("T", "B", "I"), 5, 6));

        Succeed(folder, "train --input {x.npy} --target {t.npy} --weights {w.npy} --output {a.safetensors}" + Tail);
        Succeed(folder, "train --input {x.npy} --target {u.npy} --weights {w.npy} --output {b.safetensors}" + Tail);
        Succeed(folder, "train --input {xb.npy} --target {ub.npy} --weights {wb.npy} --output {c.safetensors} --batch-first" + Tail);
        Succeed(folder, "train --input {x.npy} --target {t.npy} --output {plain.safetensors}" + Tail);
        Same(folder, "a.safetensors", "b.safetensors");
        Same(folder, "a.safetensors", "c.safetensors");
        Assert.NotEqual(File.ReadAllBytes(folder.File("a.safetensors")), File.ReadAllBytes(folder.File("plain.safetensors")));

        // One weight for each sequence is that weight at each of its steps.
        float[] ofSequences = [1, 0, 0.5f, 2, 0, 3];
        folder.WriteArray("s.npy", [6], ofSequences);
        folder.WriteArray("ss.npy", [5, 6], [.. Enumerable.Range(0, 5).SelectMany(_ => ofSequences)]);
        Succeed(folder, "train --input {x.npy} --target {t.npy} --weights {s.npy} --output {d.safetensors}" + Tail);
        Succeed(folder, "train --input {x.npy} --target {t.npy} --weights {ss.npy} --output {e.safetensors}" + Tail);
        Same(folder, "d.safetensors", "e.safetensors");
    }

    [Fact]
    public void Labels_of_weight_0_and_negative_labels_are_not_learned()
    {
        using CliFolder folder = Ready();
        const string Tail = " --cell lstm --hidden 3 --outputs 3 --head last_step --loss softmax --epochs 2 --batch 100 --report 0";
        folder.WriteLengths("l.npy", "<i4", 0, 1, 2, 2, 1, 0);
        folder.WriteLengths("n.npy", "<i4", 0, -100, 2, 2, -1, 0);
        folder.WriteArray("c.npy", [3], [1, 0, 1]);
        folder.WriteArray("w.npy", [6], [1, 0, 1, 1, 0, 1]);

        Succeed(folder, "train --input {x.npy} --target {n.npy} --output {a.safetensors} --checkpoint {k}" + Tail);
        Succeed(
            folder,
            "train --input {x.npy} --target {l.npy} --weights classes={c.npy} --output {b.safetensors} --checkpoint {kc}" + Tail);
        Succeed(folder, "train --input {x.npy} --target {l.npy} --weights {w.npy} --output {d.safetensors}" + Tail);
        Same(folder, "a.safetensors", "b.safetensors");
        Same(folder, "a.safetensors", "d.safetensors");

        // The weights of the classes are a part of the run.
        Assert.Contains(
            "'class_weights' is '1 0 1', expected 'none' as in this run",
            folder.Fail(
                1,
                ("train --input {x.npy} --target {l.npy} --output {z.safetensors} --checkpoint {kc} --resume" + Tail).Split(' ')),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_network_can_start_from_gates_that_remember()
    {
        using CliFolder folder = Ready();
        const string Line = "train --cell gru --hidden 3 --outputs 1 --loss mse --steps 1 --rate 0 --report 0 --seed 7 --remember 50"
            + " --input {x.npy} --target {t.npy} --output {o.safetensors}";
        folder.WriteArray("t.npy", 5, 6, 1);
        Succeed(folder, Line);

        RecurrentModel model = ModelFile.Load(folder.File("o.safetensors"));
        float[] expected = new float[model.Spec.Parameters.Length];
        model.Spec.Initialize<float>(expected, new RandomSource(7), 50);
        Assert.Equal(expected, model.ReadParameters<float>().Span.ToArray());
    }

    [Fact]
    public void A_network_of_any_layers_is_described_by_a_file_or_by_text()
    {
        using CliFolder folder = Ready();
        const string Network = """
            {"input":2,"layers":[{"cell":"lstm","hidden":3},{"kind":"normalisation","by":"layer","epsilon":1E-05},{"kind":"attention"},
            {"cell":"dense","hidden":3},{"kind":"skip","from":3,"scale":"per_feature"},
            {"cell":"dense","hidden":1,"activation":["identity",0,0]}]}
            """;
        folder.Write("n.json", [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(Network)]);
        string[] line = [.. "train --input {x.npy} --target {y.npy} --loss mse --steps 2 --report 0 --seed 3".Split(' ')];
        folder.Succeed([.. line, "--network", "{n.json}", "--output", "{file.safetensors}", "--checkpoint", "{c}"]);
        var error = new StringWriter();
        string[] text = [.. line.Select(folder.Expand), "--network", Network, "--output", folder.File("text.safetensors")];
        int code = Application.Run(text, new StringWriter(), error);

        Assert.Equal((0, ""), (code, error.ToString()));
        Same(folder, "file.safetensors", "text.safetensors");
        RecurrentModel model = ModelFile.Load(folder.File("file.safetensors"));
        Assert.Equal(ModelFile.SpecFrom(Network, "n").Layers.ToArray(), model.Spec.Layers.ToArray());
        Assert.Equal(
            ["layers.0.weight_ih_l0", "layers.1.weight", "layers.2.weight", "layers.3.weight", "layers.4.weight", "head.weight"],
            model.Sources.ToArray().Select(source => source.Name).Where(name => name.EndsWith("weight", StringComparison.Ordinal)
                || name.EndsWith("weight_ih_l0", StringComparison.Ordinal)));
        folder.Succeed([.. line[..^6], .. "--steps 3 --report 0 --seed 3 --network {n.json} --checkpoint {c} --resume".Split(' ')]);
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("maximum")]
    [InlineData("sum")]
    [InlineData("last_output")]
    [InlineData("first")]
    [InlineData("step:3")]
    [InlineData("attention")]
    public void A_head_reads_what_the_option_says(string head)
    {
        using CliFolder folder = Ready();
        Succeed(
            folder,
            $"train --cell lstm --hidden 3 --outputs 1 --head {head} --input {{x.npy}} --target {{y.npy}} --loss mse --steps 2 --report 0 "
            + "--output {o.safetensors}");
        LayerSpec readout = Readout.Of(ModelFile.Load(folder.File("o.safetensors")).Spec)!;
        Assert.Equal(Readout.TryParse(head, out LayerSpec? named) ? named : new AttentionLayer(), readout);
        if (head != "attention")
        {
            // A model whose file says what its head reads is trained with another readout, its parameters as they are.
            Succeed(
                folder,
                $"train --from {{m}} --head {head} --input {{x.npy}} --target {{y.npy}} --loss mse --steps 2 --report 0 "
                + "--output {p.safetensors}");
            Assert.Equal(named, Readout.Of(ModelFile.Load(folder.File("p.safetensors")).Spec));
        }
    }

    [Fact]
    public void Statistics_that_stay_fixed_are_named_before_the_first_step()
    {
        using CliFolder folder = Ready();
        folder.Write(
            "a.json",
            """
            {"input":2,"layers":[{"kind":"affine"},{"cell":"elman","hidden":4},{"kind":"affine","shift":false},{"kind":"pool","by":"mean"},
            {"cell":"dense","hidden":1,"activation":["identity",0,0]}]}
            """u8.ToArray());
        const string Line = "--input {x.npy} --target {y.npy} --loss mse --steps 1 --report 0 --output {o.safetensors}";
        string said = folder.Run($"train --network {{a.json}} {Line}".Split(' ')).Error;
        string again = folder.Run(
            ["train", "--from", "{o.safetensors}", .. Line.Replace("{o.", "{p.", StringComparison.Ordinal).Split(' ')]).Error;

        Assert.Equal(
            [
                "spanrnn: layer 0 scales and shifts features: its statistics (mean, variance) stay fixed, scale and shift are trained.",
                "spanrnn: layer 2 scales features: its statistics (mean, variance) stay fixed, the scale is trained.",
            ],
            said.TrimEnd().Split('\n').Select(line => line.TrimEnd()));
        Assert.Equal(said, again);
    }

    [Fact]
    public void A_trained_model_with_an_embedding_runs_on_symbols()
    {
        using CliFolder folder = Ready();
        Succeed(folder, Symbols + " --epochs 1 --output {o.safetensors} --report 0");
        folder.Succeed("run", "{o.safetensors}", "--input", "{s.npy}", "--input", "lengths={n.npy}", "--output", "{y.npy}");
        Assert.Equal([8, 5, 5], folder.Read("y.npy").Shape.ToArray());
        Assert.Contains("1 of 5 symbols per step, embedded in 3", folder.Succeed("inspect", "{o.safetensors}"), StringComparison.Ordinal);
        Assert.Contains(
            "ts.npy: the shape is [8, 5, 1] (rank 3), expected rank 2 [T, B]",
            folder.Fail(1, "run", "{o.safetensors}", "--input", "{ts.npy}", "--output", "{z.npy}"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--loss mse --steps 1 --output {o.onnx}", "--from, --cell and --network are missing, expected one of them")]
    [InlineData("--from {m} --cell lstm --loss mse --steps 1 --output {o.onnx}", "--from and --cell are given, expected one of them")]
    [InlineData("--from {m} --network {m.json} --loss mse --steps 1 --output {o.onnx}",
        "--from and --network are given, expected one of them")]
    [InlineData("--network {m.json} --hidden 3 --loss mse --steps 1 --output {o.onnx}",
        "--hidden is given with --network, expected it only with --cell")]
    [InlineData("--network {m.json} --head mean --loss mse --steps 1 --output {o.onnx}",
        "--head is given with --network, expected it only with --cell")]
    [InlineData("--network {m.json} --remember 9 --loss mse --steps 1 --output {o.onnx}",
        "--remember is 9, expected none: no layer of --network is an LSTM or a GRU with biases and sigmoid gates.")]
    [InlineData("--from {m} --head attention --loss mse --steps 1 --output {o.onnx}",
        "--head is attention with --from, expected it only with --cell")]
    [InlineData("--from {m} --head step:-1 --loss mse --steps 1 --output {o.onnx}",
        "--head is 'step:-1', expected every_step or last_step or last_output or mean or maximum or sum or first or step:N or attention.")]
    [InlineData("--from {m} --hidden 3 --loss mse --steps 1 --output {o.onnx}",
        "--hidden is given with --from, expected it only with --cell")]
    [InlineData("--from {m} --layers 2 --loss mse --steps 1 --output {o.onnx}",
        "--layers is given with --from, expected it only with --cell")]
    [InlineData("--from {m} --bidirectional --loss mse --steps 1 --output {o.onnx}",
        "--bidirectional is given with --from, expected it only with")]
    [InlineData("--from {m} --outputs 1 --loss mse --steps 1 --output {o.onnx}",
        "--outputs is given with --from, expected it only with --cell")]
    [InlineData("--from {m} --symbols 3 --loss mse --steps 1 --output {o.onnx}",
        "--symbols is given with --from, expected it only with --cell")]
    [InlineData("--from {m} --embedding 3 --loss mse --steps 1 --output {o.onnx}",
        "--embedding is given with --from, expected it only with --cell")]
    [InlineData("--cell lstm --loss mse --steps 1 --output {o.onnx}", "--hidden is missing, expected it with --cell")]
    [InlineData("--cell lstm --hidden 3 --head last_step --loss mse --steps 1 --output {o.onnx}",
        "--outputs is missing, expected it with --head")]
    [InlineData("--cell lstm --hidden 3 --embedding 3 --loss mse --steps 1 --output {o.onnx}", "--symbols is missing, expected it with")]
    [InlineData("--cell gru --hidden 3 --nonlinearity relu --loss mse --steps 1 --output {o.onnx}",
        "--nonlinearity is given, expected it only")]
    [InlineData("--from {m} --remember 9 --loss mse --steps 1 --output {o.onnx}",
        "--remember is given with --from, expected it only with --cell")]
    [InlineData("--cell elman --hidden 3 --remember 9 --loss mse --steps 1 --output {o.onnx}",
        "--remember is given, expected it only with gates")]
    [InlineData("--cell gru --hidden 3 --remember 1 --loss mse --steps 1 --output {o.onnx}",
        "--remember is '1', expected a whole number from 2")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --weights classes={y.npy}",
        "--weights classes= is given, expected it only with labels")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --weights steps={y.npy}",
        "has the name 'steps', expected one of outputs, classes")]
    [InlineData("--from {m} --loss mse --output {o.onnx}", "--epochs and --steps are missing, expected one of them or both")]
    [InlineData("--from {m} --loss mse --steps 1", "--output and --checkpoint are missing, expected one of them or both")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --resume", "--checkpoint is missing, expected it with --resume")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --horizon 4", "--chunk is missing, expected it with --horizon")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --chunk 3 --horizon 4",
        "--horizon is 4, expected a multiple of 3, the --chunk")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --momentum 0.5",
        "--momentum is given, expected it only with --optimizer sgd")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --schedule cosine:9:1",
        "--rate is below the minimum of --schedule, expected at")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --schedule step:9",
        "--schedule is 'step:9', expected constant, step:N:FACTOR")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --schedule step:0:1", "--schedule is 'step:0:1', expected constant")]
    [InlineData("--from {m} --loss mae --steps 1 --output {o.onnx}", "--loss is 'mae', expected softmax or bce or mse")]
    [InlineData("--from {m} --steps 1 --output {o.onnx}", "--loss is missing, expected it for arrays, or DATA for a file of sequences")]
    [InlineData("--from {m} --loss mse --steps 0 --output {o.onnx}", "--steps is '0', expected a whole number, 1 or more")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --rate -1", "--rate is '-1', expected a number, 0 or more")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --clip-norm 0", "--clip-norm is '0', expected a number, 1e-30 or more")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --dropout 1",
        "--dropout is '1', expected a number, 0 or more and below 1")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --threads 0",
        "--threads is '0', expected a whole number from 1 to 1024")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --seed -3", "--seed is '-3', expected a whole number, 0 or more")]
    [InlineData("--from {m} --loss mse --steps 1 --output {o.onnx} --precision fp32", "--precision is 'fp32', expected single or double")]
    public void A_wrong_command_line_is_refused(string line, string expected)
    {
        using CliFolder folder = Ready();
        string sentence = folder.Fail(2, $"train {line} --input {{x.npy}} --target {{y.npy}}".Split(' '));
        Assert.Contains(expected, sentence, StringComparison.Ordinal);
        Assert.EndsWith(" --help'.", sentence.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--from {none} --input {x.npy} --target {y.npy} --loss mse", "none' does not exist")]
    [InlineData("--from {m} --input {x.npy} --target {none} --loss mse", "none' does not exist")]
    [InlineData("--from {m} --input {x.npy} --target {y.npy} --loss mse", "y.npy: the shape is [6] (rank 1), expected rank 3 [T, B, O]")]
    [InlineData("LAST --input {x.npy} --target {x.npy} --loss mse", "x.npy: the shape is [5, 6, 2] (rank 3), expected rank 2 [B, O]")]
    [InlineData(
        "LAST --input {x.npy} --target {y.npy} --loss softmax",
        "y.npy: the dtype is float32, expected whole numbers: x.astype(numpy.int64)")]
    [InlineData("LAST --input {x.npy} --target {y2.npy} --loss bce", "y2.npy: 'targets' has the target 2 of sequence 0, expected 0 to 1.")]
    [InlineData("LAST --input {x.npy} --target {labels.npy} --loss softmax",
        "labels.npy: 'labels' has the label 1 of sequence 1, expected 0 to 0, or below 0 for none.")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --weights {n.npy}", "n.npy: the shape is [5], expected [6]")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --weights {x.npy}",
        "x.npy: the shape is [5, 6, 2] (rank 3), expected rank 1")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --weights {w.npy}",
        "w.npy: 'weights' has the weight -1 of sequence 1, expected a finite number, 0 or more.")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --chunk 2",
        "has one output per sequence and needs whole sequences, expected no --chunk.")]
    [InlineData("LAST --input {x.npy} --input lengths={n.npy} --target {y.npy} --loss mse", "n.npy: the shape is [5], expected [6]")]
    [InlineData("LAST --input {ts.npy} --target {y.npy} --loss mse",
        "ts.npy: the shape is [8, 5, 1], expected [T, B, 2], the axes of x.")]
    [InlineData("--from {m.safetensors} --input {x.npy} --target {y.npy} --loss mse --output {m.safetensors}",
        "is read and would be overwritten")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --checkpoint {c} --losses {c}", "is written twice")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --checkpoint {m2}",
        "m2' exists, expected --resume to continue from it or another name")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --checkpoint {m2} --resume",
        "m2: there is no metadata entry 'spanrnn_checkpoint'")]
    [InlineData("LAST --input {x.npy} --target {y.npy} --loss mse --checkpoint {no/c}", "The folder of ")]
    [InlineData("--from {m2} --head last_step --input {x.npy} --target {y.npy} --loss mse",
        "m2: the model has no head, expected one for --head.")]
    [InlineData("--network {none.json} --input {x.npy} --target {y.npy} --loss mse", "none.json' does not exist")]
    [InlineData("--network {m} --input {x.npy} --target {y.npy} --loss mse", "m: the network is '")]
    [InlineData("--network {hard.json} --input {x.npy} --target {y.npy} --loss mse", "hard.json: the nonlinearity is a hard step")]
    [InlineData("--network {m.json} --input {ts.npy} --target {y.npy} --loss mse", "ts.npy: the shape is [8, 5, 1], expected [T, B, 2]")]
    [InlineData("--network {net} --input {x.npy} --target {y.npy} --loss mse --checkpoint {net}", "is read and would be overwritten")]
    [InlineData("--cell lstm --hidden 2 --symbols 3 --input {x.npy} --target {y.npy} --loss mse",
        "x.npy: the array has float32 in the shape [5, 6, 2], expected integers [T, B] for --symbols.")]
    [InlineData("--cell lstm --hidden 2 --input {s.npy} --target {y.npy} --loss mse",
        "s.npy: the array has int64 in the shape [8, 5], expected --symbols for them.")]
    [InlineData("--cell lstm --hidden 2 --symbols 4 --input {s.npy} --target {y.npy} --loss mse",
        "s.npy: the symbol at [0, 4] is 4, expected 0 to 3.")]
    public void Bad_input_is_refused(string line, string expected)
    {
        using CliFolder folder = Ready();
        line = line.Replace("LAST", "--from {m} --head last_step", StringComparison.Ordinal);
        string more = line.Contains("--output", StringComparison.Ordinal) ? "" : " --output {o.onnx}";
        string batch = line.Contains("--batch", StringComparison.Ordinal) ? "" : " --batch 2";
        Assert.Contains(expected, folder.Fail(1, $"train {line} --steps 1{more}{batch}".Split(' ')), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_with_other_options_is_not_resumed()
    {
        using CliFolder folder = Ready();
        Succeed(folder, Numbers + " --steps 3 --checkpoint {c}");
        string sentence = folder.Fail(1, (Numbers + " --rate 0.01 --steps 5 --checkpoint {c} --resume").Split(' '));
        const string Expected = "c: 'schedule' is 'constant 0.001', expected 'constant 0.01' as in this run.";
        Assert.EndsWith(Expected, sentence.TrimEnd(), StringComparison.Ordinal);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "spanrnn.dll");

    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 4), new DenseLayer(1)));
        folder.WriteModel("m.safetensors", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 4)));
        folder.WriteModel("m2", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 4)));
        folder.Write("m.json", """{"input":2,"layers":[{"cell":"elman","hidden":1},{"kind":"pool","by":"mean"}]}"""u8.ToArray());
        folder.Write("net", """{"input":2,"layers":[{"cell":"elman","hidden":1},{"kind":"pool","by":"mean"}]}"""u8.ToArray());
        folder.Write("hard.json", """{"input":2,"layers":[{"cell":"elman","hidden":4,"activation":["hard_step",0,0]}]}"""u8.ToArray());
        folder.WriteArray("x.npy", 5, 6, 2);
        folder.WriteArray("y.npy", 6);
        folder.WriteArray("y2.npy", [6], [2, 0, 0, 0, 0, 0]);
        folder.WriteArray("w.npy", [6], [1, -1, 0, 0, 0, 0]);
        folder.WriteArray("ts.npy", 8, 5, 1);
        folder.WriteLengths("labels.npy", "<i4", 0, 1, 0, 0, 0, 0);
        folder.WriteLengths("n.npy", "<i8", 8, 3, 0, 5, 7);
        byte[] symbols = [.. Enumerable.Range(0, 8 * 5).SelectMany(i => BitConverter.GetBytes((long)(i % 5)))];
        folder.Write("s.npy", FormatBytes.Npy("<i8", "(8, 5)", symbols));
        return folder;
    }

    private static string Succeed(CliFolder folder, string line) => folder.Succeed(line.Split(' '));

    private static IEnumerable<string> Arguments(CliFolder folder, string line) => line.Split(' ').Select(folder.Expand);

    private static Process Start(CliFolder folder, string line)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. Arguments(folder, line)]) { RedirectStandardError = true };
        return Process.Start(start)!;
    }

    private static void WaitForSteps(CliFolder folder, Process process, long steps)
    {
        // A rename makes the file, so that it is whole as soon as it exists.
        var waited = Stopwatch.StartNew();
        while (!File.Exists(folder.File("c")) || TrainingCheckpoint.Load(folder.File("c")).Steps < steps)
        {
            Assert.False(process.HasExited, "The run ended by itself.");
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "There is no checkpoint.");
            Thread.Sleep(20);
        }
    }

    private static void WaitForLosses(CliFolder folder, Process process)
    {
        var waited = Stopwatch.StartNew();
        while (!File.Exists(folder.File("l.csv")) || new FileInfo(folder.File("l.csv")).Length < 1000)
        {
            Assert.False(process.HasExited, "The run ended by itself.");
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "There are no losses.");
            Thread.Sleep(20);
        }
    }

    private static void Signal(CliFolder folder, Process process, string signal) =>
        Assert.Equal(0, Command.Run(folder.File(""), 10, "kill", "-" + signal, $"{process.Id}").ExitCode);

    private static void Same(CliFolder folder, string expected, string actual) =>
        Assert.Equal(File.ReadAllBytes(folder.File(expected)), File.ReadAllBytes(folder.File(actual)));

    /// <summary>A closed stream, as the system reports it.</summary>
    private sealed class ClosedWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new UnauthorizedAccessException("Access to the path is denied.");
    }
}
