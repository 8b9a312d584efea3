namespace SpanRnn.Tests;

/// <summary>Probabilities of a classifier's outputs.</summary>
public class ProbabilitiesTests
{
    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, 4);

    private static readonly ActivationLayer _softmax = new(ActivationKind.Identity) { Normalization = Normalization.Softmax };

    private static readonly ActivationLayer _logSoftmax = _softmax with { Normalization = Normalization.LogSoftmax };

    [Fact]
    public void One_logit_is_the_probability_of_yes()
    {
        float[] p = Of([_lstm, new FinalStateLayer(), new DenseLayer(1)], [0, 2, -100]);

        Near.Assert<float>("probabilities", [0.5f, 0.880797f, 0], p, 1e-6);
    }

    [Fact]
    public void Several_logits_are_classes_of_which_one_is_right()
    {
        float[] p = Of([_lstm, new DenseLayer(3)], [0, 0, 0, 1000, 1000, -1000]);

        Near.Assert<float>("probabilities", [1 / 3f, 1 / 3f, 1 / 3f, 0.5f, 0.5f, 0], p, 1e-6);
        Near.Assert<float>("skips", [0.5f, 0.5f], Of([_lstm, new DenseLayer(2), new DenseLayer(2), new SkipLayer(2)], [3, 3]), 1e-6);
    }

    [Fact]
    public void Probabilities_stay_and_their_logarithms_become_probabilities()
    {
        Assert.Equal([0.25f, 0.75f], Of([_lstm, new DenseLayer(2), _softmax], [0.25f, 0.75f]));
        Assert.Equal([0.25f], Of([_lstm, new DenseLayer(1) { Activation = ActivationKind.Sigmoid }], [0.25f]));
        Assert.Equal([0.25f], Of([_lstm, new DenseLayer(1), new ActivationLayer(ActivationKind.Sigmoid)], [0.25f]));
        foreach (LayerSpec one in (LayerSpec[])
        [
            new PoolLayer(Pooling.Mean), new PoolLayer(Pooling.Last), new StepLayer(0), new AttentionLayer(),
            new ActivationLayer(ActivationKind.Identity),
        ])
        {
            Assert.Equal([0.25f, 0.75f], Of([_lstm, new DenseLayer(2), _softmax, one], [0.25f, 0.75f]));
            Near.Assert<float>("logits", [0.5f, 0.5f], Of([_lstm, new DenseLayer(2), one], [3, 3]), 1e-6);
        }

        Near.Assert<float>(
            "exponentials",
            [0.25f, 0.75f],
            Of([_lstm, new DenseLayer(2), _logSoftmax], [-1.3862944f, -0.28768207f]),
            1e-6);
    }

    [Fact]
    public void Outputs_that_are_no_logits_are_refused()
    {
        foreach (LayerSpec[] layers in (LayerSpec[][])
        [
            [_lstm],
            [_lstm, new DenseLayer(2) { Activation = ActivationKind.Tanh }],
            [_lstm, new DenseLayer(2), new ActivationLayer(ActivationKind.Relu)],
            [_lstm, new FinalStateLayer()],
            [_lstm, new PoolLayer(Pooling.Maximum)],
            [_lstm, new PReluLayer()],
            [_lstm, new AffineLayer()],
            [_lstm with { Bidirectional = true }, new MergeLayer(DirectionMerge.Sum)],
            [_lstm, new DenseLayer(2) { Activation = ActivationKind.Sigmoid }, new PoolLayer(Pooling.Sum)],
            [_lstm, new DenseLayer(2), _logSoftmax, new PoolLayer(Pooling.Mean)],
        ])
        {
            InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => Of(layers, new float[4]));
            Assert.Contains("expected logits", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        PackedNetwork network = Pack([_lstm, new DenseLayer(3)]);
        float[] memory = new float[8];

        Assert.Equal("y", Assert.Throws<ArgumentException>(() => network.Probabilities(new float[4], new float[4])).ParamName);
        Assert.Equal("probabilities", Assert.Throws<ArgumentException>(() => network.Probabilities(new float[3], new float[6])).ParamName);
        Assert.Throws<ArgumentException>(() => network.Probabilities(memory.AsSpan(0, 6), memory.AsSpan(1, 6)));
    }

    [Fact]
    public void Nothing_is_allocated_and_the_outputs_may_be_replaced()
    {
        PackedNetwork network = Pack([_lstm, new DenseLayer(3)]);
        float[] y = [1, 2, 3, 0, 0, 0];
        float[] expected = Of([_lstm, new DenseLayer(3)], y);

        Allocation.AssertNone(() => network.Probabilities(y, new Span<float>(y)));

        y = [1, 2, 3, 0, 0, 0];
        network.Probabilities(y, y);
        Assert.Equal(expected, y);
    }

    private static float[] Of(LayerSpec[] layers, float[] y)
    {
        float[] probabilities = new float[y.Length];
        Pack(layers).Probabilities(y, probabilities);
        return probabilities;
    }

    private static PackedNetwork Pack(LayerSpec[] layers)
    {
        var spec = new NetworkSpec(2, layers);
        return new PackedNetwork(spec, new float[spec.Parameters.Length]);
    }
}
