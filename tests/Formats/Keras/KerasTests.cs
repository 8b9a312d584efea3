using System.Text.Json.Nodes;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

public class KerasTests
{
    private const int Steps = 7;
    private const int Inputs = 3;
    private const int Units = 4;

    private static readonly int[][] _rnn = [[Inputs, Units], [Units, Units], [Units]];
    private static readonly int[][] _lstm = [[Inputs, 4 * Units], [Units, 4 * Units], [4 * Units]];
    private static readonly int[][] _gru = [[Inputs, 3 * Units], [Units, 3 * Units], [2, 3 * Units]];
    private static readonly int[][] _gruBefore = [[Inputs, 3 * Units], [Units, 3 * Units], [3 * Units]];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void An_LSTM_gives_the_numbers_of_its_equations(int version)
    {
        Fixture model = new Fixture(version).Input(Inputs).Lstm("lstm", _lstm);

        model.Agrees(w => KerasReference.Lstm(model.X, w["lstm"], Units, Math.Tanh, KerasReference.Sigmoid));
        Assert.Equal(new RecurrentLayer(CellKind.Lstm, Units), Assert.Single(model.Read().Spec.Layers.ToArray()));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_hard_sigmoid_is_that_of_the_version(int version)
    {
        Fixture model = new Fixture(version).Input(Inputs).Lstm("lstm", _lstm, recurrentActivation: "hard_sigmoid", activation: "softsign");

        model.Agrees(w => KerasReference.Lstm(
            model.X,
            w["lstm"],
            Units,
            v => v / (1 + Math.Abs(v)),
            version == 2 ? KerasReference.HardSigmoid2 : KerasReference.HardSigmoid3));
    }

    [Fact]
    public void A_hard_sigmoid_of_an_unknown_version_is_refused()
    {
        Fixture model = new Fixture(2).Input(Inputs).Lstm("lstm", _lstm, recurrentActivation: "hard_sigmoid");
        model.Root.Remove("keras_version");
        model.Version = null;
        ModelRun.Refuses(() => model.Read(), "layer 'lstm' (LSTM) has a hard_sigmoid, which differs between versions of Keras");
        model.Version = "3.4.1";
        Assert.Equal(1.0 / 6, Assert.IsType<RecurrentLayer>(model.Read().Spec.Layers[0]).GateActivation.Alpha);
        model.Version = "4.0";
        ModelRun.Refuses(() => model.Read(), "the version of Keras is '4.0', expected 2 or 3");
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    [InlineData(false, 3)]
    public void A_GRU_gives_the_numbers_of_its_equations(bool resetAfter, int version)
    {
        Fixture model = new Fixture(version).Input(Inputs).Gru("gru", resetAfter ? _gru : _gruBefore, resetAfter);

        model.Agrees(w => KerasReference.Gru(model.X, w["gru"], Units, Math.Tanh, KerasReference.Sigmoid, resetAfter));
    }

    [Fact]
    public void A_simple_RNN_without_bias_gives_the_numbers_of_its_equations()
    {
        Fixture model = new Fixture(2).Rnn("rnn", _rnn[..2], activation: "relu", ("use_bias", false));

        model.Agrees(w => KerasReference.SimpleRnn(model.X, w["rnn"], Units, v => Math.Max(v, 0)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_directions_stand_side_by_side(int version)
    {
        Fixture model = new Fixture(version).Input(Inputs).Bidirectional("both", _lstm, backwardActivation: version == 3 ? "relu" : null);

        model.Agrees(w => KerasReference.SideBySide(
            KerasReference.Lstm(model.X, w["both"][..3], Units, Math.Tanh, KerasReference.Sigmoid),
            KerasReference.Backwards(KerasReference.Lstm(
                KerasReference.Backwards(model.X),
                w["both"][3..],
                Units,
                version == 3 ? v => Math.Max(v, 0) : Math.Tanh,
                KerasReference.Sigmoid))));
    }

    [Fact]
    public void Layers_may_follow_a_softmax()
    {
        Fixture model = new Fixture(3).Input(Inputs).Lstm("one", _lstm).Add("Softmax", "soft", [], ("axis", -1))
            .Dense("two", Units, 2, "linear");

        model.Agrees(w => KerasReference.Dense(
            KerasReference.Softmax(KerasReference.Lstm(model.X, w["one"], Units, Math.Tanh, KerasReference.Sigmoid)), w["two"], 2, v => v));
    }

    [Fact]
    public void The_last_step_of_both_directions_goes_into_dense_layers()
    {
        Fixture model = new Fixture(3).Input(Inputs).Bidirectional("both", _lstm, null, ("return_sequences", false))
            .Dense("one", 2 * Units, 5, "tanh").Add("Dropout", "drop", [], ("rate", 0.5)).Dense("two", 5, 2, "softmax");

        model.Agrees(w =>
        {
            double[][] forward = KerasReference.Lstm(model.X, w["both"][..3], Units, Math.Tanh, KerasReference.Sigmoid);
            double[][] back = KerasReference.Lstm(
                KerasReference.Backwards(model.X), w["both"][3..], Units, Math.Tanh, KerasReference.Sigmoid);
            double[][] one = KerasReference.Dense(KerasReference.SideBySide([forward[^1]], [back[^1]]), w["one"], 5, Math.Tanh);
            return KerasReference.Softmax(KerasReference.Dense(one, w["two"], 2, v => v));
        });
        Assert.Equal("[B, 2]", model.Read().Output("y")!.Axes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_last_step_alone_is_the_final_state(bool backwards)
    {
        Fixture model = new Fixture(3).Input(Inputs).Lstm("lstm", _lstm, more: [("return_sequences", false), ("go_backwards", backwards)]);

        model.Agrees(w => [KerasReference.Lstm(
            backwards ? KerasReference.Backwards(model.X) : model.X, w["lstm"], Units, Math.Tanh, KerasReference.Sigmoid)[^1]]);
    }

    [Fact]
    public void Two_layers_backwards_give_the_steps_in_their_order()
    {
        int[][] second = [[Units, 4 * Units], [Units, 4 * Units], [4 * Units]];
        Fixture model = new Fixture(2).Input(Inputs).Lstm("one", _lstm, more: [("go_backwards", true)])
            .Lstm("two", second, more: [("go_backwards", true)]);

        model.Agrees(w => KerasReference.Lstm(
            KerasReference.Backwards(KerasReference.Lstm(
                KerasReference.Backwards(model.X), w["one"], Units, Math.Tanh, KerasReference.Sigmoid)),
            w["two"],
            Units,
            Math.Tanh,
            KerasReference.Sigmoid));
        Assert.Equal([true, false], model.Read().Spec.Layers.ToArray().OfType<RecurrentLayer>().Select(layer => layer.Reverse));

        model = new Fixture(2).Input(Inputs).Lstm("one", _lstm, more: [("go_backwards", true)]).Lstm("two", second);
        model.Agrees(
            w => KerasReference.Lstm(
                KerasReference.Lstm(KerasReference.Backwards(model.X), w["one"], Units, Math.Tanh, KerasReference.Sigmoid),
                w["two"],
                Units,
                Math.Tanh,
                KerasReference.Sigmoid),
            "has its steps from the last to the first");
    }

    [Fact]
    public void Dense_layers_and_activations_stand_anywhere()
    {
        Fixture model = new Fixture(3).Input(Inputs)
            .Dense("in", Inputs, Inputs, "relu")
            .Add("TimeDistributed", "each", [[Inputs, Inputs], [Inputs]], ("layer", Layer("Dense", "inner", 3, Dense(Inputs, "elu"))))
            .Gru("gru", _gru, true)
            .Add("LeakyReLU", "leaky", [], ("negative_slope", 0.25))
            .Dense("out", Units, 2, "linear")
            .Add("Activation", "last", [], ("activation", "sigmoid"));

        model.Agrees(w =>
        {
            double[][] x = KerasReference.Dense(model.X, w["in"], Inputs, v => Math.Max(v, 0));
            x = KerasReference.Dense(x, w["each"], Inputs, v => v >= 0 ? v : Math.Exp(v) - 1);
            x = KerasReference.Gru(x, w["gru"], Units, Math.Tanh, KerasReference.Sigmoid, true);
            x = [.. x.Select(step => step.Select(v => v >= 0 ? v : 0.25 * v).ToArray())];
            return KerasReference.Dense(x, w["out"], 2, KerasReference.Sigmoid);
        });
        Assert.Equal("[B, T, 3]", model.Read().Input("x")!.Axes);
    }

    [Fact]
    public void An_embedding_reads_symbols()
    {
        Fixture model = new Fixture(2).Input(null)
            .Add("Embedding", "table", [[6, Inputs]], ("input_dim", 6), ("output_dim", Inputs), ("mask_zero", true))
            .Lstm("lstm", _lstm);

        RecurrentModel read = model.Read();

        Assert.Equal(new EmbeddingSpec(6, Inputs), read.Spec.Embedding);
        Assert.Equal(PortKind.Symbols, read.Input("x")!.Kind);
        Assert.Equal("[B, T]", read.Input("x")!.Axes);
        Assert.StartsWith(
            "layer 'table' (Embedding), mask_zero: leave the symbols 0 out", Assert.Single(read.Unused), StringComparison.Ordinal);
        Assert.Equal(model.Weights()["table"][0], Array.ConvertAll(
            read.Spec.EmbeddingWeights!.In(read.ReadParameters<float>().Span).ToArray(), value => (double)value));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_functional_model_is_read_where_it_is_a_chain(int version)
    {
        Fixture model = new Fixture(version).Input(Inputs).Lstm("lstm", _lstm).Dense("out", Units, 2, "linear").Functional();

        model.Agrees(w => KerasReference.Dense(
            KerasReference.Lstm(model.X, w["lstm"], Units, Math.Tanh, KerasReference.Sigmoid), w["out"], 2, v => v));

        model.Reads("out", "input_1");
        ModelRun.Refuses(() => model.Read(), "layer 'out' (Dense) reads 'input_1', expected the layer before it, 'lstm'");
        model.Reads("out", "lstm", "input_1");
        ModelRun.Refuses(() => model.Read(), "layer 'out' (Dense) reads 2 tensors, expected one");
        model.Reads("out", "lstm");
        model.Read();
        model.Root["config"]!["output_layers"] = new JsonArray { new JsonArray { "lstm", 0, 0 } };
        ModelRun.Refuses(() => model.Read(), "'output_layers' names 'lstm', expected only the last layer, 'out'");
    }

    [Fact]
    public void Initial_states_that_are_computed_are_refused()
    {
        Fixture model = new Fixture(2).Input(Inputs).Lstm("lstm", _lstm).Functional();
        model.Root["config"]!["layers"]![1]!["inbound_nodes"]![0]![0]![3] =
            new JsonObject { ["initial_state"] = new JsonArray { "input_1", 0, 0 }, ["training"] = null };
        ModelRun.Refuses(() => model.Read(), "layer 'lstm' (LSTM) is called with 'initial_state', expected only its input");
    }

    [Theory]
    [InlineData("Conv1D")]
    [InlineData("GroupNormalization")]
    [InlineData("UnitNormalization")]
    [InlineData("Flatten")]
    [InlineData("CuDNNLSTM")]
    [InlineData("Sequential")]
    [InlineData("Lambda")]
    public void Another_layer_is_refused_by_class_and_name(string type) => ModelRun.Refuses(
        () => new Fixture(3).Input(Inputs).Lstm("lstm", _lstm).Add(type, "odd_one", []).Read(),
        $"layer 'odd_one' ({type}) is of a class that is not supported, expected Embedding");

    [Theory]
    [InlineData("glu")]
    [InlineData("log_sigmoid")]
    [InlineData("soft_shrink")]
    public void Another_activation_is_refused_by_name(string name) => ModelRun.Refuses(
        () => new Fixture(3).Input(Inputs).Lstm("lstm", _lstm, activation: name).Read(),
        $"layer 'lstm' (LSTM) has the activation '{name}', expected linear, tanh");

    [Fact]
    public void What_changes_numbers_is_refused()
    {
        Refused("has 'return_state', expected false", ("return_state", true));
        Refused("has 'time_major', expected false", ("time_major", true));
        Refused("has 'activation' = 'softmax', expected a function of one number", ("activation", "softmax"));
        Refused("'config' 'units' is '0', expected a whole number from 1", ("units", 0));
        Refused("'config' 'use_bias' is 'no', expected true or false", ("use_bias", "no"));
        Refused("has the tensor 'lstm.0' of shape [3, 16], expected [3, 20]", ("units", 5));

        static void Refused(string expected, params (string, JsonNode?)[] more) =>
            ModelRun.Refuses(() => new Fixture(3).Input(Inputs).Lstm("lstm", _lstm, more: more).Read(), expected);
    }

    [Fact]
    public void Layers_that_do_not_follow_each_other_are_refused()
    {
        int[][] second = [[Units, 4 * Units], [Units, 4 * Units], [4 * Units]];
        Refused(
            "layer 'two' (LSTM) follows a layer without 'return_sequences'",
            new Fixture(3).Input(Inputs).Lstm("one", _lstm, more: [("return_sequences", false)]).Lstm("two", second));
        Refused("layer 'two' (Dense) has the tensor 'two.0' of shape [5, 2], expected [4, 2]",
            new Fixture(3).Input(Inputs).Lstm("one", _lstm).Dense("two", 5, 2, "linear"));
        Refused("has a kernel of shape [3, 16], expected [2, ...] for the input of the layer", new Fixture(3).Input(2).Lstm("one", _lstm));
        Refused("has no recurrent layer", new Fixture(3).Input(2).Dense("one", 2, 2, "linear"));
        Refused("layer 'late' (Embedding) follows another layer", new Fixture(3).Input(Inputs).Lstm("one", _lstm)
            .Add("Embedding", "late", [[6, 2]], ("input_dim", 6), ("output_dim", 2)));
        Refused(
            "merges by 'max', expected 'concat'", new Fixture(3).Input(Inputs).Bidirectional("both", _lstm, null, ("merge_mode", "max")));
        Refused("tensor 'one.3' belongs to no layer", new Fixture(3).Input(Inputs).Lstm("one", [.. _lstm, [2]]));
        Refused("layer 'one' (LSTM) has no tensor 'one.2', expected one", new Fixture(3).Input(Inputs).Lstm("one", _lstm[..2]));

        static void Refused(string expected, Fixture model) => ModelRun.Refuses(() => model.Read(), expected);
    }

    [Theory]
    [InlineData("[]", "the metadata entry 'keras' is an array of 0, expected an object with 'class_name'")]
    [InlineData("{", "the metadata entry 'keras' is not JSON")]
    [InlineData("""{"class_name":"Model","config":3}""", "'config' is '3', expected an object with 'layers'")]
    [InlineData("""{"class_name":"Subclassed","config":{}}""", "'class_name' is 'Subclassed', expected 'Sequential' or 'Functional'")]
    [InlineData("""{"class_name":"Sequential","config":[]}""", "has no recurrent layer")]
    [InlineData("""{"class_name":"Sequential","config":[{"class_name":"LSTM"}]}""", "'config'[0] has no 'config', expected one")]
    public void Broken_models_are_refused(string text, string expected)
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["keras"] = text;
        ModelRun.Refuses(() => ModelFile.Load(SafetensorsFile.Parse(writer.ToBytes(), "m")), expected);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void States_that_carry_over_are_said(int version)
    {
        Fixture one = new Fixture(version).Input(Inputs).Lstm("lstm", _lstm, more: [("stateful", true)]);
        Fixture none = new Fixture(version).Input(Inputs).Lstm("lstm", _lstm);

        Assert.Equal(
            ["layer 'lstm' (LSTM), stateful: give the final states of one batch to the next one as its initial states"],
            one.Read().Unused);
        Assert.Empty(none.Read().Unused);
    }

    private static (string, JsonNode?)[] Dense(int units, string activation) =>
        [("units", units), ("activation", activation), ("use_bias", true)];

    private static (string, JsonNode?)[] Recurrent(string activation) =>
    [
        ("return_sequences", true), ("return_state", false), ("go_backwards", false), ("stateful", false), ("unroll", false),
        ("units", Units), ("activation", activation), ("use_bias", true), ("dropout", 0.1), ("recurrent_dropout", 0.0),
    ];

    private static JsonObject Layer(string type, string name, int version, params (string Name, JsonNode? Value)[] config)
    {
        var policy = new JsonObject
        {
            ["module"] = "keras",
            ["class_name"] = "DTypePolicy",
            ["config"] = new JsonObject { ["name"] = "float32" },
            ["registered_name"] = null,
        };
        var inner = new JsonObject
        {
            ["name"] = name,
            ["trainable"] = true,
            ["dtype"] = version == 2 ? "float32" : policy,
        };
        foreach ((string key, JsonNode? value) in config)
        {
            inner[key] = value?.DeepClone();
        }

        return version == 2
            ? new JsonObject { ["class_name"] = type, ["config"] = inner }
            : new JsonObject
            {
                ["module"] = "keras.layers",
                ["class_name"] = type,
                ["config"] = inner,
                ["registered_name"] = null,
                ["build_config"] = new JsonObject { ["input_shape"] = new JsonArray { null, null, 3 } },
            };
    }

    /// <summary>A model as to_json() of Keras 2 or 3 has it, with random arrays.</summary>
    private sealed class Fixture
    {
        private readonly int _version;
        private readonly JsonArray _layers = [];
        private readonly Dictionary<string, int[][]> _shapes = [];
        private readonly float[][] _x;

        public Fixture(int version)
        {
            _version = version;
            Version = version == 2 ? "2.11.0" : null;
            var random = new RandomSource(5);
            _x = [.. Enumerable.Range(0, Steps).Select(_ => Enumerable.Range(0, Inputs).Select(_ => (float)random.NextNormal()).ToArray())];
            var config = new JsonObject { ["name"] = "model", ["layers"] = _layers };
            Root = version == 2
                ? new JsonObject
                {
                    ["class_name"] = "Sequential",
                    ["config"] = config,
                    ["keras_version"] = "2.11.0",
                    ["backend"] = "tensorflow",
                }
                : new JsonObject
                {
                    ["module"] = "keras",
                    ["class_name"] = "Sequential",
                    ["config"] = config,
                    ["registered_name"] = null,
                    ["build_config"] = new JsonObject(),
                };
        }

        public JsonObject Root { get; }

        public string? Version { get; set; }

        public double[][] X => [.. _x.Select(step => Array.ConvertAll(step, value => (double)value))];

        public Fixture Input(int? size)
        {
            JsonArray shape = size is { } numbers ? [null, null, numbers] : [null, null];
            return Add("InputLayer", "input_1", [], (_version == 2 ? "batch_input_shape" : "batch_shape", shape));
        }

        public Fixture Lstm(
            string name,
            int[][] shapes,
            string recurrentActivation = "sigmoid",
            string activation = "tanh",
            params (string, JsonNode?)[] more) =>
            Add("LSTM", name, shapes, [.. Recurrent(activation), ("recurrent_activation", recurrentActivation), .. more]);

        public Fixture Gru(string name, int[][] shapes, bool resetAfter) =>
            Add("GRU", name, shapes, [.. Recurrent("tanh"), ("recurrent_activation", "sigmoid"), ("reset_after", resetAfter)]);

        public Fixture Rnn(string name, int[][] shapes, string activation, params (string, JsonNode?)[] more) =>
            Add("SimpleRNN", name, shapes, [.. Recurrent(activation), .. more]);

        public Fixture Dense(string name, int inputs, int units, string activation) =>
            Add("Dense", name, [[inputs, units], [units]], KerasTests.Dense(units, activation));

        public Fixture Bidirectional(string name, int[][] shapes, string? backwardActivation, params (string Name, JsonNode? Value)[] more)
        {
            (string, JsonNode?)[] inner = [.. more.Where(entry => entry.Name != "merge_mode")];
            List<(string, JsonNode?)> config = [("merge_mode", "concat"), .. more.Where(entry => entry.Name == "merge_mode")];
            config.Add(("layer", Layer(
                "LSTM", "forward_lstm", _version, [.. Recurrent("tanh"), ("recurrent_activation", "sigmoid"), .. inner])));
            if (_version == 3)
            {
                config.Add(("backward_layer", Layer("LSTM", "backward_lstm", 3, [
                    .. Recurrent(backwardActivation ?? "tanh"), ("recurrent_activation", "sigmoid"), .. inner, ("go_backwards", true)])));
            }

            return Add("Bidirectional", name, [.. shapes, .. shapes], [.. config]);
        }

        public Fixture Add(string type, string name, int[][] shapes, params (string, JsonNode?)[] config)
        {
            _layers.Add(Layer(type, name, _version, config));
            _shapes.Add(name, shapes);
            return this;
        }

        public Fixture Functional()
        {
            Root["class_name"] = "Functional";
            string? before = null;
            foreach (JsonNode? layer in _layers)
            {
                string name = layer!["config"]!["name"]!.GetValue<string>();
                layer["name"] = name;
                layer["inbound_nodes"] = new JsonArray();
                if (before is not null)
                {
                    Reads(name, before);
                }

                before = name;
            }

            Root["config"]!["input_layers"] = _version == 2 ? new JsonArray { new JsonArray { "input_1", 0, 0 } } : ["input_1", 0, 0];
            Root["config"]!["output_layers"] = _version == 2 ? new JsonArray { new JsonArray { before!, 0, 0 } } : [before!, 0, 0];
            return this;
        }

        public void Reads(string layer, params string[] sources)
        {
            JsonNode node = _version == 2
                ? new JsonArray([.. sources.Select(source => new JsonArray { source, 0, 0, new JsonObject() })])
                : new JsonObject
                {
                    ["args"] = new JsonArray([.. sources.Select(source => new JsonObject
                    {
                        ["class_name"] = "__keras_tensor__",
                        ["config"] = new JsonObject
                        {
                            ["shape"] = new JsonArray { null, null, 3 },
                            ["dtype"] = "float32",
                            ["keras_history"] = new JsonArray { source, 0, 0 },
                        },
                    })]),
                    ["kwargs"] = new JsonObject { ["training"] = false, ["mask"] = null },
                };
            _layers.Single(entry => entry!["config"]!["name"]!.GetValue<string>() == layer)!["inbound_nodes"] = new JsonArray { node };
        }

        /// <summary>The arrays of each layer, as the file has them.</summary>
        public Dictionary<string, double[][]> Weights()
        {
            var random = new RandomSource(9);
            return _shapes.ToDictionary(entry => entry.Key, entry => Array.ConvertAll(
                entry.Value,
                shape => Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size))
                    .Select(_ => (double)(float)(0.5 * random.NextNormal())).ToArray()));
        }

        public RecurrentModel Read()
        {
            var writer = new SafetensorsWriter();
            writer.Metadata["keras"] = Root.ToJsonString();
            if (Version is not null)
            {
                writer.Metadata["keras_version"] = Version;
            }

            foreach ((string name, double[][] arrays) in Weights())
            {
                for (int i = 0; i < arrays.Length; i++)
                {
                    writer.Add<float>($"{name}.{i}", _shapes[name][i], Array.ConvertAll(arrays[i], value => (float)value));
                }
            }

            return ModelFile.Load(SafetensorsFile.Parse(writer.ToBytes(), "m"));
        }

        /// <summary>Both engines agree with the equations, or the model is refused.</summary>
        public void Agrees(Func<Dictionary<string, double[][]>, double[][]> expected, string? refused = null)
        {
            double[][] y = expected(Weights());
            if (refused is not null)
            {
                ModelRun.Refuses(() => Read(), refused);
                return;
            }

            RecurrentModel model = Read();
            var layout = new SequenceLayout();
            layout.Set(_x.Length, 1);
            var network = new PackedNetwork(model.Spec, model.ReadParameters<float>().Span);
            float[] got = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
            network.Run(
                layout, [.. _x.SelectMany(step => step)], [network.CreateStream()], got, new float[network.RunWorkspaceLength(layout)]);
            ModelRun.Agree([.. y.SelectMany(step => step)], got, 2e-6);
        }
    }
}
