using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.GradCheck;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

public class GradCheckCommandTests
{
    [Theory]
    [InlineData("double")]
    [InlineData("single")]
    public void A_right_gradient_passes_and_is_written(string precision)
    {
        using CliFolder folder = Lstm();

        string output = folder.Succeed(
            "gradcheck", "{m}", "--input", "{x.npy}", "--input", "h0={h0.npy}", "--input", "c0={c0.npy}", "--input", "lengths={n.npy}",
            "--output-gradient", "{gy.npy}", "--output-gradient", "gh={gh.npy}", "--output-gradient", "cn={gc.npy}",
            "--precision", precision, "--write", "{g.safetensors}");

        Assert.Contains($"8 gradients in {precision} precision, 117 numbers: all satisfy", output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
        var file = SafetensorsFile.Load(folder.File("g.safetensors"));
        Assert.Equal(
            [
                "grad.weight_ih_l0 F32 12x2", "grad.weight_hh_l0 F32 12x2", "grad.bias_ih_l0 F32 12", "grad.bias_hh_l0 F32 12",
                "grad.weight_hr_l0 F32 2x3", "grad.x F32 4x3x2", "grad.h0 F32 1x3x2", "grad.c0 F32 1x3x3",
            ],
            file.Tensors.Select(tensor => $"{tensor.Name} {tensor.Dtype} {string.Join('x', tensor.Shape.ToArray())}"));
        Assert.All(file.Tensors, tensor => Assert.Contains(Values(tensor), value => value != 0));
    }

    [Fact]
    public void Batch_first_exchanges_x_gy_and_the_gradient_of_x()
    {
        using CliFolder folder = Lstm();
        Exchange("x", 4, 3);
        Exchange("gy", 4, 3);

        folder.Succeed("gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}", "--write", "{g}");
        string output = folder.Succeed(
            "gradcheck", "{m}", "--input", "{x-b.npy}", "--output-gradient", "{gy-b.npy}", "--write", "{gb}", "--batch-first");

        Assert.Contains("6 gradients", output, StringComparison.Ordinal);
        var time = SafetensorsFile.Load(folder.File("g"));
        var batch = SafetensorsFile.Load(folder.File("gb"));
        Assert.Equal([3, 4, 2], batch.Find("grad.x")!.Shape.ToArray());
        Assert.Equal(AxisOrder.Exchange<float>(Values(time.Find("grad.x")!), 4, 3), Values(batch.Find("grad.x")!));
        Assert.Equal(Values(time.Find("grad.weight_hh_l0")!), Values(batch.Find("grad.weight_hh_l0")!));

        void Exchange(string name, int first, int second) => folder.WriteArray(
            $"{name}-b.npy",
            [second, first, 2],
            AxisOrder.Exchange<float>(folder.Read($"{name}.npy").ToSingles("T", "B", "n"), first, second));
    }

    [Fact]
    public void A_model_in_double_has_its_gradients_written_in_double()
    {
        using var folder = new CliFolder();
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 2), new FinalStateLayer(), new DenseLayer(1));
        double[] parameters = new double[spec.Parameters.Length];
        spec.Initialize<double>(parameters, new RandomSource(1));
        folder.Write("m", PyTorchWriter.ToBytes<double>(spec, parameters));
        folder.WriteArray("x.npy", 3, 2, 1);
        folder.WriteArray("gy.npy", 2, 1);

