using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.PyTorch;

/// <summary>
/// One recurrent module of a state_dict. The tensors of layer 0 determine the cell and the sizes, and the presence of a tensor anywhere
/// determines the variant. Every tensor of that module must then be there in its full shape.
/// </summary>
internal sealed class PyTorchModule
{
    private readonly string _file;
    private readonly PyTorchOptions _options;
    private readonly List<(ParameterSource Tensor, PyTorchNames.Parts Parts)> _tensors = [];
    private readonly Dictionary<string, ParameterSource> _byName = [];

    /// <summary>Makes an empty module; <see cref="Add"/> gives it its tensors.</summary>
    public PyTorchModule(string file, PyTorchOptions options) => (_file, _options) = (file, options);

    /// <summary>The prefix of its tensors' names.</summary>
    public string Prefix => _tensors[0].Parts.Prefix;

    /// <summary>True if it is a single cell.</summary>
    public bool IsCell => _tensors[0].Parts.IsCell;

    /// <summary>The tensor that was added first.</summary>
    public ParameterSource First => _tensors[0].Tensor;

    /// <summary>The numbers of a step of its input.</summary>
    public int InputSize => Matrix(ParameterRole.InputWeights).Shape[1];

    /// <summary>Adds one of its tensors.</summary>
    public void Add(ParameterSource tensor, PyTorchNames.Parts parts)
    {
        _tensors.Add((tensor, parts));
        _byName.Add(tensor.Name, tensor);
    }

    /// <summary>Describes its layers, which are all alike.</summary>
    public RecurrentLayer Layer(ActivationKind? nonlinearity)
    {
        ParameterSource weights = Matrix(ParameterRole.RecurrentWeights);
        int rows = weights.Shape[0];
        int stateSize = weights.Shape[1];
        bool projected = Has(ParameterRole.ProjectionWeights);
        int hiddenSize = projected ? Matrix(ParameterRole.ProjectionWeights).Shape[1] : stateSize;
        int gates = rows % hiddenSize == 0 ? rows / hiddenSize : 0;
        bool coupled = _options.CoupledGates ?? false;
        CellKind cell = (gates, projected) switch
        {
            (4, _) when !coupled => CellKind.Lstm,
            (3, _) when coupled => CellKind.Lstm,
            (3, false) => _options.Gru ?? CellKind.GruResetAfter,
            (1, false) => CellKind.Elman,
            (_, true) => throw Fail(
                $"tensor {Quote(weights)} has shape {TensorShape.Text(weights.Shape)}, expected {(coupled ? 3L : 4L) * hiddenSize} rows "
                + $"for an LSTM whose {hiddenSize} outputs are projected."),
            _ => throw Fail(
                $"tensor {Quote(weights)} has shape {TensorShape.Text(weights.Shape)}, "
                + "expected 1 (RNN), 3 (GRU) or 4 (LSTM) times as many rows as columns."),
        };
        return new RecurrentLayer(cell, hiddenSize)
        {
            Bidirectional = _tensors.Exists(entry => entry.Parts.Direction == Direction.Reverse),
            Bias = _tensors.Exists(entry => PyTorchNames.IsBias(entry.Parts.Role)),
            ProjectionSize = projected ? stateSize : 0,
            Activation = Nonlinearity(cell, nonlinearity),
            GateActivation = _options.GateActivation ?? ActivationKind.Sigmoid,
            OutputActivation = _options.OutputActivation ?? ActivationKind.Tanh,
            CoupledGates = coupled,
            Clip = _options.Clip ?? double.PositiveInfinity,
            Peepholes = Has(ParameterRole.Peepholes),
            TrainableInitialState = _tensors.Exists(entry => PyTorchNames.IsStart(entry.Parts.Role)),
        };
    }

