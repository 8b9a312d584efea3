using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Formats;

/// <summary>
/// Finds the one network that the tensors of a file are, or says in one sentence why they are none. Layer 0 tells the cell and the
/// sizes, the presence of a tensor anywhere tells the variant, and then every tensor of that network has to be there in its full shape.
/// </summary>
internal sealed class PyTorchReader
{
    private readonly SafetensorsFile _file;
    private readonly List<(SafetensorsTensor Tensor, PyTorchNames.Parts Parts)> _recurrent = [];
    private readonly List<SafetensorsTensor> _others = [];
    private readonly PyTorchOptions _options;
    private SafetensorsTensor? _embedding;
    private SafetensorsTensor? _headWeights;
    private SafetensorsTensor? _headBias;

    /// <summary>Sorts the tensors into those of the recurrent module and the others.</summary>
    public PyTorchReader(SafetensorsFile file)
    {
        _file = file;
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            if (PyTorchNames.Parse(tensor.Name) is { } parts)
            {
                _recurrent.Add((tensor, parts));
            }
            else
            {
                _others.Add(tensor);
            }
        }

        CheckRecurrentNames();
        CheckDtypes();
        _options = PyTorchOptions.Read(file);
    }

    /// <summary>The network.</summary>
    public RecurrentModel Read(Activation? nonlinearity)
    {
        LayerSpec layer = Layer(nonlinearity);
        int inputSize = Matrix(ParameterRole.InputWeights).Shape[1];
        SortOthers(inputSize, layer.OutputSize);
        _options.CheckUse(_file, layer.Cell, _headWeights is not null);
        var layers = new LayerSpec[CountLayers()];
        Array.Fill(layers, layer);
        HeadSpec? head = Head(layer);
        try
        {
            NetworkSpec spec = _embedding is null
                ? new NetworkSpec(inputSize, layers, head)
                : new NetworkSpec(new EmbeddingSpec(_embedding.Shape[0], inputSize), layers, head);
            SafetensorsTensor[] tensors = Match(spec);
            var sources = new ParameterSource[tensors.Length];
            for (int i = 0; i < tensors.Length; i++)
            {
                sources[i] = tensors[i].Source(spec.Parameters.Slots[i].Rows, spec.Parameters.Slots[i].Columns);
            }

            return new RecurrentModel(_file.Name, "safetensors, PyTorch's names", spec, sources)
            {
                Metadata = _file.Metadata,
                TellsNonlinearity = _options is { Nonlinearity: not null } or { CandidateActivation: not null },
            };
        }
        catch (ArgumentException e) when (e.ParamName == "layers")
        {
            // The message without what .NET appends, the name of the parameter.
            string contradiction = e.Message[..e.Message.LastIndexOf(" (", StringComparison.Ordinal)];
            throw Fail($"names, shapes and metadata contradict each other, expected one network: {contradiction}");
        }
    }

    private static string Quote(SafetensorsTensor tensor) => ModelFormatException.Quote(tensor.Name);

    private ModelFormatException Fail(string problem) => new(_file.Name, problem);

    /// <summary>All belong to one module, which has layers or is a single cell.</summary>
    private void CheckRecurrentNames()
    {
        if (_recurrent.Count == 0)
        {
            string found = _file.Tensors.Count == 0
                ? "there are no tensors"
                : $"there is no recurrent layer among the {_file.Tensors.Count} tensors, the first of which is {Quote(_file.Tensors[0])}";
            throw Fail($"{found}, expected PyTorch's names such as 'weight_ih_l0' and 'weight_hh_l0'.");
        }

        (SafetensorsTensor first, PyTorchNames.Parts parts) = _recurrent[0];
        foreach ((SafetensorsTensor tensor, PyTorchNames.Parts other) in _recurrent)
        {
            if (other.Prefix != parts.Prefix || other.IsCell != parts.IsCell)
            {
                throw Fail($"tensors {Quote(first)} and {Quote(tensor)} belong to two modules, expected one recurrent module.");
            }
        }
    }

    /// <summary>
    /// What is no part of the recurrent module: at most one table in front of it, [V, I] without a bias, and one head behind it. Where
    /// a tensor could be either, the table is the one that has "emb" in its name.
    /// </summary>
    private void SortOthers(int inputSize, int outputSize)
    {
        const string Weight = ".weight";
        foreach (SafetensorsTensor tensor in _others)
        {
            string? module = tensor.Name.EndsWith(Weight, StringComparison.Ordinal) ? tensor.Name[..^Weight.Length] : null;
            SafetensorsTensor? bias = module is null ? null : _file.Find(module + ".bias");
            bool isTable = module is not null && bias is null && tensor.Shape is [> 0, var columns] && columns == inputSize
                && (inputSize != outputSize || module.Contains("emb", StringComparison.OrdinalIgnoreCase));
            if (isTable && _embedding is null)
            {
                _embedding = tensor;
            }
            else if (module is not null && !isTable && _headWeights is null)
            {
                (_headWeights, _headBias) = (tensor, bias);
            }
        }

        foreach (SafetensorsTensor tensor in _others)
        {
            if (tensor != _embedding && tensor != _headWeights && tensor != _headBias)
            {
                throw Fail(
                    $"tensor {Quote(tensor)} has no place in the network, expected one recurrent module, at most one embedding in front "
                    + "of it, 'NAME.weight', and at most one dense head, 'NAME.weight' with 'NAME.bias'.");
            }
        }
    }

    private void CheckDtypes()
    {
        SafetensorsTensor first = _file.Tensors[0];
        foreach (SafetensorsTensor tensor in _file.Tensors)
        {
            tensor.CheckIsReal();

            if (tensor.Dtype != first.Dtype)
            {
                throw Fail($"tensor {Quote(tensor)} has dtype {tensor.Dtype}, expected {first.Dtype} as {Quote(first)} has.");
            }
        }
    }

    private LayerSpec Layer(Activation? nonlinearity)
    {
        SafetensorsTensor weights = Matrix(ParameterRole.RecurrentWeights);
        int rows = weights.Shape[0];
        int stateSize = weights.Shape[1];
        bool projected = _recurrent.Exists(entry => entry.Parts.Role == ParameterRole.ProjectionWeights);
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
                $"tensor {Quote(weights)} has shape {TensorShape.Text(weights.Shape)}, expected {(coupled ? 3L : 4L) * hiddenSize} rows, "
                + $"those of an LSTM whose {hiddenSize} outputs are projected."),
            _ => throw Fail(
                $"tensor {Quote(weights)} has shape {TensorShape.Text(weights.Shape)}, "
                + "expected 1 (RNN), 3 (GRU) or 4 (LSTM) times as many rows as columns."),
        };
        return new LayerSpec(cell, hiddenSize)
        {
            Bidirectional = _recurrent.Exists(entry => entry.Parts.Direction == Direction.Reverse),
            Bias = _recurrent.Exists(entry => PyTorchNames.IsBias(entry.Parts.Role)),
            ProjectionSize = projected ? stateSize : 0,
            Activation = Nonlinearity(cell, nonlinearity),
            GateActivation = _options.GateActivation ?? Activation.Sigmoid,
            OutputActivation = _options.OutputActivation ?? Activation.Tanh,
            CoupledGates = coupled,
            Clip = _options.Clip ?? double.PositiveInfinity,
            Peepholes = _recurrent.Exists(entry => entry.Parts.Role == ParameterRole.Peepholes),
            TrainableInitialState = _recurrent.Exists(entry => PyTorchNames.IsStart(entry.Parts.Role)),
        };
    }

    private ActivationSpec Nonlinearity(CellKind cell, Activation? asked)
    {
        if (asked is not null && cell != CellKind.Elman)
        {
            throw Fail(
                $"the shapes are those of {PyTorchOptions.NameOf(cell)}, "
                + $"expected an RNN for the nonlinearity {PyTorchOptions.NameOf(asked.Value)}.");
        }

        ActivationSpec? said = _options.CandidateActivation ?? _options.Nonlinearity;
        if (asked is { } wanted && said is { } told && told != wanted)
        {
            string name = _options.Nonlinearity is { } named ? PyTorchOptions.NameOf(named) : told.ToString();
            throw Fail(
                $"the metadata says that the nonlinearity is {name}, "
                + $"expected {PyTorchOptions.NameOf(wanted)} as asked for.");
        }

        return asked is { } chosen ? chosen : said ?? Activation.Tanh;
    }

    private HeadSpec? Head(LayerSpec layer)
    {
        if (_headWeights is null)
        {
            return null;
        }

        ReadOnlySpan<int> shape = _headWeights.Shape;
        return shape.Length == 2 && shape[0] > 0 && shape[1] == layer.OutputSize
            ? new HeadSpec(shape[0], _options.Head ?? HeadPosition.EveryStep) { Bias = _headBias is not null }
            : throw Fail(
                $"tensor {Quote(_headWeights)} has shape {TensorShape.Text(shape)}, expected at most one dense head on the "
                + $"{layer.OutputSize} outputs of the recurrent module, [O, {layer.OutputSize}].");
    }

    /// <summary>Layers are numbered from 0 without a gap.</summary>
    private int CountLayers()
    {
        var numbers = new HashSet<int>(_recurrent.Select(entry => entry.Parts.Layer));
        int count = 0;
        while (numbers.Contains(count))
        {
            count++;
        }

        return count == numbers.Count ? count : throw Missing(count, Direction.Forward, ParameterRole.InputWeights);
    }

    private SafetensorsTensor[] Match(NetworkSpec spec)
    {
        List<SafetensorsTensor> tensors = _embedding is null ? [] : [_embedding];
        foreach ((int layer, Direction direction, ParameterRole role, ParameterSlot slot) in PyTorchNames.Slots(spec))
        {
            SafetensorsTensor tensor = Get(layer, direction, role);
            CheckShape(tensor, PyTorchNames.Shape(role, slot), spec);
            tensors.Add(tensor);
        }

        if (_headWeights is not null)
        {
            tensors.Add(_headWeights);
        }

        if (_headBias is not null)
        {
            CheckShape(_headBias, [spec.OutputSize], spec);
            tensors.Add(_headBias);
        }

        return [.. tensors];
    }

    private void CheckShape(SafetensorsTensor tensor, ReadOnlySpan<int> expected, NetworkSpec spec)
    {
        if (!tensor.Shape.SequenceEqual(expected))
        {
            LayerSpec layer = spec.Layers[0];
            string projection = layer.ProjectionSize > 0 ? $" projected to {layer.ProjectionSize}" : string.Empty;
            throw Fail(
                $"tensor {Quote(tensor)} has shape {TensorShape.Text(tensor.Shape)}, expected {TensorShape.Text(expected)} in "
                + $"{PyTorchOptions.NameOf(layer.Cell)} of input size {spec.InputSize} and hidden size {layer.HiddenSize}{projection}.");
        }
    }

    /// <summary>A weight of layer 0 from which a size is read.</summary>
    private SafetensorsTensor Matrix(ParameterRole role)
    {
        SafetensorsTensor tensor = Get(0, Direction.Forward, role);
        return tensor.Shape.Length == 2 && tensor.Shape[0] > 0 && tensor.Shape[1] > 0
            ? tensor
            : throw Fail($"tensor {Quote(tensor)} has shape {TensorShape.Text(tensor.Shape)}, expected two sizes of 1 or more.");
    }

    private SafetensorsTensor Get(int layer, Direction direction, ParameterRole role) =>
        _file.Find(NameOf(layer, direction, role)) ?? throw Missing(layer, direction, role);

    private string NameOf(int layer, Direction direction, ParameterRole role)
    {
        PyTorchNames.Parts module = _recurrent[0].Parts;
        return module.Prefix + (module.IsCell ? PyTorchNames.Of(role) : PyTorchNames.Of(layer, direction, role));
    }

    private ModelFormatException Missing(int layer, Direction direction, ParameterRole role)
    {
        // The tensor that is most alike shows best why this one is expected.
        SafetensorsTensor like = _recurrent.MaxBy(
            entry => (PyTorchNames.IsBias(entry.Parts.Role) == PyTorchNames.IsBias(role) ? 4 : 0)
                + (entry.Parts.Role == role ? 2 : 0)
                + (entry.Parts.Direction == direction ? 1 : 0)).Tensor;
        string name = ModelFormatException.Quote(NameOf(layer, direction, role));
        return Fail($"there is no tensor {name}, expected it since there is {Quote(like)}.");
    }
}
