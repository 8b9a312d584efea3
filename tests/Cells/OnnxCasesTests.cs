using System.Numerics;
using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>
/// The operator cases of ONNX Runtime (RNN, GRU, LSTM with clip, peepholes, activations of all kinds, lengths, initial states) through both
/// engines, each direction as a network of its own.
/// </summary>
public class OnnxCasesTests
{
    // Rows of the gates i f g o and r z n among ONNX's i o f c and z r h; peepholes i f o among its i o f.
    private static readonly int[] _lstm = [0, 2, 3, 1];
    private static readonly int[] _coupledLstm = [0, 3, 1];
    private static readonly int[] _gru = [1, 0, 2];
    private static readonly int[] _rnn = [0];
    private static readonly int[] _peepholes = [0, 2, 1];
    private static readonly int[] _coupledPeepholes = [0, 1];

    [CasesFact]
    public void All_operator_cases_of_ONNX_Runtime_agree()
    {
        string path = Path.Combine(Cases.Folder!, "onnx-runtime", "cases.json");
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        int count = 0;
        foreach (JsonElement operation in file.RootElement.GetProperty("cases").EnumerateArray())
        {
            string direction = Text(operation, "direction", "forward");
            int directions = direction == "bidirectional" ? 2 : 1;
            for (int d = 0; d < directions; d++)
            {
                var one = new Case(operation, d, directions, direction == "reverse" ? Direction.Reverse : (Direction)d);
                one.Check(one.Train<double>(), 2e-6);
                one.Check(one.Train<float>(), 1e-5);
                one.Check(one.Infer(), 1e-5);
            }

            count++;
        }

        Assert.True(count >= 36, $"There are {count} cases.");
    }

    private static string Text(JsonElement operation, string name, string otherwise) =>
        operation.GetProperty("attributes").TryGetProperty(name, out JsonElement value) ? value.GetString()! : otherwise;

    private sealed record Result(double[] Y, double[] Hidden, double[]? Cell);

    /// <summary>One direction of an operator as the layer of that direction. If there is another direction, it has zeros.</summary>
    private sealed class Case
    {
        private readonly JsonElement _operation;
        private readonly int _index;
        private readonly int _directions;
        private readonly Direction _direction;
        private readonly NetworkSpec _spec;
        private readonly double[] _parameters;
        private readonly double[] _x;
        private readonly int[] _lengths;
        private readonly int _steps;
        private readonly int _batch;
        private readonly double[] _state;

        public Case(JsonElement operation, int index, int directions, Direction direction)
        {
            (_operation, _index, _directions, _direction) = (operation, index, directions, direction);
            int[] shape = [.. Input("X")!.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
            (_steps, _batch) = (shape[0], shape[1]);
            _x = Numbers(Input("X"))!;
            _lengths = Numbers(Input("sequence_lens"))?.Select(length => (int)length).ToArray() ?? [.. Enumerable.Repeat(_steps, _batch)];
            RecurrentLayer layer = Layer();
            _spec = new NetworkSpec(shape[2], layer);
            _parameters = new double[_spec.Parameters.Length];
            int size = layer.HiddenSize;
            int[] gates = layer switch
            {
                { Cell: CellKind.Lstm, CoupledGates: true } => _coupledLstm,
                { Cell: CellKind.Lstm } => _lstm,
                { Cell: CellKind.Elman } => _rnn,
                _ => _gru,
            };
            int allGates = layer.Cell == CellKind.Lstm ? 4 : gates.Length;
            Fill(ParameterRole.InputWeights, OfDirection("W"), gates, size * shape[2]);
            Fill(ParameterRole.RecurrentWeights, OfDirection("R"), gates, size * size);
            Fill(ParameterRole.InputBias, OfDirection("B"), gates, size);
            Fill(ParameterRole.RecurrentBias, OfDirection("B")?[(allGates * size)..], gates, size);
            Fill(ParameterRole.Peepholes, OfDirection("P"), layer.CoupledGates ? _coupledPeepholes : _peepholes, size);

            _state = new double[_spec.StateSize * _batch];
            Start(StateKind.Hidden, OfDirection("initial_h"));
            Start(StateKind.Cell, OfDirection("initial_c"));
        }

        private string Name => _operation.GetProperty("id").GetString()! + " " + _direction;

        public Result Train<T>()
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var run = new NetworkRun<T>(_spec, _steps, _lengths);
            Array.ConvertAll(_parameters, T.CreateTruncating).CopyTo(run.Parameters, 0);
            Array.ConvertAll(_x, T.CreateTruncating).CopyTo(run.X, 0);
            Array.ConvertAll(_state, T.CreateTruncating).CopyTo(run.State, 0);
            run.Forward();
            return Take(Array.ConvertAll(run.Y, double.CreateTruncating), Array.ConvertAll(run.State, double.CreateTruncating));
        }

