using SpanRnn.Formats.Model;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

public class RunCommandTests
{
    private const int Steps = 5;
    private const int Batch = 3;

    public static TheoryData<string> Networks() => [.. Specs().Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void It_gives_what_the_network_gives(string name)
    {
        using var folder = new CliFolder();
        NetworkSpec spec = Specs()[name];
        float[] parameters = folder.WriteModel("m", spec);
        float[] x = folder.WriteArray("x.npy", Steps, Batch, spec.InputSize);
        (float[] y, float[] state) = Forward(spec, parameters, x, new float[Batch * spec.StateSize], [Steps, Steps, Steps]);

        Assert.Equal("", folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}", "--output", "hn={hn.npy}"));

        int[] shape = spec.IsManyToOne ? [Batch, spec.OutputSize] : [Steps, Batch, spec.OutputSize];
        Assert.Equal(shape, folder.Read("y.npy").Shape.ToArray());
        Near.Rounded<float>("y", y, folder.Read("y.npy").ToSingles([.. shape.Select(size => $"{size}")]));
        Near.Rounded<float>("hn", Export(folder, StateKind.Hidden, state), folder.Read("hn.npy").ToSingles("LD", "B", "P"));
    }

    [Theory]
    [InlineData("fp32", WeightPrecision.Fp32)]
    [InlineData("bf16", WeightPrecision.Bf16)]
    [InlineData("int8", WeightPrecision.Int8)]
    public void The_precision_is_that_of_the_packed_network(string word, WeightPrecision precision)
    {
        using var folder = new CliFolder();
        NetworkSpec spec = Specs()["lstm 2 layers both projected"];
        float[] parameters = folder.WriteModel("m", spec);
        float[] x = folder.WriteArray("x.npy", Steps, Batch, spec.InputSize);
        var network = new PackedNetwork(spec, parameters, precision);
        var layout = new SequenceLayout();
        layout.Set(Steps, Batch);
        float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
        StreamState[] states = [new(network), new(network), new(network)];
        network.Run(layout, x, states, y, new float[network.RunWorkspaceLength(layout)]);

        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}", "--precision", word);
        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{default.npy}");

        Assert.Equal(y, folder.Read("y.npy").ToSingles("T", "B", "O"));
        bool same = File.ReadAllBytes(folder.File("y.npy")).AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("default.npy")));
        Assert.Equal(precision == WeightPrecision.Fp32, same);
    }

    [Theory]
    [InlineData("<i8")]
    [InlineData("<i4")]
    public void States_and_lengths_are_taken_and_given(string descr)
    {
        using var folder = new CliFolder();
        NetworkSpec spec = Specs()["lstm 2 layers both projected"];
        float[] parameters = folder.WriteModel("m", spec);
        float[] x = folder.WriteArray("x.npy", Steps, Batch, spec.InputSize);
        float[] h0 = folder.WriteArray("h0.npy", 4, Batch, 2);
        float[] c0 = folder.WriteArray("c0.npy", 4, Batch, 3);
        folder.WriteLengths("lengths.npy", descr, 2, 0, 5);
        float[] start = new float[Batch * spec.StateSize];
        RecurrentModel model = ModelFile.Load(folder.File("m"));
        model.Input("h0")!.ImportStates<float>(Batch, h0, start);
        model.Input("c0")!.ImportStates<float>(Batch, c0, start);
        (float[] y, float[] state) = Forward(spec, parameters, x, start, [2, 0, 5]);

        folder.Succeed(
            "run", "{m}", "--input", "x={x.npy}", "--input", "h0={h0.npy}", "--input", "c0={c0.npy}", "--input", "lengths={lengths.npy}",
            "--output", "cn={cn.npy}", "--output", "hn={hn.npy}", "--output", "y={y.npy}");

        Near.Rounded<float>("y", y, folder.Read("y.npy").ToSingles("T", "B", "O"));
        Near.Rounded<float>("hn", Export(folder, StateKind.Hidden, state), folder.Read("hn.npy").ToSingles("LD", "B", "P"));
        Near.Rounded<float>("cn", Export(folder, StateKind.Cell, state), folder.Read("cn.npy").ToSingles("LD", "B", "H"));
        Assert.Equal([4, Batch, 3], folder.Read("cn.npy").Shape.ToArray());

        // A length of 0: outputs 0, final state = initial state.
        for (int t = 0; t < Steps; t++)
        {
            Assert.Equal([0, 0, 0, 0], y.AsSpan(((t * Batch) + 1) * 4, 4));
        }

        Assert.Equal(h0.AsSpan(2, 2), folder.Read("hn.npy").ToSingles("LD", "B", "P").AsSpan(2, 2));
    }

    [Fact]
    public void Batch_first_exchanges_x_and_y_and_leaves_states()
    {
        using var folder = new CliFolder();
        NetworkSpec spec = Specs()["gru"];
        folder.WriteModel("m", spec);
        float[] x = folder.WriteArray("x.npy", Steps, Batch, spec.InputSize);
        folder.WriteArray("h0.npy", 1, Batch, 4);
        folder.WriteArray("xb.npy", [Batch, Steps, spec.InputSize], Exchange(x, Steps, Batch));

        folder.Succeed(
            "run", "{m}", "--input", "{x.npy}", "--input", "h0={h0.npy}", "--output", "{y.npy}", "--output", "hn={hn.npy}");
        folder.Succeed(
            "run", "{m}", "--input", "{xb.npy}", "--input", "h0={h0.npy}", "--output", "{yb.npy}", "--output", "hn={hnb.npy}",
            "--batch-first");

        Assert.Equal([Batch, Steps, 4], folder.Read("yb.npy").Shape.ToArray());
        Assert.Equal(
            Exchange(folder.Read("y.npy").ToSingles("T", "B", "O"), Steps, Batch), folder.Read("yb.npy").ToSingles("B", "T", "O"));
        Assert.Equal(File.ReadAllBytes(folder.File("hn.npy")), File.ReadAllBytes(folder.File("hnb.npy")));
    }

    [Fact]
    public void The_nonlinearity_changes_an_RNN()
    {
        using var folder = new CliFolder();
        folder.WriteStateDict("m", Specs()["rnn"]);
        folder.WriteArray("x.npy", Steps, Batch, 2);

        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{tanh.npy}", "--nonlinearity", "tanh");
        string said = folder.Run("run", "{m}", "--input", "{x.npy}", "--output", "{default.npy}").Error;
        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{relu.npy}", "--nonlinearity", "relu");

        Assert.Equal($"spanrnn: assumed: {folder.File("m")}: The activation of the RNN is tanh.", said.TrimEnd());
        Assert.Equal(File.ReadAllBytes(folder.File("tanh.npy")), File.ReadAllBytes(folder.File("default.npy")));
        float[] relu = folder.Read("relu.npy").ToSingles("T", "B", "O");
        Assert.Contains(0, relu);
        Assert.DoesNotContain(relu, value => value < 0);
    }

    /// <summary>A state_dict does not say where its head is: every step is assumed and said once, by every command that computes.</summary>
    [Fact]
    public void The_position_of_a_head_is_assumed_or_chosen()
    {
        using var folder = new CliFolder();
        var layer = new RecurrentLayer(CellKind.Lstm, 3);
        folder.WriteStateDict("m", new NetworkSpec(2, layer, new DenseLayer(1)));
        folder.WriteModel("last", new NetworkSpec(2, layer, new FinalStateLayer(), new DenseLayer(1)));
        folder.WriteArray("x.npy", 4, 2, 2);
        folder.WriteLengths("n.npy", "<i8", 4, 2);
        string[] run = ["run", "{m}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output"];
        const string Between = "No activation is between 'rnn' and 'head.weight'.";

        (int code, _, string error) = folder.Run([.. run, "{every.npy}"]);
        string chosen = folder.Run([.. run, "{y.npy}", "--head", "last_step"]).Error;
        string converted = folder.Run("convert", "{m}", "{c.safetensors}", "--head", "last_step").Error;
        folder.Succeed("run", "{last}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output", "{last.npy}");

        Assert.Equal(0, code);
        Assert.Equal($"spanrnn: assumed: {folder.File("m")}: The head is on every step. {Between}", error.TrimEnd());
        Assert.Equal($"spanrnn: assumed: {folder.File("m")}: {Between}", chosen.TrimEnd());
        Assert.Equal(chosen, converted);
        Assert.Equal([4, 2, 1], folder.Read("every.npy").Shape.ToArray());
        Assert.Equal(folder.Read("last.npy").ToSingles("B", "O"), folder.Read("y.npy").ToSingles("B", "O"));
        Assert.Contains("final h of layer 0", folder.Succeed("inspect", "{c.safetensors}"), StringComparison.Ordinal);
        Assert.Contains(
            "the file says that its head is on last_step, expected no every_step",
            folder.Fail(1, "run", "{last}", "--input", "{x.npy}", "--output", "{y.npy}", "--head", "every_step"),
            StringComparison.Ordinal);
    }

    /// <summary>Files of numpy.save(x.astype(float16)) and of float64: the same numbers, and a sentence about float64.</summary>
    [Fact]
    public void Arrays_are_taken_as_NumPy_writes_them()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", Specs()["lstm"]);
        float[] x = [.. folder.WriteArray("x.npy", Steps, Batch, 2).Select(value => (float)(Half)value)];
        folder.WriteArray("x.npy", [Steps, Batch, 2], x);
        folder.WriteArray("h0.npy", 1, Batch, 4);
        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}");
        float[] expected = folder.Read("y.npy").ToSingles("T", "B", "O");

        folder.Write("half.npy", FormatBytes.Npy(">f2", "(5, 3, 2)", [.. x.SelectMany(v => BitConverter.GetBytes((Half)v).Reverse())]));
        folder.Succeed("run", "{m}", "--input", "{half.npy}", "--output", "{y.npy}");
        Assert.Equal(expected, folder.Read("y.npy").ToSingles("T", "B", "O"));

        folder.Write("wide.npy", FormatBytes.Npy("<f8", "(5, 3, 2)", [.. x.SelectMany(v => BitConverter.GetBytes((double)v))]));
        (int code, _, string error) = folder.Run("run", "{m}", "--input", "{wide.npy}", "--output", "{y.npy}");
        Assert.Equal(0, code);
        Assert.Equal(
            $"spanrnn: {folder.File("wide.npy")}: converted from float64 to float32, in which the outputs are computed.", error.TrimEnd());
        Assert.Equal(expected, folder.Read("y.npy").ToSingles("T", "B", "O"));

        // A refusal says only why.
        folder.WriteArray("h0.npy", 1, 1, 1);
        folder.Fail(1, "run", "{m}", "--input", "{wide.npy}", "--input", "h0={h0.npy}", "--output", "{y.npy}");
    }

    [Theory]
    [InlineData(3, 5, 5, "1 of its 3 sequences end in zeros")]
    [InlineData(5, 2, 3, "2 of its 3 sequences end in zeros")]
    [InlineData(0, 4, 4, "3 of its 3 sequences end in zeros")]
    [InlineData(4, 4, 4, null)]
    public void Padding_without_lengths_is_hinted_at(int first, int second, int third, string? expected)
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", Specs()["lstm"]);
        float[] x = folder.WriteArray("x.npy", Steps, Batch, 2);
        int[] lengths = [first, second, third];
        for (int step = 0; step < Steps; step++)
        {
            for (int b = 0; b < Batch; b++)
            {
                x.AsSpan(((step * Batch) + b) * 2, 2).Fill(step < lengths[b] ? 1 : 0);
            }
        }

        folder.WriteArray("x.npy", [Steps, Batch, 2], x);
        folder.WriteLengths("n.npy", "<i8", first, second, third);

        (int code, _, string error) = folder.Run("run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}");
        Assert.Equal(0, code);
        Assert.Equal(expected is null ? 0 : 1, error.Count(c => c == '\n'));
        Assert.Contains(expected ?? string.Empty, error, StringComparison.Ordinal);
        Assert.Contains(expected is null ? string.Empty : "as the input lengths", error, StringComparison.Ordinal);
        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output", "{y.npy}");
    }

    [Fact]
    public void A_mask_is_not_taken_for_lengths()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", Specs()["lstm"]);
        folder.WriteArray("x.npy", Steps, Batch, 2);
        folder.Write("n.npy", FormatBytes.Npy("|b1", "(3,)", [1, 1, 1]));

        Assert.Contains(
            "the dtype is bool, expected the number of steps of each sequence",
            folder.Fail(1, "run", "{m}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output", "{y.npy}"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void NaN_in_the_input_runs_and_says_so()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", Specs()["lstm"]);
        float[] x = folder.WriteArray("x.npy", Steps, Batch, 2);
        x[(2 * Batch * 2) + 3] = float.NaN;
        folder.WriteArray("x.npy", [Steps, Batch, 2], x);

        (int code, string output, string error) = folder.Run("run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}");

        Assert.Equal(0, code);
        Assert.Equal("", output);
        Assert.Equal(
            $"spanrnn: warning: {folder.File("x.npy")} holds NaN at [2, 1, 1]; 1 of its 30 numbers is not finite, "
            + "and results computed from them may not be finite either.",
            error.TrimEnd());
        float[] y = folder.Read("y.npy").ToSingles("T", "B", "O");
        Assert.Equal(3 * 4, y.Count(float.IsNaN));
    }

    [Fact]
    public void NaN_in_a_parameter_is_named()
    {
        using var folder = new CliFolder();
        NetworkSpec spec = Specs()["lstm"];
        float[] parameters = new float[spec.Parameters.Length];
        parameters[1] = float.NegativeInfinity;
        folder.Write("m", PyTorchWriter.ToBytes<float>(spec, parameters));
        folder.WriteArray("x.npy", Steps, Batch, 2);

        (int code, _, string error) = folder.Run("run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}");

        Assert.Equal(0, code);
        Assert.Contains("tensor 'weight_ih_l0' holds infinity at [0, 1]", error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_number_per_step_of_one_sequence_needs_no_other_axes()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(1, new RecurrentLayer(CellKind.Lstm, 4), new DenseLayer(1)));
        float[] x = folder.WriteArray("x.npy", Steps);
        folder.WriteArray("x3.npy", [Steps, 1, 1], x);

        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}");
        folder.Succeed("run", "{m}", "--input", "{x3.npy}", "--output", "{y3.npy}");

        Assert.Equal(folder.Read("y3.npy").ToSingles("T", "B", "O"), folder.Read("y.npy").ToSingles("T"));
    }

    [Fact]
    public void States_of_layers_that_differ_have_a_name_for_each()
    {
        using var folder = new CliFolder();
        var spec = new NetworkSpec(2, [new RecurrentLayer(CellKind.Lstm, 3), new RecurrentLayer(CellKind.GruResetAfter, 4)]);
        float[] parameters = folder.WriteModel("m", spec);
        float[] x = folder.WriteArray("x.npy", Steps, Batch, 2);
        folder.WriteArray("h.npy", 1, Batch, 4);
        (_, float[] state) = Forward(spec, parameters, x, new float[Batch * spec.StateSize], [Steps, Steps, Steps]);

        folder.Succeed("run", "{m}", "--input", "{x.npy}", "--output", "hn_l0={h0}", "--output", "hn_l1={h1}", "--output", "cn={c}");
        string sentence = folder.Fail(2, "run", "{m}", "--input", "{x.npy}", "--input", "h0={h.npy}", "--output", "{y.npy}");

        Near.Rounded<float>("hn_l1", spec.States[2].In(state, Batch), folder.Read("h1").ToSingles("S", "B", "H"));
        Assert.Equal([1, Batch, 3], folder.Read("h0").Shape.ToArray());
        Assert.Equal([1, Batch, 3], folder.Read("c").Shape.ToArray());
        Assert.Contains("expected one of x, lengths, h0_l0, h0_l1, c0.", sentence, StringComparison.Ordinal);
    }

    [CasesFact]
    public void A_recording_goes_through_an_amplifier_with_and_without_zeros_first()
    {
        using var folder = new CliFolder();
        string nam = Path.Combine(Cases.Folder!, "nam");
        string model = Path.Combine(nam, "nam_lstm_1x3");
        string[] run =
        [
            "run", Path.Combine(model, "model.nam"), "--input", Path.Combine(nam, "shared", "nam_input_48k.npy"), "--output",
        ];

        folder.Succeed([.. run, "{cold}"]);
        folder.Succeed([.. run, "{warm}", "--prewarm"]);

        Compare("expected.npy", "cold");
        Compare("expected_prewarmed.npy", "warm");

        void Compare(string expected, string actual) => Near.Assert<float>(
            expected, NpyArray.Load(Path.Combine(model, expected)).ToSingles("T"), folder.Read(actual).ToSingles("T"), 2e-5);
    }

    [Fact]
    public void Zeros_come_first_only_where_the_model_wants_them()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", Specs()["lstm"]);
        folder.WriteArray("x.npy", Steps, Batch, 2);

        Assert.Contains(
            "expected no --prewarm",
            folder.Fail(1, "run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}", "--prewarm"),
            StringComparison.Ordinal);
    }

    private static Dictionary<string, NetworkSpec> Specs() => new()
    {
        ["rnn"] = new(2, new RecurrentLayer(CellKind.Elman, 4)),
        ["gru"] = new(2, new RecurrentLayer(CellKind.GruResetAfter, 4)),
        ["gru reset-before"] = new(2, new RecurrentLayer(CellKind.GruResetBefore, 4) { Bidirectional = true }),
        ["lstm"] = new(2, new RecurrentLayer(CellKind.Lstm, 4)),
        ["lstm 2 layers both projected"] = new(
            3,
            [.. Enumerable.Repeat(new RecurrentLayer(CellKind.Lstm, 3) { Bidirectional = true, ProjectionSize = 2 }, 2)]),
        ["head on every step"] = new(2, new RecurrentLayer(CellKind.Elman, 3) { Bias = false }, new DenseLayer(5)),
        ["mean of all steps"] = new(2, new RecurrentLayer(CellKind.Lstm, 4), new PoolLayer(Pooling.Mean), new DenseLayer(2)),
        ["attention and a skip"] = new(
            2, new RecurrentLayer(CellKind.GruResetAfter, 2), new SkipLayer(0) { Scale = SkipScale.One }, new AttentionLayer()),
        ["head on the last step"] = new(
            2, new RecurrentLayer(CellKind.GruResetAfter, 3) { Bidirectional = true }, new FinalStateLayer(), new DenseLayer(2)),
    };

    private static (float[] Y, float[] State) Forward(NetworkSpec spec, float[] parameters, float[] x, float[] start, int[] lengths)
    {
        var network = new Network<float>(spec);
        var layout = new SequenceLayout();
        layout.Set(Steps, lengths);
        float[] state = [.. start];
        float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
        network.Forward(
            parameters, layout, x, state, y, new float[network.TapeLength(layout)], new float[network.WorkspaceLength(layout)]);
        return (y, state);
    }

    private static float[] Export(CliFolder folder, StateKind kind, float[] state)
    {
        RecurrentModel model = ModelFile.Load(folder.File("m"));
        ModelPort port = model.Output(kind == StateKind.Hidden ? "hn" : "cn")!;
        float[] tensor = new float[port.Shape(1, Batch).Aggregate(1, (product, size) => product * size)];
        port.ExportStates<float>(Batch, state, tensor);
        return tensor;
    }

    private static float[] Exchange(float[] values, int first, int second)
    {
        int size = values.Length / (first * second);
        float[] result = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int k) = Math.DivRem(i, size);
            result[((((row % second) * first) + (row / second)) * size) + k] = values[i];
        }

        return result;
    }

    [Fact]
    public void What_is_read_is_not_written_over_behind_a_link()
    {
        using var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 3)));
        folder.WriteArray("x.npy", 4, 3, 2);
        byte[] before = File.ReadAllBytes(folder.File("x.npy"));
        try
        {
            File.CreateSymbolicLink(folder.File("link"), folder.File("x.npy"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // the system does not allow links
        }

        Assert.Contains(
            "is read and would be overwritten",
            folder.Fail(1, "run", "{m}", "--input", "{x.npy}", "--output", "{link}"),
            StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder.File("x.npy")));
    }

    [Fact]
    public void An_empty_name_is_a_wrong_command_line()
    {
        using var folder = new CliFolder();
        Assert.Contains("MODEL is empty", folder.Fail(2, "inspect", ""), StringComparison.Ordinal);
        Assert.Contains("--save is empty", folder.Fail(2, "demo", "--save", ""), StringComparison.Ordinal);
    }
}
