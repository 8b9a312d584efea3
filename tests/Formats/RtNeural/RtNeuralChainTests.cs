using System.Globalization;
using System.Text;
using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>Layers of RTNeural beside the recurrent ones, and the skip of AIDA-X together with its gains.</summary>
public class RtNeuralChainTests
{
    private const string Lstm = """
        {"type":"lstm","activation":"tanh","shape":[null,null,2],
        "weights":[[ROWS],[[.5,.6,-.7,.8,.1,.2,.3,.4],[-.1,.3,.2,.6,.5,-.4,.7,.2]]]}
        """;

    private const string Dense = """{"type":"dense","activation":"","shape":[null,null,1],"weights":[[[0.7],[-0.9]],[0.2]]}""";

    private const string Row = "[.1,-.2,.3,.4,-.5,.6,.7,.8]";

    private static readonly float[] _x = [0.3f, -0.8f, 0.5f, 0.9f, -0.1f, 0.4f];

    [Fact]
    public void A_batch_normalization_is_read_with_and_without_its_factors()
    {
        float[] h = ModelRun.Steps(Read(Model(1, Lstm)), _x);
        const string Statistics = "[0.1,-0.2],[0.5,2]";

        RecurrentModel plain = Read(Model(1, Lstm, Norm(Statistics)));
        ModelRun.Agree(Expected(h, [1, 1], [0, 0]), ModelRun.Steps(plain, _x), 1e-6);
        Assert.Equal(new AffineLayer(), plain.Spec.Layers[1]);
        RecurrentModel affine = Read(Model(1, Lstm, Norm("[2,3],[4,5]," + Statistics), Dense));
        double[] normalized = Expected(h, [2, 3], [4, 5]);
        ModelRun.Agree(
            [.. normalized.Chunk(2).Select(pair => (0.7 * pair[0]) - (0.9 * pair[1]) + 0.2)], ModelRun.Steps(affine, _x), 2e-6);

        static double[] Expected(float[] h, double[] gamma, double[] beta)
        {
            double[] mean = [0.1, -0.2];
            double[] variance = [0.5, 2];
            return [.. h.Select((v, i) => (gamma[i % 2] * (v - mean[i % 2]) / Math.Sqrt(variance[i % 2] + 0.01)) + beta[i % 2])];
        }
    }

    [Theory]
    [InlineData("[[0.5,-0.25]]", 0.5, -0.25)]
    [InlineData("[[0.5]]", 0.5, 0.5)]
    public void Slopes_are_per_number_or_one_for_all(string weights, double first, double second)
    {
        float[] h = ModelRun.Steps(Read(Model(1, Lstm)), _x);
        float[] y = ModelRun.Steps(Read(Model(1, Lstm, $$"""{"type":"prelu","activation":"","shape":[2],"weights":[{{weights}}]}""")), _x);
        ModelRun.Agree([.. h.Select((v, i) => v >= 0 ? v : v * (i % 2 == 0 ? first : second))], y, 0);
    }

    /// <summary>y = o · (network(g · x) + g · x), as aidadsp-plugin.cpp has it; only the first number of a step is the signal.</summary>
    [Theory]
    [InlineData(1, 0, 0, 9)]
    [InlineData(1, 0, 6, 0)]
    [InlineData(1, 1, 0, 0)]
    [InlineData(1, 1, 0, 9)]
    [InlineData(1, 1, 6, 0)]
    [InlineData(1, 1, 6, -9)]
    [InlineData(2, 0, 6, -9)]
    [InlineData(2, 1, 6, -9)]
    [InlineData(2, 1, -90, 3)]
    public void Gains_are_around_the_network_and_the_skip(int inputs, int skip, double inputGain, double outputGain)
    {
        double g = inputGain <= -90 ? 0 : Math.Pow(10, inputGain / 20);
        double o = Math.Pow(10, outputGain / 20);
        float[] scaled = [.. _x.Select((v, i) => i % inputs == 0 ? (float)(g * v) : v)];
        float[] inner = ModelRun.Steps(Read(Model(inputs, Lstm, Dense)), scaled);

        RecurrentModel model = Read(Around(inputs, skip, inputGain, outputGain, Lstm, Dense));

        double[] expected = [.. inner.Select((v, i) => o * (v + (skip * scaled[i * inputs])))];
        ModelRun.Agree(expected, ModelRun.Steps(model, _x), 2e-6);
        float[] back = ModelRun.Steps(ModelFile.Load(SafetensorsFile.Parse(
            PyTorchWriter.ToBytes<float>(model.Spec, model.ReadParameters<float>().Span), "m")), _x);
        Assert.Equal(ModelRun.Steps(model, _x), back);
        byte[] graph = OnnxWriter.ToBytes(model.Spec, model.ReadParameters<float>().Span);
        ModelRun.Agree(expected, ModelRun.Steps(ModelFile.Load(graph, "m.onnx"), _x), 2e-6);
    }

