using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

/// <summary>Normalization and slopes beside a recurrent module, whose places the metadata says.</summary>
public class PyTorchNormTests
{
    private const string Layers =
        """{"cell":"gru_reset_after","hidden":2},LAYER,{"cell":"dense","hidden":1,"activation":["identity",0,0]}""";

    private static readonly float[] _x = [0.4f, -0.7f, 1.1f, 0.2f, -0.3f];

    [Theory]
    [InlineData(true, ",\"epsilon\":0.01", 0.01)]
    [InlineData(false, ",\"epsilon\":0.01", 0.01)]
    [InlineData(true, "", 1e-5)]
    public void A_batch_normalization_comes_from_its_statistics(bool affine, string epsilon, double value)
    {
        List<(string Name, int[] Shape, float[] Values)> norm =
            [("bn.running_mean", [2], [0.1f, -0.2f]), ("bn.running_var", [2], [0.5f, 2])];
        if (affine)
        {
            norm.AddRange([("bn.weight", [2], [2, 3]), ("bn.bias", [2], [4, 5])]);
        }

        RecurrentModel model = Read("""{"kind":"affine"}""", $$"""{"batch_norm":"bn"{{epsilon}}}""", norm, counts: true);

        double[] gamma = affine ? [2, 3] : [1, 1];
        double[] beta = affine ? [4, 5] : [0, 0];
        Agrees(model, (v, i) => (gamma[i] * (v - (i == 0 ? 0.1 : -0.2)) / Math.Sqrt((i == 0 ? 0.5 : 2) + value)) + beta[i]);
        Assert.Empty(model.Unused);
        Assert.Equal(new AffineLayer(), model.Spec.Layers[1]);
    }

    [Fact]
    public void A_layer_normalization_and_slopes_are_layers_as_they_are()
    {
        RecurrentModel model = Read(
            """{"kind":"normalisation","by":"layer","epsilon":0.01}""", "\"ln\"", [("ln.weight", [2], [2, 3]), ("ln.bias", [2], [4, 5])]);
        Agrees(model, (v, i, row) =>
        {
            double mean = row.Average();
            return ((2 + i) * (v - mean) / Math.Sqrt(row.Average(u => (u - mean) * (u - mean)) + 0.01)) + 4 + i;
        });
        Agrees(Read("""{"kind":"prelu"}""", "\"act\"", [("act.weight", [2], [0.5f, -2])]), (v, i) => v >= 0 ? v : v * (i == 0 ? 0.5 : -2));
        Agrees(Read("""{"kind":"prelu"}""", "\"act\"", [("act.weight", [1], [0.5f])]), (v, _) => v >= 0 ? v : 0.5 * v);
    }

    [Fact]
    public void Without_the_metadata_the_refusal_names_it()
    {
        (string, int[], float[])[] norm =
            [("bn.weight", [2], [2, 3]), ("bn.bias", [2], [4, 5]), ("bn.running_mean", [2], [0, 0]), ("bn.running_var", [2], [1, 1])];
        ModelRun.Refuses(
            () => Read(null, norm, counts: true),
            "tensor 'bn.running_mean' belongs to a batch normalization, whose place is not in the file, expected a metadata entry "
            + "'spanrnn' with the network and its modules: this one is an affine layer and the module "
            + "{\"batch_norm\":\"bn\",\"epsilon\":1e-5}");
        ModelRun.Refuses(
            () => Read(null, [("ln.weight", [2], [2, 3]), ("ln.bias", [2], [4, 5])]),
            "tensor 'ln.weight' has shape [2] as a normalization or a PReLU has, whose place is not in the file, expected a metadata");
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        const string Affine = """{"kind":"affine"}""";
        const string Norm = """{"batch_norm":"bn"}""";
        (string, int[], float[]) mean = ("bn.running_mean", [2], [0, 0]);
        (string, int[], float[]) variance = ("bn.running_var", [2], [1, 1]);
        Refuses("there is no tensor 'bn.running_var', expected it for the batch normalization 'bn' in the metadata", Affine, Norm, mean);
        Refuses(
            "the batch normalization 'bn' has statistics without a scale and a shift: 'variance' is -1 at 1 with an epsilon of 1E-05",
            Affine, Norm, mean, ("bn.running_var", [2], [1, -1]));
        Refuses("tensor 'bn.running_var' has shape [3], expected [2]", Affine, Norm, mean, ("bn.running_var", [3], [1, 1, 1]));
        Refuses(
            "the batch normalization 'bn' is no affine layer of the network in the metadata, expected one with a scale and a shift",
            """{"kind":"affine","shift":false}""", Norm, mean, variance);
        Refuses(
            "belongs to a batch normalization, expected {\"batch_norm\":\"bn\",\"epsilon\":1e-5} among the modules",
            Affine, "\"bn\"", ("bn.weight", [2], [2, 3]), ("bn.bias", [2], [4, 5]), mean, variance);
        Refuses("tensor 'bn.running_mean' belongs to two layers", Affine + "," + Affine, Norm + "," + Norm, mean, variance);
        Refuses("expected an array of names, or {\"batch_norm\":\"NAME\",\"epsilon\":1e-5}", Affine, """{"batch":"bn"}""", mean, variance);
        Refuses("expected an array of names", Affine, """{"batch_norm":"bn","epsilon":"small"}""", mean, variance);
        Refuses("expected an array of names", Affine, """{"epsilon":1}""", mean, variance);

        static void Refuses(string expected, string layer, string module, params (string, int[], float[])[] tensors) =>
            ModelRun.Refuses(() => Read(layer, module, tensors), expected);
    }

