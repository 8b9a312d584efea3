using SpanRnn.Formats.Model;

namespace SpanRnn.Tests;

/// <summary>Graphs of exporters with layers beside the recurrent ones: which chain they are, and which of them are none.</summary>
public class OnnxChainTests
{
    private const int Inputs = 3;
    private const int Hidden = 4;

    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, Hidden) { Bias = false };
    private static readonly RecurrentLayer _both = _lstm with { Bidirectional = true };

    public static TheoryData<string> Spellings => [.. _spellings.Keys];

    private static readonly Dictionary<string, (ActivationSpec Activation, Func<OnnxBuilder, string, string> Nodes)> _spellings = new()
    {
        ["x * sigmoid(x)"] = (ActivationKind.Silu, (g, x) => g.Node("Mul", [x, g.Node("Sigmoid", [x])])),
        ["sigmoid(x) * x"] = (ActivationKind.Silu, (g, x) => g.Node("Mul", [g.Node("Sigmoid", [x]), x])),
        ["x / (1 + exp(-x))"] = (ActivationKind.Silu, (g, x) => g.Node("Div", [x, Plus(g, g.Node("Exp", [g.Node("Neg", [x])]), 1)])),
        ["1 / (1 + exp(-x))"] = (ActivationKind.Sigmoid, (g, x) =>
            g.Node("Reciprocal", [Plus(g, g.Node("Exp", [g.Node("Neg", [x])]), 1)])),
        ["x * tanh(softplus(x))"] = (ActivationKind.Mish, (g, x) =>
            g.Node("Mul", [x, g.Node("Tanh", [g.Node("Softplus", [x])])])),
        ["x * hard_sigmoid(x)"] = (ActivationKind.HardSwish, (g, x) =>
            g.Node("Mul", [x, g.Node("HardSigmoid", [x], ("alpha", 1 / 6.0), ("beta", 0.5))])),
        ["x * relu6(x + 3) / 6"] = (ActivationKind.HardSwish, (g, x) =>
            g.Node("Div", [g.Node("Mul", [x, g.Node("Clip", [Plus(g, x, 3), One(g, 0), One(g, 6)])]), One(g, 6)])),
        ["0.5 * x * (1 + erf(x / sqrt(2)))"] = (ActivationKind.Gelu, (g, x) => Times(g, g.Node(
            "Mul", [x, Plus(g, g.Node("Erf", [g.Node("Div", [x, One(g, 1.4142135f)])]), 1)]), 0.5f)),
        ["(0.5 * x) * (1 + erf(x * 0.7071))"] = (ActivationKind.Gelu, (g, x) => g.Node(
            "Mul", [Times(g, x, 0.5f), Plus(g, g.Node("Erf", [Times(g, x, 0.70710677f)]), 1)])),
        ["gelu by tanh and pow"] = (ActivationKind.GeluTanh, GeluByPow),
        ["gelu by tanh and products"] = (ActivationKind.GeluTanh, GeluByProducts),
        ["clip"] = (new(ActivationKind.Clip, -1, 1), (g, x) => g.Node("Clip", [x, One(g, -1), One(g, 1)])),
        ["max and min"] = (ActivationKind.Relu, (g, x) => g.Node("Max", [x, One(g, 0)])),
        ["selu"] = (ActivationKind.Selu, (g, x) => g.Node("Selu", [x])),
        ["gelu"] = (ActivationKind.GeluTanh, (g, x) => g.Node("Gelu", [x], ("approximate", "tanh"))),
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Activations_in_several_nodes_are_found(string spelling)
    {
        (ActivationSpec activation, Func<OnnxBuilder, string, string> nodes) = _spellings[spelling];

        // Behind the layer itself, behind a product with a number, and in front.
        Chain(g => nodes(g, Lstm(g, "x")), _lstm, new ActivationLayer(activation));
        Chain(
            g => nodes(g, Times(g, Lstm(g, "x"), 3)),
            _lstm, new ActivationLayer(new ActivationSpec(ActivationKind.Affine, 3, 0)), new ActivationLayer(activation));
        Chain(g => Lstm(g, nodes(g, "x")), new ActivationLayer(activation), _lstm);
    }

    [Fact]
    public void Numbers_for_each_feature_are_scales_and_shifts()
    {
        Chain(
            g => Lstm(g, Vector(g, "Div", Vector(g, "Sub", "x", 1, 2, 3), 2, 4, 8)),
            new AffineLayer { Scale = false }, new AffineLayer { Shift = false }, _lstm);
        Chain(g => Lstm(g, Vector(g, "Add", Vector(g, "Mul", "x", 1, 2, 3), 2, 4, 8)), new AffineLayer(), _lstm);
        RecurrentModel model = Read(g => Lstm(g, Vector(g, "Div", "x", 2, 4, 8)));
        ParameterSlot scale = model.Spec.Slot(0, Direction.Forward, ParameterRole.Scale)!;
        Assert.Equal([0.5f, 0.25f, 0.125f], scale.In(model.ReadParameters<float>().Span).ToArray());
        Chain(g => g.Node("PRelu", [Lstm(g, "x"), Numbers(g, 0.1f, 0.2f, 0.3f, 0.4f)]), _lstm, new PReluLayer());

        // Features on two axes: one number is for all of them, and others are refused.
        string Split(OnnxBuilder g) => g.Node("Reshape", [Lstm(g, "x"), g.Integers(0, 0, 2, 2)]);
        Chain(g => g.Node("Reshape", [Plus(g, Split(g), 1), g.Integers(0, 0, 4)]), _lstm, new AffineLayer { Scale = false });
        Refused("adds a constant of shape [2] to data of shape", g => Vector(g, "Add", Split(g), 1, 2));
    }

    [Fact]
    public void Normalizations_are_found()
    {
        Chain(g => Normalize(g, g.Node("Transpose", [Lstm(g, "x")], ("perm", new long[] { 1, 2, 0 }))), _lstm, new AffineLayer());
        Chain(
            g => g.Node("LayerNormalization", [Lstm(g, "x"), Numbers(g, 1, 2, 3, 4), Numbers(g, 1, 2, 3, 4)], ("epsilon", 0.001)),
            _lstm, new NormalizationLayer(FeatureNormalization.Layer) { Epsilon = 0.001 });
        Chain(
            g => g.Node("LayerNormalization", [Lstm(g, "x"), Numbers(g, 1, 2, 3, 4)]),
            _lstm, new NormalizationLayer(FeatureNormalization.Layer) { Shift = false });

        // The nodes of exporters before operator set 17.
        Chain(
            g =>
            {
                string x = Lstm(g, "x");
                string centered = g.Node("Sub", [x, g.Node("ReduceMean", [x], ("axes", new long[] { -1 }))]);
                string variance = g.Node("ReduceMean", [g.Node("Pow", [centered, One(g, 2)])], ("axes", new long[] { -1 }));
                string normal = g.Node("Div", [centered, g.Node("Sqrt", [Plus(g, variance, 0.5f)])]);
                return Vector(g, "Add", Vector(g, "Mul", normal, 1, 2, 3, 4), 1, 2, 3, 4);
            },
            _lstm, new NormalizationLayer(FeatureNormalization.Layer) { Epsilon = 0.5 });
        Chain(
            g =>
            {
                string x = Lstm(g, "x");
                string mean = g.Node("ReduceMean", [g.Node("Mul", [x, x])], ("axes", new long[] { -1 }));
                return g.Node("Mul", [x, g.Node("Div", [One(g, 1), g.Node("Sqrt", [Plus(g, mean, 0.5f)])])]);
            },
            _lstm, new NormalizationLayer(FeatureNormalization.RootMeanSquare) { Epsilon = 0.5, Scale = false, Shift = false });
    }

    [Fact]
    public void Sums_with_earlier_rows_are_skips()
    {
        Chain(
            g =>
            {
                string first = Lstm(g, "x");
                return g.Node("Add", [Lstm(g, first, Hidden), first]);
            },
            _lstm, _lstm, new SkipLayer(1));
        Chain(
            g =>
            {
                string first = Lstm(g, "x");
                string sum = g.Node("Add", [Vector(g, "Mul", first, 1, 2, 3, 4), Lstm(g, first, Hidden)]);
                return g.Node("Sub", [Lstm(g, sum, Hidden), sum]);
            },
            _lstm, _lstm, new SkipLayer(1) { Scale = SkipScale.PerFeature }, _lstm, new SkipLayer(3) { Scale = SkipScale.One });

        // Rows in front of an activation, which stays a layer of its own then.
        Chain(
            g =>
            {
                string z = Vector(g, "Add", g.Node("MatMul", [Lstm(g, "x"), Matrix(g, Hidden, 4)]), 1, 2, 3, 4);
                return g.Node("Add", [g.Node("MatMul", [g.Node("Relu", [z]), Matrix(g, Hidden, 4)]), z]);
            },
            _lstm, new DenseLayer(4), new ActivationLayer(ActivationKind.Relu), new DenseLayer(4) { Bias = false }, new SkipLayer(2));

        // The last step above a skip.
        Chain(
            g =>
            {
                string first = Lstm(g, "x");
                string sum = g.Node("Add", [Lstm(g, first, Hidden), first]);
                return g.Node("Gather", [sum, g.Integers(-1)], ("axis", 0L));
            },
            _lstm, _lstm, new SkipLayer(1), new PoolLayer(Pooling.Last));

        // The sign of numbers for each feature, and those of the first features only.
        RecurrentModel model = Read(g =>
        {
            string y = g.Node("MatMul", [Lstm(g, "x"), Matrix(g, Hidden, 2)]);
            string part = g.Node("Slice", [Vector(g, "Mul", "x", 1, 2, 3), g.Integers(0), g.Integers(2), g.Integers(2)]);
            return g.Node("Sub", [y, part]);
        });
        Assert.Equal(new SkipLayer(0) { Features = 2, Scale = SkipScale.PerFeature }, model.Spec.Layers[2]);
        ParameterSlot scale = model.Spec.Slot(2, Direction.Forward, ParameterRole.Scale)!;
        Assert.Equal([-1f, -2f], scale.In(model.ReadParameters<float>().Span).ToArray());

        // A row that two sums need does not join the layer below.
        Chain(
            g =>
            {
                string z = g.Node("MatMul", [Lstm(g, "x"), Matrix(g, Hidden, 4)]);
                string t = g.Node("Tanh", [z]);
                return g.Node("Add", [t, g.Node("Add", [g.Node("Relu", [t]), z])]);
            },
            _lstm, new DenseLayer(4) { Bias = false }, new ActivationLayer(ActivationKind.Tanh), new ActivationLayer(ActivationKind.Relu),
            new SkipLayer(2), new SkipLayer(3));

        // A row and a function of it, and the first features of the input, turned to steps first.
        Chain(
            g =>
            {
                string x = Lstm(g, "x");
                return g.Node("Add", [x, g.Node("Tanh", [x])]);
            },
            _lstm, new ActivationLayer(ActivationKind.Tanh), new SkipLayer(1));
        Chain(
            g =>
            {
                string x = Vector(g, "Add", Lstm(g, "x"), 1, 2, 3, 4);
                return g.Node("Add", [g.Node("Tanh", [x]), x]);
            },
            _lstm, new AffineLayer { Scale = false }, new ActivationLayer(ActivationKind.Tanh), new SkipLayer(2));
        Chain(
            g =>
            {
                string y = g.Node("MatMul", [Lstm(g, "x"), Matrix(g, Hidden, 2)]);
                return g.Node("Add", [y, g.Node("Slice", ["x", g.Integers(0), g.Integers(2), g.Integers(2)])]);
            },
            _lstm, new DenseLayer(2) { Bias = false }, new SkipLayer(0) { Features = 2 });
    }

    [Fact]
    public void Sums_and_products_of_directions_are_merges()
    {
        Chain(
            g =>
            {
                string y = Both(g, out _);
                string[] halves = [.. new[] { 0L, 1 }.Select(d => g.Node("Gather", [y, g.Integers(d)], ("axis", 1L)))];
                return g.Node("Squeeze", [g.Node("Add", halves), g.Integers(1)]);
            },
            _both, new MergeLayer(DirectionMerge.Sum));
        Chain(
            g => g.Node("ReduceMean", [Both(g, out _)], ("axes", new long[] { 1 }), ("keepdims", 0L)),
            _both, new MergeLayer(DirectionMerge.Average));
        Chain(
            g =>
            {
                _ = Both(g, out string final);
                string[] halves = [.. new[] { 1L, 0 }.Select(d => g.Node("Gather", [final, g.Integers(d)], ("axis", 0L)))];
                return g.Node("Squeeze", [g.Node("Mul", halves), g.Integers(0)]);
            },
            _both, new FinalStateLayer(), new MergeLayer(DirectionMerge.Product));
        Chain(
            g =>
            {
                _ = Both(g, out string final);
                return g.Node("ReduceSum", [final, g.Integers(0)], ("keepdims", 0L));
            },
            _both, new FinalStateLayer(), new MergeLayer(DirectionMerge.Sum));
    }

    [Theory]
    [InlineData("ReduceMean", Pooling.Mean)]
    [InlineData("ReduceMax", Pooling.Maximum)]
    [InlineData("ReduceSum", Pooling.Sum)]
    public void Steps_are_pooled(string operation, Pooling pooling)
    {
        foreach (bool keeps in new[] { false, true })
        {
            Chain(
                g =>
                {
                    (string, object)[] attributes = operation == "ReduceSum"
                        ? [("keepdims", keeps ? 1L : 0)]
                        : [("keepdims", keeps ? 1L : 0), ("axes", new long[] { 0 })];
                    string[] axes = operation == "ReduceSum" ? [g.Integers(0)] : [];
                    string pooled = g.Node(operation, [Lstm(g, "x"), .. axes], attributes);
                    return g.Node("MatMul", [keeps ? g.Node("Squeeze", [pooled, g.Integers(0)]) : pooled, Matrix(g, Hidden, 2)]);
                },
                _lstm, new PoolLayer(pooling), new DenseLayer(2) { Bias = false });
        }
    }

    [Fact]
    public void One_step_is_chosen()
    {
        Chain(g => g.Node("Gather", [Lstm(g, "x"), g.Integers(2)], ("axis", 0L)), _lstm, new StepLayer(2));
        Chain(g => g.Node("Slice", [Lstm(g, "x"), g.Integers(-1), g.Integers(long.MaxValue), g.Integers(0)]), _lstm, new FinalStateLayer());
        Chain(
            g => g.Node("GlobalAveragePool", [g.Node("Transpose", [Lstm(g, "x")], ("perm", new long[] { 1, 2, 0 }))]),
            _lstm, new PoolLayer(Pooling.Mean));
    }

    [Fact]
    public void Steps_in_reverse_are_those_of_a_reverse_layer()
    {
        RecurrentLayer reverse = _lstm with { Reverse = true };
        Chain(g => Turned(g, Lstm(g, Turned(g, "x"))), reverse);
        Chain(g => g.Node("Gather", [Lstm(g, Turned(g, "x")), g.Integers(-1)], ("axis", 0L)), reverse, new FinalStateLayer());
        Refused("X is in reverse and the layer runs both ways", g => g.Node("Squeeze", [Both(g, out _, Turned(g, "x")), g.Integers(0)]));
    }

    public static TheoryData<string> Picks => [.. _picks.Keys];

    private static readonly Dictionary<string, Func<OnnxBuilder, string, string, string>> _picks = new()
    {
        ["GatherElements"] = (g, y, last) =>
        {
            string wide = g.Node("Expand", [g.Node("Unsqueeze", [last, g.Integers(1, 2)]), g.Integers(1, 1, Hidden)]);
            return g.Node("Squeeze", [g.Node("GatherElements", [y, wide], ("axis", 1L)), g.Integers(1)]);
        },
        ["GatherND with batch_dims"] = (g, y, last) =>
            g.Node("GatherND", [y, g.Node("Unsqueeze", [last, g.Integers(1)])], ("batch_dims", 1L)),
        ["GatherND"] = (g, y, last) =>
        {
            string batch = g.Node("Gather", [g.Node("Shape", [last]), g.Integers(0)], ("axis", 0L));
            string all = g.Node("Range", [Scalar(g, 0), g.Node("Squeeze", [batch, g.Integers(0)]), Scalar(g, 1)]);
            return g.Node("GatherND", [y, g.Node("Concat", [Column(g, all), Column(g, last)], ("axis", 1L))]);
        },
    };

    [Theory]
    [MemberData(nameof(Picks))]
    public void The_last_valid_step_is_the_final_state_of_these_lengths(string form)
    {
        foreach (bool clamps in new[] { false, true })
        {
            RecurrentModel model = Read(g => Picked(g, form, clamps, Lstm(g, "x")), lengths: true);
            Assert.Equal([_lstm, new FinalStateLayer()], model.Spec.Layers.ToArray());
            Assert.Equal(PortKind.Lengths, model.Input("lens")!.Kind);
        }

        Refused(
            "takes the last step or a final state, and another node takes the last valid step",
            g =>
            {
                string y = Lstm(g, "x");
                return g.Node("Add", [Picked(g, form, clamps: false, y), g.Node("Gather", [y, g.Integers(-1)], ("axis", 0L))]);
            },
            lengths: true);
        Refused(
            "takes the last valid step of each sequence of a layer that runs in reverse",
            g => Picked(g, form, clamps: false, g.Node("ReduceSum", [Both(g, out _), g.Integers(1)], ("keepdims", 0L))),
            lengths: true);
    }

    [Fact]
    public void What_is_no_chain_is_refused_by_its_reason()
    {
        Refused("(Div): divides feature 1 by 0, expected another deviation", g => Lstm(g, Vector(g, "Div", "x", 2, 0, 8)));
        Refused(
            "(BatchNormalization): has statistics without a scale and a shift: 'variance' is -1 at 0",
            g => Normalize(g, g.Node("Transpose", [Lstm(g, "x")], ("perm", new long[] { 1, 2, 0 })), variance: -1));
        Refused("(BatchNormalization): input 1 has shape [4], expected [d3]", g => Normalize(g, Lstm(g, "x")));
        Refused("normalizes data of shape [d2, d3, 4] from axis 1 on, expected the last axis", g =>
            g.Node("LayerNormalization", [Lstm(g, "x"), Numbers(g, 1, 2, 3, 4)], ("axis", 1L)));
        Refused("the shapes [d2, d3, 4] and [3] do not fit", g => Vector(g, "Mul", Lstm(g, "x"), 1, 2, 3));
        Refused("by Add, expected a chain of layers, to which rows of an earlier layer or the input may be added", g =>
            g.Node("Add", [Lstm(g, "x"), g.Node("Slice", ["x", g.Integers(0), g.Integers(1), g.Integers(2)])]));
        Refused("by Mul, expected a chain of layers", g =>
        {
            string first = Lstm(g, "x");
            return g.Node("Mul", [Lstm(g, first, Hidden), first]);
        });
        Refused("expected a function that is added to what it is of", g =>
        {
            string x = Lstm(g, "x");
            return g.Node("Add", [g.Node("Sigmoid", [x]), g.Node("Tanh", [x])]);
        });
        Refused("adds functions of one row in an order that no chain has", g =>
        {
            string z = Vector(g, "Add", Lstm(g, "x"), 1, 2, 3, 4);
            string t = g.Node("Tanh", [z]);
            return g.Node("Add", [t, g.Node("Add", [g.Node("Relu", [t]), z])]);
        });
        Refused("(Mul): ends a function of the features (a product) that is no activation", g =>
        {
            string x = Lstm(g, "x");
            return g.Node("Mul", [g.Node("Sigmoid", [x]), g.Node("Tanh", [x])]);
        });
        Refused("limits to 2 … 1, expected a minimum that is not above the maximum", g =>
            g.Node("Clip", [Lstm(g, "x"), One(g, 2), One(g, 1)]));
        Refused("approximate is 'half', expected none or tanh", g => g.Node("Gelu", [Lstm(g, "x")], ("approximate", "half")));
        Refused("pads by the mode 'reflect', expected constant zeros", g =>
            g.Node("Pad", [Lstm(g, "x"), g.Integers(0, 0, 0, 0, 0, 1)], ("mode", "reflect")));
        Refused("reduces axis 1 of data of shape [d2, d3, 4], expected the steps", g =>
            g.Node("ReduceMean", [Lstm(g, "x")], ("axes", new long[] { 1 })));
        Refused("takes steps of data of shape [d3, d2, 4] that depend on lengths, expected the step lengths − 1", g =>
            Picked(g, "GatherElements", clamps: false, Lstm(g, "x"), by: 2), lengths: true);
        Refused("limits steps that depend on lengths, expected a minimum of 0", g =>
        {
            string index = g.Node("Clip", [g.Node("Sub", ["lens", g.Integers(1)]), g.Integers(5)]);
            return _picks["GatherElements"](g, g.Node("Transpose", [Lstm(g, "x")], ("perm", new long[] { 1, 0, 2 })), index);
        }, lengths: true);
        Refused("pools all steps of sequences that have sequence_lens", g =>
            g.Node("ReduceMean", [Lstm(g, "x", lengths: "lens")], ("axes", new long[] { 0 })), lengths: true);
    }

    private static string GeluByPow(OnnxBuilder g, string x)
    {
        string cubic = Times(g, g.Node("Pow", [x, One(g, 3)]), 0.044715f);
        string argument = Times(g, g.Node("Add", [x, cubic]), 0.7978846f);
        return Times(g, g.Node("Mul", [x, Plus(g, g.Node("Tanh", [argument]), 1)]), 0.5f);
    }

    private static string GeluByProducts(OnnxBuilder g, string x)
    {
        string cubic = Times(g, g.Node("Mul", [x, g.Node("Mul", [x, x])]), 0.044715f);
        string argument = Times(g, g.Node("Add", [x, cubic]), 0.7978846f);
        return g.Node("Mul", [Times(g, x, 0.5f), Plus(g, g.Node("Tanh", [argument]), 1)]);
    }

    private static string Picked(OnnxBuilder g, string form, bool clamps, string steps, long by = 1)
    {
        string last = g.Node("Sub", ["lens", g.Integers(by)]);
        last = clamps ? g.Node("Clip", [last, Scalar(g, 0)]) : last;
        return _picks[form](g, g.Node("Transpose", [steps], ("perm", new long[] { 1, 0, 2 })), last);
    }

    private static void Chain(Func<OnnxBuilder, string> graph, params LayerSpec[] expected) =>
        Assert.Equal(expected, Read(graph).Spec.Layers.ToArray());

    private static void Refused(string expected, Func<OnnxBuilder, string> graph, bool lengths = false) =>
        ModelRun.Refuses(() => Read(graph, lengths), expected);

    // x [T, B, 3], and what the function makes of it.
    private static RecurrentModel Read(Func<OnnxBuilder, string> graph, bool lengths = false)
    {
        var builder = new OnnxBuilder { Opset = 17 };
        builder.Input("x", -2, -3, Inputs);
        if (lengths)
        {
            builder.IntegerInput("lens", -3);
        }

        return ModelFile.Load(builder.Output(graph(builder)).ToBytes(), "m.onnx");
    }

    private static string Lstm(OnnxBuilder g, string x, int inputs = Inputs, string lengths = "")
    {
        string[] known = lengths.Length == 0 ? [] : ["", lengths];
        string w = Numbers(g, [1, 4 * Hidden, inputs]), r = Numbers(g, [1, 4 * Hidden, Hidden]);
        return g.Node("Squeeze", [g.Node("LSTM", [x, w, r, .. known], ("hidden_size", (long)Hidden)), g.Integers(1)]);
    }

    private static string Both(OnnxBuilder g, out string final, string x = "x")
    {
        string w = Numbers(g, [2, 4 * Hidden, Inputs]), r = Numbers(g, [2, 4 * Hidden, Hidden]);
        final = $"{w}.h";
        g.Node("LSTM", [x, w, r], [$"{w}.y", final], ("hidden_size", (long)Hidden), ("direction", "bidirectional"));
        return $"{w}.y";
    }

    private static string Normalize(OnnxBuilder g, string x, float variance = 2)
    {
        string four = Numbers(g, 1, 2, 3, 4);
        string y = g.Node("BatchNormalization", [x, four, four, four, Numbers(g, variance, 2, 3, 4)]);
        return g.Node("Transpose", [y], ("perm", new long[] { 2, 0, 1 }));
    }

    private static string Turned(OnnxBuilder g, string x) =>
        g.Node("Slice", [x, g.Integers(-1), g.Integers(long.MinValue + 1), g.Integers(0), g.Integers(-1)]);

    private static string Column(OnnxBuilder g, string x) => g.Node("Unsqueeze", [x, g.Integers(1)]);

    private static string Matrix(OnnxBuilder g, int rows, int columns) => Numbers(g, [rows, columns]);

    private static string Vector(OnnxBuilder g, string operation, string x, params float[] values) =>
        g.Node(operation, [x, Numbers(g, values)]);

    private static string Plus(OnnxBuilder g, string x, float number) => g.Node("Add", [x, One(g, number)]);

    private static string Times(OnnxBuilder g, string x, float number) => g.Node("Mul", [x, One(g, number)]);

    private static string Scalar(OnnxBuilder g, long number) => g.Node("Squeeze", [g.Integers(number), g.Integers(0)]);

    private static string One(OnnxBuilder g, float number) => Numbers(g, [], [number]);

    private static string Numbers(OnnxBuilder g, params float[] values) => Numbers(g, [values.Length], values);

    private static string Numbers(OnnxBuilder g, long[] shape) =>
        Numbers(g, shape, new float[shape.Aggregate(1L, (product, size) => product * size)]);

    private static string Numbers(OnnxBuilder g, long[] shape, float[] values)
    {
        // The name that the next node would have is unique.
        string name = $"c{g.Integers(0)}";
        g.Constant(name, shape, values);
        return name;
    }
}