        public Result Infer()
        {
            var network = new PackedNetwork(_spec, Array.ConvertAll(_parameters, value => (float)value));
            var layout = new SequenceLayout();
            layout.Set(_steps, _lengths);
            StreamState[] states = [.. _lengths.Select(_ => network.CreateStream())];
            Exchange(states, _state, toStates: true);
            float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
            float[] workspace = new float[network.RunWorkspaceLength(layout)];
            network.Run(layout, Array.ConvertAll(_x, value => (float)value), states, y, workspace);
            double[] final = new double[_state.Length];
            Exchange(states, final, toStates: false);
            return Take(Array.ConvertAll(y, value => (double)value), final);
        }

        public void Check(Result result, double tolerance)
        {
            JsonElement expected = _operation.GetProperty("ort_1_30");
            int size = ((RecurrentLayer)_spec.Layers[0]).HiddenSize;
            double[] y = Numbers(expected.GetProperty("Y"))!;
            for (int t = 0; t < _steps; t++)
            {
                int row = _batch * size, at = ((t * _directions) + _index) * row;
                Near.Assert<double>($"{Name}: y at {t}", y.AsSpan(at, row), result.Y.AsSpan(t * row, row), tolerance);
            }

            Final("Y_h", result.Hidden);
            if (result.Cell is not null)
            {
                Final("Y_c", result.Cell);
            }

            // The standard does not define the state of a sequence of length 0; here it keeps its state.
            void Final(string name, double[] actual)
            {
                double[] all = Numbers(expected.GetProperty(name))!;
                for (int b = 0; b < _batch; b++)
                {
                    if (_lengths[b] > 0)
                    {
                        int at = ((_index * _batch) + b) * size;
                        Near.Assert<double>($"{Name}: {name} of {b}", all.AsSpan(at, size), actual.AsSpan(b * size, size), tolerance);
                    }
                }
            }
        }

        private static double[]? Numbers(JsonElement? tensor) =>
            tensor?.GetProperty("data").EnumerateArray().Select(value => value.GetDouble()).ToArray();

        private JsonElement? Input(string name) =>
            _operation.GetProperty("inputs").TryGetProperty(name, out JsonElement value) ? value : null;

        private double[]? OfDirection(string name) =>
            Numbers(Input(name)) is { } all ? all[(_index * all.Length / _directions)..((_index + 1) * all.Length / _directions)] : null;