        folder.Succeed("gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "y={gy.npy}", "--write", "{g}");

        var file = SafetensorsFile.Load(folder.File("g"));
        Assert.Equal(
            ["rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "head.weight", "head.bias", "x"],
            file.Tensors.Select(tensor => tensor.Name["grad.".Length..]));
        Assert.All(file.Tensors, tensor => Assert.Equal("F64", tensor.Dtype));
    }

    /// <summary>Ragged sequences through each layer that makes one row of them, and through what may stand around it.</summary>
    [Fact]
    public void Layers_of_every_kind_pass()
    {
        using var folder = new CliFolder();
        RecurrentLayer lstm = new(CellKind.Lstm, 3);
        folder.WriteArray("x.npy", 4, 3, 2);
        folder.WriteArray("gy.npy", 3, 2);
        folder.WriteLengths("n.npy", "<i8", 4, 2, 3);
        LayerSpec[] readouts =
        [
            new PoolLayer(Pooling.Mean), new PoolLayer(Pooling.Maximum), new PoolLayer(Pooling.Sum), new PoolLayer(Pooling.Last),
            new StepLayer(1), new AttentionLayer(), new FinalStateLayer { AllLayers = true, Cells = true },
        ];
        foreach (LayerSpec readout in readouts)
        {
            folder.WriteModel("m", new NetworkSpec(
                2,
                new AffineLayer(),
                lstm,
                new SkipLayer(1) { Scale = SkipScale.PerFeature, Features = 2 },
                lstm,
                readout,
                new DenseLayer(2),
                new NormalizationLayer(FeatureNormalization.Layer)));
            string output = folder.Succeed(
                "gradcheck", "{m}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output-gradient", "{gy.npy}");
            Assert.Contains(": all satisfy", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false, 1e-4)]
    [InlineData(true, 1e-2)]
    public void A_wrong_gradient_fails(bool inFloat, double wrong)
    {
        Precision precision = inFloat ? Precision.Single : Precision.Double;
        using CliFolder folder = Lstm();
        var output = new StringWriter();
        var error = new StringWriter();
        string model = folder.File("m");
        var inputs = new ModelInputs(
            [model], ModelFile.Load(model), new() { ["x"] = NpyArray.Load(folder.File("x.npy")) }, BatchFirst: false);
        var gradients = new Dictionary<string, string> { ["y"] = folder.File("gy.npy") };
        var check = new GradCheckRun(inputs, gradients, new Terminal(output, error));
        double[] gradient = check.Gradient(precision);
        Assert.Equal(0, check.Check(gradient, precision));

        // The second number of bias_hh_l0.
        ParameterSlot slot = inputs.Model.Spec.Slot(0, Direction.Forward, ParameterRole.RecurrentBias)!;
        gradient[slot.Offset + 1] += wrong;

        Assert.Equal(1, check.Check(gradient, precision));
        Assert.Contains("1 of 6 gradients", error.ToString(), StringComparison.Ordinal);
        string line = Assert.Single(output.ToString().Split('\n'), line => line.Contains("FAILED", StringComparison.Ordinal));
        Assert.Contains("bias_hh_l0", line, StringComparison.Ordinal);
        Assert.Contains("[1]", line, StringComparison.Ordinal);

        gradient[slot.Offset + 1] = double.NaN;
        Assert.Equal(1, check.Check(gradient, precision));
    }

    [Fact]
    public void NaN_in_the_input_runs_says_so_and_fails()
    {
        using CliFolder folder = Lstm();
        float[] x = folder.Read("x.npy").ToSingles("T", "B", "I");
        x[0] = float.NaN;
        folder.WriteArray("x.npy", [4, 3, 2], x);

        (int code, string output, string error) = folder.Run("gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}");

        Assert.Equal(1, code);
        Assert.Contains("x.npy holds NaN at [0, 0, 0]", error, StringComparison.Ordinal);
        Assert.Contains("FAILED", output, StringComparison.Ordinal);
    }

    [Fact]
    public void NaN_in_padding_changes_nothing()
    {
        using CliFolder folder = Lstm();
        foreach (string name in new[] { "x", "gy" })
        {
            float[] values = folder.Read($"{name}.npy").ToSingles("T", "B", "n");
            values[(((2 * 3) + 1) * 2) + 1] = float.NaN; // step 2 of the sequence whose length is 2
            folder.WriteArray($"{name}.npy", [4, 3, 2], values);
        }

        (int code, string output, string error) = folder.Run(
            "gradcheck", "{m}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output-gradient", "{gy.npy}");

        Assert.Equal(0, code);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
        Assert.Equal("", error);
    }

    [Fact]
    public void Numbers_on_a_kink_are_counted_and_not_judged()
    {
        using var folder = new CliFolder();
        var elman = new RecurrentLayer(CellKind.Elman, 3) { Bias = false };
        folder.WriteModel("m", new NetworkSpec(2, elman with { Activation = ActivationKind.Relu }));
        folder.WriteModel("s", new NetworkSpec(2, elman));
        folder.WriteModel("max", new NetworkSpec(2, elman, new PoolLayer(Pooling.Maximum)));

        // With x = 0 and no biases every pre-activation is exactly 0.
        folder.WriteArray("x.npy", [2, 1, 2], new float[4]);
        folder.WriteArray("gy.npy", 2, 1, 3);
        folder.WriteArray("g.npy", 1, 3);

        string output = folder.Succeed(
            "gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}");
        string smooth = folder.Succeed("gradcheck", "{s}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}");
        string ties = folder.Succeed("gradcheck", "{max}", "--input", "{x.npy}", "--output-gradient", "{g.npy}");

        Assert.Contains("not compared, 4 on a kink", output, StringComparison.Ordinal);
        Assert.Contains("15 numbers: all satisfy", output, StringComparison.Ordinal);
        Assert.DoesNotContain("on a kink", smooth, StringComparison.Ordinal);
        Assert.Contains("on a kink", ties, StringComparison.Ordinal);
    }

    private static CliFolder Lstm()
    {
        var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.Lstm, 3) { ProjectionSize = 2 }));
        folder.WriteArray("x.npy", 4, 3, 2);
        folder.WriteArray("h0.npy", 1, 3, 2);
        folder.WriteArray("c0.npy", 1, 3, 3);
        folder.WriteLengths("n.npy", "<i8", 4, 2, 3);
        folder.WriteArray("gy.npy", 4, 3, 2);
        folder.WriteArray("gh.npy", 1, 3, 2);
        folder.WriteArray("gc.npy", 1, 3, 3);
        return folder;
    }

    private static float[] Values(SafetensorsTensor tensor)
    {
        float[] values = new float[tensor.Length];
        tensor.CopyTo<float>(values);
        return values;
    }

    [Fact]
    public void Large_outputs_are_judged_by_what_their_differences_can_tell()
    {
        using CliFolder folder = Lstm();
        float[] gy = folder.Read("gy.npy").ToSingles("T", "B", "n");
        folder.WriteArray("gy.npy", [4, 3, 2], Array.ConvertAll(gy, value => 1e7f * value));

        (int code, string output, string error) = folder.Run("gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}");

        Assert.Equal((0, ""), (code, error));
        Assert.DoesNotContain("max(1,", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Single_precision_is_relative_to_the_largest_number_of_a_tensor()
    {
        using CliFolder folder = Lstm();
        float[] gy = folder.Read("gy.npy").ToSingles("T", "B", "n");
        folder.WriteArray("gy.npy", [4, 3, 2], Array.ConvertAll(gy, value => 3e3f * value));

        string output = folder.Succeed(
            "gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}", "--precision", "single");

        Assert.Contains("the largest |analytic| of the tensor", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tolerance_and_scale_are_options()
    {
        using CliFolder folder = Lstm();
        string[] check = ["gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}"];
        Assert.Contains("<= 0.001 max(1, |analytic|", folder.Succeed([.. check, "--tolerance", "1e-3"]), StringComparison.Ordinal);
        Assert.Contains("<= 1e-06 max(0.01, |analytic|", folder.Succeed([.. check, "--scale", "0.01"]), StringComparison.Ordinal);

        // Differences cannot tell more than this.
        Assert.DoesNotContain(
            "max(1e-30,", folder.Succeed([.. check, "--scale", "1e-30", "--tolerance", "1e-3"]), StringComparison.Ordinal);
        Assert.Equal(2, folder.Run([.. check, "--tolerance", "0"]).Code);
        Assert.Equal(2, folder.Run([.. check, "--scale", "-1"]).Code);
    }

    [Fact]
    public void A_small_scale_finds_what_is_wrong_with_small_gradients()
    {
        using CliFolder folder = Lstm();
        float[] gy = folder.Read("gy.npy").ToSingles("T", "B", "n");
        folder.WriteArray("gy.npy", [4, 3, 2], Array.ConvertAll(gy, value => 1e-6f * value));

        Assert.Equal((0, 1), (Twice(1), Twice(1e-6)));

        // Checks twice the gradient.
        int Twice(double scale)
        {
            string model = folder.File("m");
            var inputs = new ModelInputs(
                [model], ModelFile.Load(model), new() { ["x"] = NpyArray.Load(folder.File("x.npy")) }, BatchFirst: false);
            var gradients = new Dictionary<string, string> { ["y"] = folder.File("gy.npy") };
            var check = new GradCheckRun(inputs, gradients, new Terminal(TextWriter.Null, TextWriter.Null)) { Scale = scale };
            double[] gradient = check.Gradient(Precision.Double);
            return check.Check(Array.ConvertAll(gradient, value => 2 * value), Precision.Double);
        }
    }

    [Fact]
    public void An_empty_comparison_is_an_error()
    {
        using CliFolder folder = Lstm();
        folder.WriteArray("gy.npy", [4, 3, 2], new float[4 * 3 * 2]);
        (int code, _, string error) = folder.Run("gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}");
        Assert.Equal(1, code);
        Assert.Contains("the output gradients are all 0", error, StringComparison.Ordinal);

        // Nothing but padding.
        folder.WriteArray("gy.npy", 4, 3, 2);
        folder.WriteLengths("n.npy", "<i8", 0, 0, 0);
        (code, _, error) = folder.Run(
            "gradcheck", "{m}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output-gradient", "{gy.npy}");
        Assert.Equal(1, code);
        Assert.Contains("the output gradients are all 0", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CellKind.Elman)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.GruResetAfter)]
    public void Saturated_inputs_pass_and_a_wrong_gradient_does_not(CellKind cell)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            using var folder = new CliFolder();
            var spec = new NetworkSpec(3, new RecurrentLayer(cell, 8));
            float[] parameters = new float[spec.Parameters.Length];
            var random = new RandomSource((ulong)seed);
            spec.Initialize<float>(parameters, random);
            folder.Write("m", PyTorchWriter.ToBytes<float>(spec, parameters));
            float[] x = new float[8 * 3 * 3];
            random.Fill<float>(x, -1e4, 1e4);
            folder.WriteArray("x.npy", [8, 3, 3], x);
            folder.WriteArray("gy.npy", 8, 3, 8);
            string model = folder.File("m");
            foreach (Precision precision in new[] { Precision.Double, Precision.Single })
            {
                var error = new StringWriter();
                var inputs = new ModelInputs(
                    [model], ModelFile.Load(model), new() { ["x"] = NpyArray.Load(folder.File("x.npy")) }, BatchFirst: false);
                var gradients = new Dictionary<string, string> { ["y"] = folder.File("gy.npy") };
                var check = new GradCheckRun(inputs, gradients, new Terminal(TextWriter.Null, error));
                double[] gradient = check.Gradient(precision);
                Assert.True(check.Check(gradient, precision) == 0, error.ToString());

                gradient[spec.Slot(0, Direction.Forward, ParameterRole.InputBias)!.Offset] += 1e-2;
                Assert.Equal(1, check.Check(gradient, precision));
            }
        }
    }
}