    /// <summary>Counts its layers, which must be numbered from 0 without a gap.</summary>
    public int CountLayers()
    {
        var numbers = new HashSet<int>(_tensors.Select(entry => entry.Parts.Layer));
        int count = 0;
        while (numbers.Contains(count))
        {
            count++;
        }

        return count == numbers.Count ? count : throw Missing(count, Direction.Forward, ParameterRole.InputWeights);
    }

    /// <summary>Adds its layers to a network.</summary>
    /// <exception cref="ArgumentException">The layers contradict each other.</exception>
    public void AddTo(NetworkBuilder builder, RecurrentLayer layer, int count)
    {
        // Too many layers are refused before their shapes are laid out.
        int inputSize = builder.OutputSize;
        var sources = new Dictionary<(Direction, ParameterRole), ParameterSource>[count];
        for (int i = 0; i < count; i++)
        {
            builder.Add(layer, sources[i] = []);
        }

        var layers = new RecurrentLayer[count];
        Array.Fill(layers, layer);
        foreach ((int index, Direction direction, ParameterRole role, ParameterSlot slot) in PyTorchNames.Slots(new(inputSize, layers)))
        {
            ParameterSource tensor = Get(index, direction, role);
            PyTorchNames.CheckShape(_file, tensor, role, slot, layer, inputSize);
            sources[index].Add((direction, role), PyTorchNames.Source(tensor, slot));
        }
    }

    private static string Quote(ParameterSource tensor) => ModelFormatException.Quote(tensor.Name);

    private bool Has(ParameterRole role) => _tensors.Exists(entry => entry.Parts.Role == role);

    private ModelFormatException Fail(string problem) => new(_file, problem);

    private ActivationSpec Nonlinearity(CellKind cell, ActivationKind? asked)
    {
        if (asked is not null && cell != CellKind.Elman)
        {
            throw Fail(
                $"the shapes belong to {PyTorchNames.Of(cell)}, "
                + $"expected an RNN for the nonlinearity {PyTorchOptions.NameOf(asked.Value)}.");
        }

        ActivationSpec? said = _options.CandidateActivation ?? _options.Nonlinearity;
        if (asked is { } wanted && said is { } told && told != wanted)
        {
            string name = _options.Nonlinearity is { } named ? PyTorchOptions.NameOf(named) : told.ToString();
            throw Fail(
                $"the metadata says that the nonlinearity is {name}, "
                + $"expected {PyTorchOptions.NameOf(wanted)} as requested.");
        }

        return asked is { } chosen ? chosen : said ?? ActivationKind.Tanh;
    }

    /// <summary>Gets a weight matrix of layer 0, from which a size is read.</summary>
    private ParameterSource Matrix(ParameterRole role)
    {
        ParameterSource tensor = Get(0, Direction.Forward, role);
        return tensor.Shape.Length == 2 && tensor.Shape[0] > 0 && tensor.Shape[1] > 0
            ? tensor
            : throw Fail($"tensor {Quote(tensor)} has shape {TensorShape.Text(tensor.Shape)}, expected two sizes of 1 or more.");
    }

    private ParameterSource Get(int layer, Direction direction, ParameterRole role) =>
        _byName.GetValueOrDefault(NameOf(layer, direction, role)) ?? throw Missing(layer, direction, role);

    private string NameOf(int layer, Direction direction, ParameterRole role) =>
        Prefix + (IsCell ? PyTorchNames.Of(role) : PyTorchNames.Of(layer, direction, role));

    private ModelFormatException Missing(int layer, Direction direction, ParameterRole role)
    {
        // The most similar tensor shows best why this one is expected.
        ParameterSource like = _tensors.MaxBy(
            entry => (PyTorchNames.IsBias(entry.Parts.Role) == PyTorchNames.IsBias(role) ? 4 : 0)
                + (entry.Parts.Role == role ? 2 : 0)
                + (entry.Parts.Direction == direction ? 1 : 0)).Tensor;
        string name = ModelFormatException.Quote(NameOf(layer, direction, role));
        return Fail($"there is no tensor {name}, expected it beside {Quote(like)}.");
    }
}
