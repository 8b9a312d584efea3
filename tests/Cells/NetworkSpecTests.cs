namespace SpanRnn.Tests;

public class NetworkSpecTests
{
    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, 4);

    // Two names of one value: messages and saved files have the first.
    [Fact]
    public void Gru_is_PyTorchs()
    {
        Assert.Equal(CellKind.GruResetAfter, CellKind.Gru);
        Assert.Equal("GruResetAfter", CellKind.Gru.ToString());
        Assert.Equal(
            [0, 1, 2, 3],
            new[] { CellKind.Elman, CellKind.Lstm, CellKind.Gru, CellKind.GruResetBefore }.Select(cell => (int)cell));
    }

    [Fact]
    public void Parameters_lie_in_the_order_of_layers_directions_and_roles()
    {
        var spec = new NetworkSpec(
            3,
            new RecurrentLayer(CellKind.GruResetAfter, 4) { Bidirectional = true },
            _lstm with { ProjectionSize = 2, Bias = false },
            new DenseLayer(5));
        (string Name, int Rows, int Columns)[] expected =
        [
            ("layer0.forward.input_weights", 12, 3),
            ("layer0.forward.recurrent_weights", 12, 4),
            ("layer0.forward.input_bias", 12, 1),
            ("layer0.forward.recurrent_bias", 12, 1),
            ("layer0.reverse.input_weights", 12, 3),
            ("layer0.reverse.recurrent_weights", 12, 4),
            ("layer0.reverse.input_bias", 12, 1),
            ("layer0.reverse.recurrent_bias", 12, 1),
            ("layer1.forward.input_weights", 16, 8),
            ("layer1.forward.recurrent_weights", 16, 2),
            ("layer1.forward.projection_weights", 2, 4),
            ("layer2.forward.input_weights", 5, 2),
            ("layer2.forward.input_bias", 5, 1),
        ];
        Assert.Equal(expected, spec.Parameters.Slots.ToArray().Select(slot => (slot.Name, slot.Rows, slot.Columns)));
        Assert.Equal("layer1.forward.projection_weights", spec.Slot(1, Direction.Forward, ParameterRole.ProjectionWeights)!.Name);
        Assert.Null(spec.Slot(1, Direction.Reverse, ParameterRole.InputWeights));
        Assert.Null(spec.Slot(1, Direction.Forward, ParameterRole.InputBias));
        Assert.Null(spec.Slot(0, Direction.Forward, ParameterRole.ProjectionWeights));
        Assert.Equal((3, 8, 2), (spec.LayerInputSize(0), spec.LayerInputSize(1), spec.LayerInputSize(2)));
        Assert.Equal(5, spec.OutputSize);
    }

    [Fact]
    public void States_lie_in_the_order_of_layers_and_directions_h_before_c()
    {
        var spec = new NetworkSpec(3, [_lstm with { Bidirectional = true, ProjectionSize = 2 }, new RecurrentLayer(CellKind.Elman, 5)]);
        StateSlot[] expected =
        [
            new(0, Direction.Forward, StateKind.Hidden, 2, 0),
            new(0, Direction.Forward, StateKind.Cell, 4, 2),
            new(0, Direction.Reverse, StateKind.Hidden, 2, 6),
            new(0, Direction.Reverse, StateKind.Cell, 4, 8),
            new(1, Direction.Forward, StateKind.Hidden, 5, 12),
        ];
        Assert.Equal(expected, spec.States.ToArray());
        Assert.Equal(17, spec.StateSize);
        Assert.Equal(expected[3], spec.State(0, Direction.Reverse, StateKind.Cell));
        Assert.Null(spec.State(1, Direction.Forward, StateKind.Cell));
        Assert.Null(spec.State(1, Direction.Reverse, StateKind.Hidden));
        Assert.Equal(5, spec.OutputSize);
    }

    [Fact]
    public void Dense_layers_have_weights_and_a_bias_and_no_state()
    {
        DenseLayer dense = new(5);
        var spec = new NetworkSpec(
            3, dense with { Bias = false }, _lstm with { Reverse = true }, new FinalStateLayer(), dense, new DenseLayer(2));
        (string Name, int Rows, int Columns)[] expected =
        [
            ("layer0.forward.input_weights", 5, 3),
            ("layer1.reverse.input_weights", 16, 5),
            ("layer1.reverse.recurrent_weights", 16, 4),
            ("layer1.reverse.input_bias", 16, 1),
            ("layer1.reverse.recurrent_bias", 16, 1),
            ("layer3.forward.input_weights", 5, 4),
            ("layer3.forward.input_bias", 5, 1),
            ("layer4.forward.input_weights", 2, 5),
            ("layer4.forward.input_bias", 2, 1),
        ];
        Assert.Equal(expected, spec.Parameters.Slots.ToArray().Select(slot => (slot.Name, slot.Rows, slot.Columns)));
        Assert.Equal(
            [new(1, Direction.Reverse, StateKind.Hidden, 4, 0), new(1, Direction.Reverse, StateKind.Cell, 4, 4)], spec.States.ToArray());
        Assert.Equal(0, new NetworkSpec(3, dense).StateSize);

        double[] parameters = new double[spec.Parameters.Length];
        spec.Initialize<double>(parameters, new RandomSource(1));
        double limit = Math.Sqrt(6.0 / (4 + 5));
        double[] weights = spec.Slot(3, Direction.Forward, ParameterRole.InputWeights)!.In(parameters.AsSpan()).ToArray();
        Assert.All(weights, weight => Assert.InRange(weight, -limit, limit));
        Assert.Equal(weights.Length, weights.Distinct().Count());
        Assert.All(
            spec.Slot(3, Direction.Forward, ParameterRole.InputBias)!.In(parameters.AsSpan()).ToArray(), bias => Assert.Equal(0, bias));
    }

    [Fact]
    public void A_state_is_a_part_of_the_state_of_the_batch()
    {
        var spec = new NetworkSpec(3, [_lstm, _lstm]);
        double[] state = [.. Enumerable.Range(0, 2 * spec.StateSize)];
        StateSlot slot = spec.State(1, Direction.Forward, StateKind.Hidden)!;
        Assert.Equal([16, 17, 18, 19, 20, 21, 22, 23], slot.In<double>(state, 2).ToArray());
    }

    [Fact]
    public void Negating_the_update_gates_twice_changes_nothing_and_once_the_rows_of_z()
    {
        var spec = new NetworkSpec(
            2,
            new RecurrentLayer(CellKind.GruResetBefore, 2) { Bidirectional = true },
            _lstm,
            new RecurrentLayer(CellKind.GruResetAfter, 3) { Bias = false },
            new FinalStateLayer(),
            new DenseLayer(1));
        double[] parameters = [.. Enumerable.Range(1, spec.Parameters.Length)];
        double[] once = [.. parameters];
        spec.NegateUpdateGates<double>(once);
        for (int i = 0; i < once.Length; i++)
        {
            ParameterSlot? slot = spec.Parameters.Slots.ToArray().FirstOrDefault(s => i >= s.Offset && i < s.Offset + s.Length);
            bool gru = slot is not null && slot.Name.Split('.')[0] is "layer0" or "layer2";
            bool z = gru && (i - slot!.Offset) / (slot.Length / 3) == 1;
            Assert.Equal(z ? -parameters[i] : parameters[i], once[i]);
        }

        spec.NegateUpdateGates<double>(once);
        Assert.Equal(parameters, once);
    }

    [Fact]
    public void Negating_refuses_a_wrong_length()
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.GruResetBefore, 2));
        ArgumentException e = Assert.Throws<ArgumentException>(() => spec.NegateUpdateGates<double>(new double[1]));
        Assert.Equal("parameters", e.ParamName);
        Assert.StartsWith(
            $"'parameters' has 1 elements, expected {spec.Parameters.Length} = Parameters.Length.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Starting_values_remember_and_are_the_same_for_a_seed()
    {
        var spec = new NetworkSpec(
            3,
            _lstm with { ProjectionSize = 2 },
            new RecurrentLayer(CellKind.GruResetAfter, 4),
            new FinalStateLayer(),
            new DenseLayer(2));
        double[] parameters = new double[spec.Parameters.Length];
        parameters.AsSpan().Fill(double.NaN);
        spec.Initialize<double>(parameters, new RandomSource(5));
        Assert.All(parameters, p => Assert.True(double.IsFinite(p)));
        Assert.Equal(
            [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            spec.Slot(0, Direction.Forward, ParameterRole.InputBias)!.In<double>(parameters).ToArray());
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            bool bias = slot.Columns == 1;
            Assert.Equal(!bias, slot.In<double>(parameters).ToArray().Any(p => p is not (0 or 1)));
        }

        // Each gate's recurrent block is orthogonal: UᵀU = 1.
        Span<double> u = spec.Slot(1, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters.AsSpan());
        for (int gate = 0; gate < 3; gate++)
        {
            for (int a = 0; a < 4; a++)
            {
                for (int b = 0; b < 4; b++)
                {
                    double dot = 0;
                    for (int row = 0; row < 4; row++)
                    {
                        dot += u[(((gate * 4) + row) * 4) + a] * u[(((gate * 4) + row) * 4) + b];
                    }

                    Near.Assert<double>("UᵀU", [a == b ? 1 : 0], [dot], 1e-12);
                }
            }
        }

        float[] narrow = new float[parameters.Length];
        spec.Initialize<float>(narrow, new RandomSource(5));
        Near.Assert<double>("float", parameters, Array.ConvertAll(narrow, p => (double)p), 1e-6);
        Assert.Equal(
            "parameters",
            Assert.Throws<ArgumentException>(() => spec.Initialize<float>(new float[1], new RandomSource(5))).ParamName);
        Assert.Equal("random", Assert.Throws<ArgumentNullException>(() => spec.Initialize<float>(narrow, null!)).ParamName);
    }

    [Fact]
    public void Contradictions_are_refused_with_the_layer_and_what_was_expected()
    {
        var elman = new RecurrentLayer(CellKind.Elman, 4);
        var gru = new RecurrentLayer(CellKind.GruResetAfter, 4);
        Refused<ArgumentOutOfRangeException>("inputSize", "'inputSize' is 0, expected 1 or more.", () => new NetworkSpec(0, _lstm));
        Refused<ArgumentException>("layers", "The network has no layers, expected at least one.", () => new NetworkSpec(1, []));
        Refused<ArgumentException>("layers", "Layer 1 is null.", () => new NetworkSpec(1, [_lstm, null!]));
        RefusedVariant("Cell is 9, expected one of CellKind's", new RecurrentLayer((CellKind)9, 2));
        RefusedVariant("HiddenSize is 0, expected 1 or more", _lstm with { HiddenSize = 0 });
        RefusedVariant("ProjectionSize is -1, expected 0 or more", _lstm with { ProjectionSize = -1 });
        RefusedVariant("Elman with a projection to 2, expected 0: only LSTMs project", elman with { ProjectionSize = 2 });
        RefusedVariant("OutputSize is 0, expected 1 or more", new DenseLayer(0));
        RefusedVariant(
            "Activation is 99, expected a member of ActivationKind", new DenseLayer(2) { Activation = (ActivationKind)99 });
        Refused<ArgumentException>(
            "layers",
            "Layer 0: HiddenSize is 0, expected 1 or more.",
            () => new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 0)));
        RefusedVariant("Activation is 99, expected a member of ActivationKind", elman with { Activation = (ActivationKind)99 });
        RefusedVariant(
            "GateActivation is Elu with α = NaN and β = 0, expected finite numbers",
            _lstm with { GateActivation = new(ActivationKind.Elu, double.NaN, 0) });
        RefusedVariant(
            "OutputActivation is Tanh with α = 2 and β = 0, expected 0 for a parameter that it does not have",
            _lstm with { OutputActivation = new(ActivationKind.Tanh, 2, 0) });
        RefusedVariant("GateActivation is Relu, expected Sigmoid: Elman has no gates", elman with { GateActivation = ActivationKind.Relu });
        RefusedVariant(
            "OutputActivation is Relu, expected Tanh: only LSTMs have one, not GruResetAfter",
            gru with { OutputActivation = ActivationKind.Relu });
        RefusedVariant("GruResetAfter with peepholes, expected none: only LSTMs have a c to see", gru with { Peepholes = true });
        RefusedVariant(
            "Elman with coupled gates, expected none: only LSTMs have an input and a forget gate", elman with { CoupledGates = true });
        RefusedVariant("Clip is 0, expected a number above 0, or infinity for no limit", gru with { Clip = 0 });
        RefusedVariant("Clip is NaN, expected a number above 0, or infinity for no limit", gru with { Clip = double.NaN });
        RefusedVariant(
            "Reverse and Bidirectional, expected at most one: a bidirectional layer runs both ways as it is",
            _lstm with { Reverse = true, Bidirectional = true });
        LayerActivations own = new(ActivationKind.Tanh, ActivationKind.Relu, ActivationKind.Tanh);
        foreach (RecurrentLayer one in (RecurrentLayer[])[_lstm, _lstm with { Reverse = true }])
        {
            RefusedVariant(
                "ReverseActivations in a layer of one direction, expected none: that direction has Activation and its like",
                one with { ReverseActivations = own });
        }

        RefusedVariant(
            "ReverseActivations: GateActivation is Relu, expected Sigmoid: Elman has no gates",
            new RecurrentLayer(CellKind.Elman, 2) { Bidirectional = true, ReverseActivations = own });

        static void RefusedVariant(string contradiction, LayerSpec layer) =>
            Refused<ArgumentException>("layers", $"Layer 1: {contradiction}.", () => new NetworkSpec(1, [_lstm, layer]));
    }

    /// <summary>The sentence of every contradiction of a layer without a matrix, a pooling or a skip.</summary>
    [Fact]
    public void Contradictions_of_a_chain_are_refused()
    {
        const string MergeOfWhat = "a merge of directions above what is not both directions of one layer, expected a bidirectional layer "
            + "below, or its h behind a pooling";
        RecurrentLayer elman = new(CellKind.Elman, 4);
        RecurrentLayer both = _lstm with { Bidirectional = true };
        PoolLayer mean = new(Pooling.Mean);
        RefusedChain(
            "an affine layer without Scale and Shift, expected one of them at least", new AffineLayer { Scale = false, Shift = false });
        RefusedChain("Kind is 5, expected one of FeatureNormalization's", new NormalizationLayer((FeatureNormalization)5));
        foreach ((double epsilon, string text) in new[] { (0, "0"), (-1e-5, "-1E-05"), (1e-31, "1E-31"), (double.NaN, "NaN") })
        {
            RefusedChain(
                $"Epsilon is {text}, expected a finite number of 1e-30 or more",
                new NormalizationLayer(FeatureNormalization.Layer) { Epsilon = epsilon });
        }

        RefusedChain(
            "Normalization is 3, expected one of Normalization's",
            new ActivationLayer(ActivationKind.Relu) { Normalization = (Normalization)3 });
        RefusedChain("Activation is 99, expected a member of ActivationKind", new ActivationLayer((ActivationKind)99));
        RefusedChain("Merge is 4, expected one of DirectionMerge's", both, new MergeLayer((DirectionMerge)4));
        RefusedChain(MergeOfWhat, new MergeLayer(DirectionMerge.Sum));
        RefusedChain(MergeOfWhat, _lstm, new MergeLayer(DirectionMerge.Sum));
        RefusedChain(MergeOfWhat, both, new PReluLayer(), new MergeLayer(DirectionMerge.Sum));
        RefusedChain(MergeOfWhat, both, new FinalStateLayer { Cells = true }, new MergeLayer(DirectionMerge.Sum));
        RefusedChain(MergeOfWhat, both, both, new FinalStateLayer { AllLayers = true }, new MergeLayer(DirectionMerge.Sum));

        RefusedChain("Kind is 4, expected one of Pooling's", new PoolLayer((Pooling)4));
        RefusedChain("Step is -1, expected 0 or more", new StepLayer(-1));
        foreach ((LayerSpec layer, string name) in ((LayerSpec, string)[])
            [
                (mean, "a pooling"),
                (new StepLayer(0), "a choice of a step"),
                (new AttentionLayer(), "attention"),
                (new FinalStateLayer(), "a readout of final states"),
                (_lstm, "a recurrent layer"),
            ])
        {
            foreach (LayerSpec below in (LayerSpec[])[mean, new StepLayer(0), new AttentionLayer(), new FinalStateLayer()])
            {
                RefusedChain(
                    $"{name} above a layer that leaves one row per sequence, expected it below that layer: it needs steps",
                    _lstm,
                    below,
                    new DenseLayer(4),
                    layer);
            }
        }

        RefusedChain("a readout of final states above the input, expected a recurrent layer directly below", new FinalStateLayer());
        RefusedChain(
            "a readout of final states above a DenseLayer, expected a recurrent layer directly below",
            _lstm,
            new DenseLayer(4),
            new FinalStateLayer());
        RefusedChain("a readout of c of layer 0, a Elman, expected LSTMs: only they have a c", elman, new FinalStateLayer { Cells = true });
        RefusedChain(
            "a readout of c of layer 1, a Elman, expected LSTMs: only they have a c",
            _lstm,
            elman,
            _lstm,
            new FinalStateLayer { AllLayers = true, Cells = true });

        RefusedChain("Scale is 3, expected one of SkipScale's", _lstm, new SkipLayer(0) { Scale = (SkipScale)3 });
        RefusedChain("From is -1, expected 0 to 0: the index of a layer below the skip", _lstm, new SkipLayer(-1));
        RefusedChain("From is 2, expected 0 to 1: the index of a layer below the skip", _lstm, _lstm, new SkipLayer(2));
        RefusedChain("From is 0, expected 0 to -1: the index of a layer below the skip", new SkipLayer(0));
        RefusedChain(
            "a skip from layer 0 over a layer that leaves one row per sequence, expected both ends on one side of it",
            new DenseLayer(3),
            mean,
            new SkipLayer(0));
        RefusedChain(
            "a skip adds the 3 numbers that enter layer 0 to 4, expected as many, or Features for some", _lstm, new SkipLayer(0));
        RefusedChain("Features is -1, expected 0 to 3, the smaller of both ends", _lstm, new SkipLayer(0) { Features = -1 });
        RefusedChain("Features is 4, expected 0 to 3, the smaller of both ends", _lstm, new SkipLayer(0) { Features = 4 });

        // The last of the layers is the one that is refused.
        static void RefusedChain(string contradiction, params LayerSpec[] layers)
        {
            Refused<ArgumentException>(
                "layers", $"Layer {layers.Length - 1}: {contradiction}. (Parameter 'layers')", () => new NetworkSpec(3, layers));
            Assert.Throws<ArgumentException>(() => NetworkSpec.OutputSizeOf(3, layers));
        }
    }

    [Fact]
    public void Poolings_and_skips_have_sizes_parameters_and_states_of_their_own()
    {
        RecurrentLayer gru = new(CellKind.GruResetAfter, 5);
        var spec = new NetworkSpec(
            4,
            _lstm with { Bidirectional = true, ProjectionSize = 2 },
            new SkipLayer(0) { Scale = SkipScale.PerFeature },
            new SkipLayer(0) { Scale = SkipScale.One, Features = 3 },
            new SkipLayer(0) { Scale = SkipScale.PerFeature, Features = 3 },
            new SkipLayer(0),
            new AttentionLayer(),
            new DenseLayer(4),
            new SkipLayer(6));
        Assert.Equal(
            [("layer1.forward.scale", 4, 1), ("layer2.forward.scale", 1, 1), ("layer3.forward.scale", 3, 1)],
            spec.Parameters.Slots.ToArray().Where(slot => slot.Name.EndsWith("scale", StringComparison.Ordinal))
                .Select(slot => (slot.Name, slot.Rows, slot.Columns)));
        ParameterSlot scores = spec.Slot(5, Direction.Forward, ParameterRole.InputWeights)!;
        Assert.Equal((1, 4), (scores.Rows, scores.Columns));
        Assert.Null(spec.Slot(5, Direction.Forward, ParameterRole.InputBias));
        Assert.True(spec.IsManyToOne);
        Assert.Equal((4, 6 * 4), (spec.OutputSize, spec.OutputLength(9, 6)));
        double[] parameters = new double[spec.Parameters.Length];
        spec.Initialize<double>(parameters, new RandomSource(1));
        Assert.All(spec.Slot(3, Direction.Forward, ParameterRole.Scale)!.In(parameters.AsSpan()).ToArray(), s => Assert.Equal(1, s));
        Assert.DoesNotContain(0, scores.In(parameters.AsSpan()).ToArray());

        foreach ((Pooling kind, bool counts) in new[]
        {
            (Pooling.Mean, true), (Pooling.Maximum, true), (Pooling.Sum, false), (Pooling.Last, false),
        })
        {
            var pooled = new NetworkSpec(3, gru, new PReluLayer(), new PoolLayer(kind), new DenseLayer(2));
            StateSlot[] expected =
            [
                new(0, Direction.Forward, StateKind.Hidden, 5, 0),
                new(2, Direction.Forward, StateKind.Pooled, 5, 5),
                .. counts ? [new StateSlot(2, Direction.Forward, StateKind.Count, 1, 10)] : Array.Empty<StateSlot>(),
            ];
            Assert.Equal(expected, pooled.States.ToArray());
            Assert.Equal(counts ? 11 : 10, pooled.StateSize);
            Assert.Equal(expected[1], pooled.State(2, Direction.Forward, StateKind.Pooled));
        }

        RecurrentLayer both = _lstm with { Bidirectional = true, ProjectionSize = 2 };
        Assert.Equal(4, NetworkSpec.OutputSizeOf(3, [both, both, new FinalStateLayer()]));
        Assert.Equal(8, NetworkSpec.OutputSizeOf(3, [both, both, new FinalStateLayer { AllLayers = true }]));
        Assert.Equal(12, NetworkSpec.OutputSizeOf(3, [both, both, new FinalStateLayer { Cells = true }]));
        Assert.Equal(24, NetworkSpec.OutputSizeOf(3, [both, both, new FinalStateLayer { AllLayers = true, Cells = true }]));
        Assert.Equal(9, NetworkSpec.OutputSizeOf(3, [gru, new DenseLayer(3), _lstm, new FinalStateLayer { AllLayers = true }]));
        Assert.Equal(2, NetworkSpec.OutputSizeOf(3, [both, new FinalStateLayer(), new MergeLayer(DirectionMerge.Sum)]));
    }

    [Fact]
    public void Variants_have_parameters_of_their_own()
    {
        var lstm = new RecurrentLayer(CellKind.Lstm, 3)
        {
            Peepholes = true,
            TrainableInitialState = true,
            ProjectionSize = 2,
            Bidirectional = true,
        };
        Assert.Equal((3, 3), Shape(lstm, Direction.Reverse, ParameterRole.Peepholes));
        Assert.Equal((1, 2), Shape(lstm, Direction.Forward, ParameterRole.InitialHidden));
        Assert.Equal((1, 3), Shape(lstm, Direction.Reverse, ParameterRole.InitialCell));
        RecurrentLayer coupled = lstm with { CoupledGates = true };
        Assert.Equal((2, 3), Shape(coupled, Direction.Forward, ParameterRole.Peepholes));
        Assert.Equal((9, 5), Shape(coupled, Direction.Forward, ParameterRole.InputWeights));
        Assert.Equal((9, 2), Shape(coupled, Direction.Forward, ParameterRole.RecurrentWeights));
        var gru = new RecurrentLayer(CellKind.GruResetAfter, 3) { TrainableInitialState = true };
        Assert.Equal((1, 3), Shape(gru, Direction.Forward, ParameterRole.InitialHidden));
        Assert.Null(Shape(gru, Direction.Forward, ParameterRole.InitialCell));
        Assert.Null(Shape(new RecurrentLayer(CellKind.Lstm, 3), Direction.Forward, ParameterRole.Peepholes));

        static (int, int)? Shape(LayerSpec layer, Direction direction, ParameterRole role) =>
            new NetworkSpec(5, layer).Slot(0, direction, role) is { } slot ? (slot.Rows, slot.Columns) : null;
    }

    [Fact]
    public void Starting_values_of_variants_are_as_if_they_were_not_there()
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 3) { CoupledGates = true, Peepholes = true, TrainableInitialState = true };
        var spec = new NetworkSpec(2, layer);
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(1));
        foreach (ParameterRole role in new[]
        {
            ParameterRole.InputBias, ParameterRole.Peepholes, ParameterRole.InitialHidden, ParameterRole.InitialCell,
        })
        {
            Assert.All(spec.Slot(0, Direction.Forward, role)!.In(parameters.AsSpan()).ToArray(), value => Assert.Equal(0f, value));
        }
    }

    [Fact]
    public void Update_gates_of_another_activation_are_not_negated()
    {
        var layer = new RecurrentLayer(CellKind.GruResetBefore, 2);
        var hard = new NetworkSpec(1, layer with { GateActivation = ActivationKind.HardSigmoid });
        hard.NegateUpdateGates<float>(new float[hard.Parameters.Length]);
        var other = new NetworkSpec(1, layer with { GateActivation = ActivationKind.Tanh });
        float[] parameters = [.. Enumerable.Repeat(1f, other.Parameters.Length)];
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => other.NegateUpdateGates<float>(parameters));
        Assert.StartsWith("Layer 0 has the GateActivation Tanh, expected Sigmoid or HardSigmoid", failure.Message);
        Assert.All(parameters, value => Assert.Equal(1f, value));
        LayerActivations own = new(ActivationKind.Tanh, ActivationKind.Tanh, ActivationKind.Tanh);
        var reverse = new NetworkSpec(1, layer with { Bidirectional = true, ReverseActivations = own });
        Assert.Throws<InvalidOperationException>(() => reverse.NegateUpdateGates<float>(new float[reverse.Parameters.Length]));
    }

    [Fact]
    public void More_parameters_than_an_array_holds_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 50_000)));
        Refused<ArgumentException>(
            "layers",
            "Layer 0: HiddenSize is 1073741823 in a cell of 4 gates, expected at most 2147483647 rows of weights.",
            () => new NetworkSpec(1, new RecurrentLayer(CellKind.Lstm, int.MaxValue / 2)));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, int.MaxValue) { Bidirectional = true }));
    }

    private static void Refused<TException>(string name, string message, Func<NetworkSpec> make)
        where TException : ArgumentException
    {
        TException e = Assert.Throws<TException>(() => _ = make());
        Assert.Equal(name, e.ParamName);
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }
}
