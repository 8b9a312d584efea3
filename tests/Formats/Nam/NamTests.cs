using System.Text;

namespace SpanRnn.Tests;

public class NamTests
{
    // 2 layers of 1 unit on 1 input: [4, 2], [4], [1], [1] twice, then [1, 1], [1].
    private static readonly string _numbers = string.Join(',', Enumerable.Range(1, 30));

    [CasesTheory]
    [InlineData(false, "expected.npy")]
    [InlineData(true, "expected_prewarmed.npy")]
    public void The_authors_outputs_come_out(bool prewarm, string expected)
    {
        string folder = Path.Combine(Cases.Folder!, "nam", "nam_lstm_1x3");
        RecurrentModel model = ModelFile.Load(Path.Combine(folder, "model.nam"));
        float[] x = NpyArray.Load(Path.Combine(folder, "..", "shared", "nam_input_48k.npy")).ToSingles("T");

        float[] y = new float[x.Length];
        (prewarm ? model.Pack() : new PackedNetwork(model.Spec, model.ReadParameters<float>().Span)).CreateStream().Run(x, y);

        Assert.Equal(24000, model.PrewarmSteps);
        Assert.Equal(48000, model.SampleRate);
        Assert.Equal("Darkglass Electronics", model.Metadata["gear_make"]);
        Assert.Empty(model.Unused);
        ModelRun.Agree(NpyArray.Load(Path.Combine(folder, expected)).ToDoubles("T"), y, 2e-5);
        if (!prewarm)
        {
            ModelRun.Agree(NpyArray.Load(Path.Combine(folder, "expected_numpy_f64.npy")).ToDoubles("T"), y, 1e-5);
        }
    }

    [Fact]
    public void Numbers_go_to_their_parameters()
    {
        RecurrentModel model = Read(Model(_numbers));
        float[] parameters = model.ReadParameters<float>().Span.ToArray();

        var layer = new RecurrentLayer(CellKind.Lstm, 1) { TrainableInitialState = true };
        Assert.Equal([layer, layer, new DenseLayer(1)], model.Spec.Layers.ToArray());
        Assert.Equal([1, 3, 5, 7], Slot(0, ParameterRole.InputWeights));
        Assert.Equal([2, 4, 6, 8], Slot(0, ParameterRole.RecurrentWeights));
        Assert.Equal([9, 10, 11, 12], Slot(0, ParameterRole.InputBias));
        Assert.Equal([0, 0, 0, 0], Slot(0, ParameterRole.RecurrentBias));
        Assert.Equal([13], Slot(0, ParameterRole.InitialHidden));
        Assert.Equal([14], Slot(0, ParameterRole.InitialCell));
        Assert.Equal([15, 17, 19, 21], Slot(1, ParameterRole.InputWeights));
        Assert.Equal([16, 18, 20, 22], Slot(1, ParameterRole.RecurrentWeights));
        Assert.Equal([27], Slot(1, ParameterRole.InitialHidden));
        Assert.Equal([28], Slot(1, ParameterRole.InitialCell));
        Assert.Equal([29], Slot(2, ParameterRole.InputWeights));
        Assert.Equal([30], Slot(2, ParameterRole.InputBias));

        float[] Slot(int index, ParameterRole role) => model.Spec.Slot(index, Direction.Forward, role)!.In(parameters).ToArray();
    }

    [Theory]
    [InlineData("", 64)]
    [InlineData(""","sample_rate":48000""", 24000)]
    [InlineData(""","sample_rate":44100.0""", 22080)]
    [InlineData(""","sample_rate":null""", 64)]
    public void Prewarming_is_half_a_second_in_whole_blocks(string rate, int steps) =>
        Assert.Equal(steps, Read(Model(_numbers, more: rate)).PrewarmSteps);

    [Fact]
    public void What_goes_with_the_network_is_kept()
    {
        RecurrentModel model = Read(Model(
            _numbers, ""","more":1""", ""","version":"0.5.4","metadata":{"date":{"year":2024},"gain":0.5,"none":null},"other":[1]"""));

        Assert.Equal("0.5.4", model.Metadata["version"]);
        Assert.Equal("""{"year":2024}""", model.Metadata["date"]);
        Assert.Equal("0.5", model.Metadata["gain"]);
        Assert.Equal(["member 'other'", "config 'more'"], model.Unused);
        Assert.Equal("NAM, LSTM", model.Format);
    }

    [Theory]
    [InlineData("WaveNet")]
    [InlineData("ConvNet")]
    [InlineData("Linear")]
    public void Another_architecture_is_refused_by_name(string name) => Refuses(
        $$"""{"architecture":"{{name}}","config":{},"weights":[]}""",
        $"'architecture' is '{name}', expected 'LSTM', the only one with a recurrent network");

    [Theory]
    [InlineData(1, 1, 2, 29, "'weights' has 29 numbers, expected 30 for 2 layers of 1 units on 1 inputs and a head of 1")]
    [InlineData(1, 1, 2, 31, "'weights' has 31 numbers, expected 30")]
    [InlineData(2147483647, 2147483647, 2147483647, 30, "'weights' has 30 numbers, expected 79228162")]
    [InlineData(0, 1, 2, 30, "'input_size' is '0', expected a whole number from 1")]
    [InlineData(1, 1, 0, 30, "'num_layers' is '0', expected a whole number from 1")]
    [InlineData(1, 1, 1001, 14016, "There are more than 1000 layers")]
    public void The_count_of_weights_is_held_against_the_config(int inputs, int units, int layers, int count, string expected) => Refuses(
        Model(string.Join(',', Enumerable.Repeat("1", count)), inputs: inputs, units: units, layers: layers), expected);

    [Fact]
    public void Nested_weights_are_refused() => Refuses(
        Model(string.Join(',', Enumerable.Repeat("[1]", 30))), "'weights' is an array of 30, expected an array of numbers");

    private static string Model(string weights, string config = "", string more = "", int inputs = 1, int units = 1, int layers = 2) =>
        $$"""
        {"architecture":"LSTM","config":{"input_size":{{inputs}},"hidden_size":{{units}},"num_layers":{{layers}}{{config}}},
        "weights":[{{weights}}]{{more}}}
        """;

    private static RecurrentModel Read(string text) => ModelFile.Load(Encoding.UTF8.GetBytes(text), "m.nam");

    private static void Refuses(string text, string expected) => ModelRun.Refuses(() => Read(text), expected);
}