    private static void Agrees(RecurrentModel model, Func<double, int, double> function) =>
        Agrees(model, (v, i, _) => function(v, i));

    // The rows of the module, the function, the dense layer; then the same bits from the file that is written of the model.
    private static void Agrees(RecurrentModel model, Func<double, int, double[], double> function)
    {
        var gru = new NetworkSpec(1, model.Spec.Layers[0]);
        float[] parameters = model.ReadParameters<float>().Span.ToArray();
        float[] own = new float[gru.Parameters.Length];
        foreach (ParameterSlot slot in gru.Parameters.Slots)
        {
            model.Spec.Parameters.Slots.ToArray().Single(other => other.Name == slot.Name).In(parameters).CopyTo(slot.In(own.AsSpan()));
        }

        var network = new PackedNetwork(gru, own);
        StreamState state = network.CreateStream();
        double[] expected = new double[_x.Length];
        float[] h = new float[2];
        for (int step = 0; step < _x.Length; step++)
        {
            state.Step(_x.AsSpan(step, 1), h);
            double[] row = [h[0], h[1]];
            expected[step] = (0.7 * function(row[0], 0, row)) - (0.9 * function(row[1], 1, row)) + 0.2;
        }

        float[] y = ModelRun.Steps(model, _x);
        ModelRun.Agree(expected, y, 2e-6);
        byte[] file = PyTorchWriter.ToBytes<float>(model.Spec, parameters);
        Assert.Equal(y, ModelRun.Steps(ModelFile.Load(SafetensorsFile.Parse(file, "m")), _x));
        byte[] graph = OnnxWriter.ToBytes(model.Spec, parameters);
        ModelRun.Agree(expected, ModelRun.Steps(ModelFile.Load(graph, "m.onnx"), _x), 2e-6);
    }

    private static RecurrentModel Read(
        string layer, string module, IEnumerable<(string, int[], float[])> tensors, bool counts = false) => Read(
        $$"""
        {"network":{"input":1,"layers":[{{Layers.Replace("LAYER", layer, StringComparison.Ordinal)}}]},"modules":["rnn",{{module}},"fc"]}
        """,
        tensors,
        counts);

    private static RecurrentModel Read(string? entry, IEnumerable<(string Name, int[] Shape, float[] Values)> tensors, bool counts = false)
    {
        var writer = new SafetensorsWriter();
        if (entry is not null)
        {
            writer.Metadata["spanrnn"] = entry;
        }

        var random = new RandomSource(4);
        foreach ((string name, int[] shape) in new (string, int[])[]
            { ("rnn.weight_ih_l0", [6, 1]), ("rnn.weight_hh_l0", [6, 2]), ("rnn.bias_ih_l0", [6]), ("rnn.bias_hh_l0", [6]) })
        {
            int count = shape.Aggregate(1, (product, size) => product * size);
            writer.Add<float>(name, shape, [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())]);
        }

        writer.Add<float>("fc.weight", [1, 2], [0.7f, -0.9f]);
        writer.Add<float>("fc.bias", [1], [0.2f]);
        foreach ((string name, int[] shape, float[] values) in tensors)
        {
            writer.Add<float>(name, shape, values);
        }

        if (counts)
        {
            writer.Add<float>("bn.num_batches_tracked", [], [7]);
        }

        return ModelFile.Load(SafetensorsFile.Parse(writer.ToBytes(), "m"));
    }
}
