using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

public class InspectCommandTests
{
    [Fact]
    public void Layers_shapes_counts_and_sizes_are_shown()
    {
        using var folder = new CliFolder();
        var layer = new RecurrentLayer(CellKind.Lstm, 300) { Bidirectional = true, ProjectionSize = 2 };
        folder.WriteModel("m", new NetworkSpec(5, layer, layer, new FinalStateLayer(), new DenseLayer(3)));

        string output = folder.Succeed("inspect", "{m}");

        Assert.DoesNotContain('\u001b', output);
        string[] lines = [.. output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Contains("layer 0 LSTM, 5 → 4, hidden size 300, projected to 2, both directions", lines);
        Assert.Contains("layer 1 LSTM, 4 → 4, hidden size 300, projected to 2, both directions", lines);
        Assert.Contains("layer 2 final h of layer 1, 4 in all", lines);
        Assert.Contains("layer 3 dense, 4 → 3", lines);
        Assert.Contains("output 3 per sequence", lines);
        Assert.Contains("parameters 43,215 of F32, 172,860 bytes", lines);
        Assert.Contains("metadata spanrnn = {\"head\":\"last_step\"}", lines);
        Assert.Contains("rnn.weight_ih_l1_reverse [1200, 4] F32 4,800 19,200", lines);
    }

    [Fact]
    public void Layers_of_every_kind_and_the_arrays_are_shown()
    {
        using var folder = new CliFolder();
        var spec = new NetworkSpec(
            2,
            new DenseLayer(3) { Activation = ActivationKind.Relu },
            new RecurrentLayer(CellKind.GruResetBefore, 4) { Reverse = true },
            new RecurrentLayer(CellKind.Elman, 5)
            {
                Bidirectional = true,
                ReverseActivations = new(ActivationKind.Softsign, ActivationKind.Sigmoid, ActivationKind.Tanh),
            },
            new PoolLayer(Pooling.Last),
            new DenseLayer(3) { Activation = ActivationKind.Tanh },
            new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax });
        folder.WriteModel("m", spec);

        string output = folder.Succeed("inspect", "{m}");

        string[] lines = [.. output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Contains("format safetensors, PyTorch's names", lines);
        Assert.Contains("layer 0 dense, 2 → 3, Relu", lines);
        Assert.Contains("layer 1 GRU, reset before the product, 3 → 4, hidden size 4, in reverse", lines);
        Assert.Contains("layer 2 Elman RNN (Tanh), 4 → 10, hidden size 5, both directions, in reverse Softsign", lines);
        Assert.Contains("layer 3 output of the last step", lines);
        Assert.Contains("layer 4 dense, 10 → 3, Tanh", lines);
        Assert.Contains("layer 5 Softmax", lines);
        Assert.Contains("takes x [T, B, 2], numbers", lines);
        Assert.Contains("takes lengths [B], lengths of the sequences", lines);
        Assert.Contains("takes h0_l1 [1, B, 4], states h", lines);
        Assert.Contains("returns y [B, 3], numbers", lines);
        Assert.Contains("returns hn_l2 [2, B, 5], states h", lines);
    }

    [Fact]
    public void Layers_without_a_matrix_are_shown()
    {
        using var folder = new CliFolder();
        RecurrentLayer lstm = new(CellKind.Lstm, 4);
        Shown(
            new NetworkSpec(
                4,
                new AffineLayer(),
                new PReluLayer(),
                lstm,
                new SkipLayer(0) { Scale = SkipScale.PerFeature },
                lstm with { Bidirectional = true },
                new MergeLayer(DirectionMerge.Average),
                new SkipLayer(2) { Features = 3 },
                new AttentionLayer(),
                new NormalizationLayer(FeatureNormalization.Layer),
                new ActivationLayer(ActivationKind.Relu)),
            "0 scale and shift of 4 features",
            "1 PReLU of 4 features",
            "3 plus the input, times a factor per feature",
            "5 Average of both directions, 8 → 4",
            "6 plus 3 of the input of layer 2",
            "7 attention over all steps, 4 features",
            "8 layer normalization of 4 features, epsilon 1E-05",
            "9 Relu");
        Shown(new NetworkSpec(4, lstm, new PoolLayer(Pooling.Mean)), "1 Mean of all steps");
        Shown(new NetworkSpec(4, lstm, new StepLayer(7)), "1 output of step 7");
        Shown(
            new NetworkSpec(4, lstm, lstm, new FinalStateLayer { AllLayers = true, Cells = true }),
            "2 final h and c of all recurrent layers, 16 in all");

        void Shown(NetworkSpec spec, params string[] expected)
        {
            folder.WriteModel("m", spec);
            string[] lines =
            [
                .. folder.Succeed("inspect", "{m}").Split('\n')
                    .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))),
            ];
            Assert.All(expected, line => Assert.Contains($"layer {line}", lines));
        }
    }

    [Fact]
    public void Long_names_are_shown_whole_and_control_characters_are_not()
    {
        using var folder = new CliFolder();
        string prefix = new string('p', 200) + "\u001b]0;x\u0007";
        var writer = new SafetensorsWriter();
        writer.Add<float>($"{prefix}.weight_ih_l0", [3, 2], [1, 0, 0, 0, 0, 0]);
        writer.Add<float>($"{prefix}.weight_hh_l0", [3, 3], new float[9]);
        folder.Write("m", writer.ToBytes());

        string output = folder.Succeed("inspect", "{m}");

        Assert.Contains(new string('p', 200) + "?]0;x?.weight_hh_l0", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public void Weights_that_are_not_finite_and_a_network_of_zeros_are_warned_of()
    {
        using var folder = new CliFolder();
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 3), new DenseLayer(1));
        float[] parameters = folder.WriteModel("m", spec);
        folder.Succeed("inspect", "{m}");

        spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters.AsSpan())[4] = float.NaN;
        spec.Slot(1, Direction.Forward, ParameterRole.InputBias)!.In(parameters.AsSpan())[0] = float.NegativeInfinity;
        folder.Write("m", PyTorchWriter.ToBytes<float>(spec, parameters));
        (int code, string output, string error) = folder.Run("inspect", "{m}");
        Assert.Equal(0, code);
        Assert.Contains("layer 0", output, StringComparison.Ordinal);
        Assert.Contains("m: tensor 'rnn.weight_hh_l0' holds NaN at [1, 1]; 1 of its 36 numbers", error, StringComparison.Ordinal);
        Assert.Contains("m: tensor 'head.bias' holds infinity at [0]; 1 of its 1 number ", error, StringComparison.Ordinal);

        folder.Write("m", PyTorchWriter.ToBytes<float>(spec, new float[parameters.Length]));
        (code, _, error) = folder.Run("inspect", "{m}");
        Assert.Equal(0, code);
        Assert.Equal(
            $"spanrnn: warning: {folder.File("m")}: all 88 parameters are zero, expected a trained model.", error.TrimEnd());
    }

    [Fact]
    public void An_activation_that_the_file_does_not_tell_is_called_assumed()
    {
        using var folder = new CliFolder();
        folder.WriteStateDict("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 3)));
        string assumed = folder.Succeed("inspect", "{m}");
        Assert.Contains("Tanh unless --nonlinearity says otherwise", assumed, StringComparison.Ordinal);
        Assert.Contains("assumed     The activation of the RNN is tanh.", assumed, StringComparison.Ordinal);
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Relu }));
        Assert.Contains("Elman RNN (Relu)", folder.Succeed("inspect", "{m}"), StringComparison.Ordinal);
    }
}