    [Fact]
    public void Gains_without_a_skip_are_part_of_the_weights_and_of_their_own_where_there_are_none()
    {
        Assert.Equal(2, Read(Around(1, 0, 6, 9, Lstm, Dense)).Spec.Layers.Length);
        float[] h = ModelRun.Steps(Read(Model(1, Lstm)), _x);
        RecurrentModel bare = Read(Around(1, 0, 0, 20, Lstm));
        ModelRun.Agree([.. h.Select(v => 10.0 * v)], ModelRun.Steps(bare, _x), 2e-6);
        const string Activate = """{"type":"activation","activation":"tanh","shape":[1],"weights":[]}""";
        float[] inner = ModelRun.Steps(Read(Model(1, Activate, Lstm)), [.. _x.Select(v => 10 * v)]);
        ModelRun.Agree(
            [.. inner.Select(v => (double)v)], ModelRun.Steps(Read(Around(1, 0, 20, 0, Activate, Lstm)), _x), 2e-6);
        string last = Dense.Replace("\"activation\":\"\"", "\"activation\":\"tanh\"", StringComparison.Ordinal);
        float[] bounded = ModelRun.Steps(Read(Model(1, Lstm, last)), _x);
        ModelRun.Agree([.. bounded.Select(v => 10.0 * v)], ModelRun.Steps(Read(Around(1, 0, 0, 20, Lstm, last)), _x), 2e-6);
    }

    [Theory]
    [InlineData("[1],[1]", "weights[0] of shape [1], expected [2]")]
    [InlineData("[1,1],[1,1],[1,1]", "has 3 arrays of weights, expected 2, or 4 with gamma and beta")]
    [InlineData("[1,1],[1,-1]", "has statistics without a scale and a shift: 'variance' is -1 at 1 with an epsilon of 0.01")]
    public void Statistics_that_do_not_fit_are_named(string weights, string expected) => ModelRun.Refuses(
        () => Read(Model(1, Lstm, Norm(weights))), $"layer 1 ('batchnorm') {(expected[0] == 'w' ? "has " : string.Empty)}{expected}");

    [Fact]
    public void What_does_not_fit_is_named()
    {
        Refuses("has no 'epsilon', expected one", """{"type":"batchnorm","shape":[2],"weights":[[0,0],[1,1]]}""");
        Refuses("layer 1 ('batchnorm') has the shape of 3 numbers, expected 2",
            """{"type":"batchnorm","shape":[3],"epsilon":0.1,"weights":[[0,0],[1,1]]}""");
        Refuses("layer 1 ('batchnorm') has the activation 'tanh', expected none",
            """{"type":"batchnorm","activation":"tanh","shape":[2],"epsilon":0.1,"weights":[[0,0],[1,1]]}""");
        Refuses(
            "layer 1 ('prelu') has weights[0] of shape [1, 3], expected [1, 2]", """{"type":"prelu","shape":[2],"weights":[[[1,2,3]]]}""");
        Refuses("layer 1 ('prelu') has 0 arrays of weights, expected 1", """{"type":"prelu","shape":[2],"weights":[]}""");

        static void Refuses(string expected, string layer) => ModelRun.Refuses(() => Read(Model(1, Lstm, layer)), expected);
    }

    private static string Norm(string weights) =>
        $$"""{"type":"batchnorm","activation":"","shape":[null,2],"epsilon":0.01,"weights":[{{weights}}]}""";

    private static string Model(int inputs, params string[] layers) => $$"""
        {"in_shape":[null,null,{{inputs}}],"layers":[{{string.Join(',', layers).Replace(
            "ROWS", string.Join(',', Enumerable.Repeat(Row, inputs)), StringComparison.Ordinal)}}]}
        """;

    private static string Around(int inputs, int skip, double inputGain, double outputGain, params string[] layers) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"in_skip":{{skip}},"in_gain":{{inputGain}},"out_gain":{{outputGain}},{{Model(inputs, layers).TrimStart()[1..]}}""");

    private static RecurrentModel Read(string text) => ModelFile.Load(
        Encoding.UTF8.GetBytes(text.Replace("[.", "[0.", StringComparison.Ordinal).Replace(",.", ",0.", StringComparison.Ordinal)
            .Replace("-.", "-0.", StringComparison.Ordinal)),
        "m.json");
}