        private RecurrentLayer Layer()
        {
            JsonElement attributes = _operation.GetProperty("attributes");
            CellKind cell = _operation.GetProperty("op").GetString() switch
            {
                "LSTM" => CellKind.Lstm,
                "GRU" => attributes.TryGetProperty("linear_before_reset", out JsonElement after) && after.GetInt32() != 0
                    ? CellKind.GruResetAfter
                    : CellKind.GruResetBefore,
                _ => CellKind.Elman,
            };
            ActivationSpec[] chosen = Activations(attributes, cell);
            int perDirection = cell switch { CellKind.Lstm => 3, CellKind.Elman => 1, _ => 2 };
            ActivationSpec[] mine = chosen[(_index * perDirection)..((_index + 1) * perDirection)];
            return new(cell, attributes.GetProperty("hidden_size").GetInt32())
            {
                Bidirectional = _direction == Direction.Reverse,
                Bias = Input("B") is not null,
                Peepholes = Input("P") is not null,
                CoupledGates = attributes.TryGetProperty("input_forget", out JsonElement coupled) && coupled.GetInt32() != 0,
                Clip = attributes.TryGetProperty("clip", out JsonElement clip) ? clip.GetDouble() : double.PositiveInfinity,
                Activation = cell == CellKind.Elman ? mine[0] : mine[1],
                GateActivation = cell == CellKind.Elman ? ActivationKind.Sigmoid : mine[0],
                OutputActivation = cell == CellKind.Lstm ? mine[2] : ActivationKind.Tanh,
            };
        }

        // α and β come from their lists for the functions that have them, in the order of the functions.
        private ActivationSpec[] Activations(JsonElement attributes, CellKind cell)
        {
            string[] usual = cell switch
            {
                CellKind.Lstm => ["Sigmoid", "Tanh", "Tanh"],
                CellKind.Elman => ["Tanh"],
                _ => ["Sigmoid", "Tanh"],
            };
            string[] names = attributes.TryGetProperty("activations", out JsonElement given)
                ? [.. given.EnumerateArray().Select(name => name.GetString()!)]
                : [.. Enumerable.Repeat(usual, _directions).SelectMany(name => name)];
            Queue<double> alphas = Queue("activation_alpha"), betas = Queue("activation_beta");
            return Array.ConvertAll(names, name =>
            {
                ActivationSpec f = Enum.Parse<ActivationKind>(name, ignoreCase: true);
                return f with
                {
                    Alpha = f.HasAlpha && alphas.TryDequeue(out double alpha) ? alpha : f.Alpha,
                    Beta = f.HasBeta && betas.TryDequeue(out double beta) ? beta : f.Beta,
                };
            });

            Queue<double> Queue(string name) => new(
                attributes.TryGetProperty(name, out JsonElement list) ? list.EnumerateArray().Select(value => value.GetDouble()) : []);
        }

        private void Fill(ParameterRole role, double[]? from, int[] blocks, int length)
        {
            if (from is not null)
            {
                Span<double> to = _spec.Slot(0, _direction, role)!.In(_parameters.AsSpan());
                Assert.Equal(blocks.Length * length, to.Length);
                for (int block = 0; block < blocks.Length; block++)
                {
                    from.AsSpan(blocks[block] * length, length).CopyTo(to[(block * length)..]);
                }
            }
        }

        private void Start(StateKind kind, double[]? from) =>
            from?.CopyTo(_spec.State(0, _direction, kind)!.In(_state.AsSpan(), _batch));

        private Result Take(double[] y, double[] state)
        {
            int size = ((RecurrentLayer)_spec.Layers[0]).HiddenSize, width = _spec.OutputSize;
            double[] half = [.. Enumerable.Range(1, y.Length / width).SelectMany(row => y[((row * width) - size)..(row * width)])];
            return new(
                half,
                _spec.State(0, _direction, StateKind.Hidden)!.In(state.AsSpan(), _batch).ToArray(),
                _spec.State(0, _direction, StateKind.Cell)?.In(state.AsSpan(), _batch).ToArray());
        }

        // Between the states of streams and that of a batch.
        private void Exchange(StreamState[] states, double[] batch, bool toStates)
        {
            foreach (StateSlot slot in _spec.States)
            {
                Span<double> rows = slot.In(batch.AsSpan(), _batch);
                for (int b = 0; b < _batch; b++)
                {
                    Span<float> values = states[b].Values(slot);
                    for (int i = 0; i < slot.Size; i++)
                    {
                        if (toStates)
                        {
                            values[i] = (float)rows[(b * slot.Size) + i];
                        }
                        else
                        {
                            rows[(b * slot.Size) + i] = values[i];
                        }
                    }
                }
            }
        }
    }
}
