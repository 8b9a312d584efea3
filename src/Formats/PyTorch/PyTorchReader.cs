using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.PyTorch;

/// <summary>
/// Finds the network in the tensors of a state_dict: an embedding, recurrent modules and a head by their names and shapes, or the modules
/// of a network that the metadata describes. If there is none, the error says why in one sentence.
/// </summary>
internal sealed class PyTorchReader
{
    private const string Counter = ".num_batches_tracked";

    private readonly string _file;
    private readonly string _format;
    private readonly IReadOnlyList<ParameterSource> _tensors;
    private readonly IReadOnlyDictionary<string, string> _metadata;
    private readonly bool _inOrder;
    private readonly PyTorchOptions _options;
    private readonly Dictionary<string, ParameterSource> _byName;
    private readonly List<PyTorchModule> _modules = [];
    private readonly List<ParameterSource> _others = [];
    private ParameterSource? _embedding;
    private ParameterSource? _headWeights;
    private ParameterSource? _headBias;

    /// <summary>Takes the tensors of a file.</summary>
    /// <param name="file">The file as messages call it.</param>
    /// <param name="format">The kind of file.</param>
    /// <param name="tensors">Each as one row, with its shape in the file; the names are distinct.</param>
    /// <param name="metadata">The metadata of the file.</param>
    /// <param name="inOrder">True if the modules are in the order of the network, so that there may be several.</param>
    public PyTorchReader(
        string file,
        string format,
        IReadOnlyList<ParameterSource> tensors,
        IReadOnlyDictionary<string, string> metadata,
        bool inOrder)
    {
        (_file, _format, _tensors, _metadata, _inOrder) = (file, format, tensors, metadata, inOrder);
        _byName = tensors.ToDictionary(tensor => tensor.Name);
        _options = PyTorchOptions.Read(file, metadata);
    }

    /// <summary>Takes a safetensors file, whose tensors are sorted by name.</summary>
    public PyTorchReader(SafetensorsFile file)
        : this(
            file.Name,
            "safetensors, PyTorch's names",
            Sources(file),
            file.Metadata,
            inOrder: false)
    {
    }

    /// <summary>Finds the network.</summary>
    public RecurrentModel Read(ActivationKind? nonlinearity)
    {
        try
        {
            return _options.Network is { } described ? Described(described, nonlinearity) : Found(nonlinearity);
        }
        catch (ArgumentException e)
        {
            throw Fail(
                $"names, shapes and metadata contradict each other, expected one network: {ModelFormatException.Sentence(e)}");
        }
    }

    /// <summary>Takes all tensors, and those that were left out since they are others, as safetensors.torch.save_model does.</summary>
    private static ParameterSource[] Sources(SafetensorsFile file)
    {
        List<ParameterSource> sources = [];
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            // The counter of a batch normalization is a whole number. The normalization itself is refused later, by its name.
            if (!tensor.Name.EndsWith(Counter, StringComparison.Ordinal)
                || file.Find(tensor.Name[..^Counter.Length] + PyTorchRoles.RunningMean) is null)
            {
                sources.Add(tensor.Source(1, tensor.Length));
            }
        }

        foreach ((string name, string kept) in file.Metadata)
        {
            if (file.Find(name) is null && file.Find(kept) is { } tied)
            {
                ParameterSource source = tied.Source(1, tied.Length);
                sources.Add(ParameterSource.Of(name, source.Shape, source.Type, tied.Data, 1, tied.Length));
            }
        }

        return [.. sources];
    }

    private static string Quote(ParameterSource tensor) => ModelFormatException.Quote(tensor.Name);

    private ModelFormatException Fail(string problem) => new(_file, problem);

    private RecurrentModel Found(ActivationKind? nonlinearity)
    {
        SortModules();
        RecurrentLayer layer = _modules[0].Layer(nonlinearity);
        RecurrentLayer last = _modules.Count == 1 ? layer : _modules[^1].Layer(nonlinearity);
        int inputSize = _modules[0].InputSize;
        var roles = new PyTorchRoles(_file, _others, _modules[0].Prefix, inputSize, last.OutputSize);
        (_embedding, _headWeights, _headBias) = (roles.Table, roles.Head, roles.HeadBias);
        _options.CheckUse(_file, layer.Cell, _headWeights is not null);
        NetworkBuilder builder = _embedding is null
            ? new(inputSize)
            : new(_embedding.Window(0, _embedding.Shape[0], inputSize, inputSize, 1));
        foreach (PyTorchModule module in _modules)
        {
            module.AddTo(builder, module.Layer(nonlinearity), module.CountLayers());
        }

        AddHead(builder);
        return Model(builder.Build(), nonlinearity);
    }

    // A file that says what its head reads describes the network behind the recurrent modules.
    private IEnumerable<string> Assumptions(NetworkSpec spec, ActivationKind? nonlinearity)
    {
        if (_options.Network is not null)
        {
            yield break;
        }

        bool isElman = spec.Layers.ToArray().Any(layer => layer is RecurrentLayer { Cell: CellKind.Elman });
        if (nonlinearity is null && !TellsNonlinearity && isElman)
        {
            yield return "The activation of the RNN is tanh.";
        }

        if (_modules.Count > 1)
        {
            yield return $"The recurrent modules follow each other as in the file: {string.Join(", ", _modules.Select(Name))}.";
        }

        if (_headWeights is not null && _options.Head is null)
        {
            yield return $"No activation is between {Name(_modules[^1])} and {Quote(_headWeights)}.";
        }

        static string Name(PyTorchModule module) => module.Prefix.Length > 0
            ? ModelFormatException.Quote(module.Prefix[..^1])
            : "the recurrent module";
    }

    /// <summary>
    /// Reads a network that the metadata describes: each layer is a module of its own, and every tensor belongs to one of them.
    /// </summary>
    private RecurrentModel Described(NetworkSpec spec, ActivationKind? nonlinearity)
    {
        if (nonlinearity is not null)
        {
            throw Fail(
                $"the metadata describes the network, expected no nonlinearity such as {PyTorchOptions.NameOf(nonlinearity.Value)}.");
        }

        string[] usual = PyTorchNames.Modules(spec);
        bool hasHead = _tensors.Any(tensor => tensor.Name.StartsWith($"{PyTorchNames.Head}.", StringComparison.Ordinal));
        if (usual is [.., PyTorchNames.Head] && !hasHead)
        {
            // Files of before have a dense layer on top that was no head in their list too.
            usual[^1] = PyTorchNames.InList(usual.Length - (spec.Embedding is null ? 1 : 2));
        }

        string[] modules = _options.Modules ?? usual;
        if (modules.Length != usual.Length)
        {
            throw Fail(
                $"the metadata names {modules.Length} modules, expected {usual.Length}: the embedding, if there is one, and each layer "
                + "that has parameters.");
        }

        List<ParameterSource> sources = [];
        HashSet<string> used = [];
        foreach (PyTorchNames.Place place in PyTorchNames.Places(spec, modules))
        {
            if (_options.BatchNorms.TryGetValue(place.Module, out double epsilon))
            {
                sources.Add(Normalized(spec, place, epsilon, used));
                continue;
            }

            string name = _byName.ContainsKey(place.Name) || place.CellName is null ? place.Name : place.CellName;
            ParameterSource tensor = Get(name, place.Name, "the network");

            // An nn.PReLU has one slope for all features unless it is told their number.
            bool isShared = tensor.Shape is [1] && place.Layer >= 0 && spec.Layers[place.Layer] is PReluLayer;
            CheckShape(tensor, isShared ? [1] : place.Shape);
            if (!used.Add(name))
            {
                throw InTwo(tensor);
            }

            sources.Add(isShared ? tensor.Window(0, place.Slot.Rows, 1, 0, 1) : PyTorchNames.Source(tensor, place.Slot));
        }

        return _tensors.FirstOrDefault(tensor => !used.Contains(tensor.Name)) is not { } extra
            ? Model((spec, [.. sources]), nonlinearity)
            : throw Fail(extra.Name.EndsWith(PyTorchRoles.RunningMean, StringComparison.Ordinal)
                ? $"tensor {Quote(extra)} belongs to a batch normalization, expected "
                    + $"{PyTorchOptions.BatchNorm(extra.Name[..^PyTorchRoles.RunningMean.Length])} among the modules in the metadata."
                : $"tensor {Quote(extra)} is not part of the network, expected only tensors of the network in the metadata.");
    }

    /// <summary>Computes the scale or the shift of a batch normalization from its four tensors; weight and bias may be missing.</summary>
    private ParameterSource Normalized(NetworkSpec spec, PyTorchNames.Place place, double epsilon, HashSet<string> used)
    {
        string title = $"batch normalization {ModelFormatException.Quote(place.Module)}";
        if (place.Layer < 0 || spec.Layers[place.Layer] is not AffineLayer { Scale: true, Shift: true })
        {
            throw Fail($"the {title} is no affine layer of the network in the metadata, expected one with a scale and a shift.");
        }

        bool isScale = place.Slot == spec.Slot(place.Layer, Direction.Forward, ParameterRole.Scale);
        (ParameterSource scale, ParameterSource shift) = BatchStatistics.ScaleAndShift(
            Statistic("weight", isOptional: true),
            Statistic("bias", isOptional: true),
            Statistic("running_mean", isOptional: false)!,
            Statistic("running_var", isOptional: false)!,
            epsilon,
            problem => Fail($"the {title} {problem}."));
        return isScale ? scale : shift;

        ParameterSource? Statistic(string leaf, bool isOptional)
        {
            string name = PyTorchNames.Join(place.Module, leaf);
            if (isOptional && !_byName.ContainsKey(name))
            {
                return null;
            }

            ParameterSource tensor = Get(name, name, $"the {title}");
            CheckShape(tensor, place.Shape);

            // Both parameters of one layer come from them.
            return used.Add(name) || !isScale ? tensor : throw InTwo(tensor);
        }
    }

    private ModelFormatException InTwo(ParameterSource tensor) =>
        Fail($"tensor {Quote(tensor)} belongs to two layers, expected a separate module for each layer.");

    private ParameterSource Get(string name, string shown, string part) => _byName.GetValueOrDefault(name)
        ?? throw Fail($"there is no tensor {ModelFormatException.Quote(shown)}, expected it for {part} in the metadata.");

    private void CheckShape(ParameterSource tensor, int[] shape)
    {
        if (!tensor.Shape.SequenceEqual(shape))
        {
            throw Fail(
                $"tensor {Quote(tensor)} has shape {TensorShape.Text(tensor.Shape)}, expected {TensorShape.Text(shape)} in the network of "
                + "the metadata.");
        }
    }

    private bool TellsNonlinearity =>
        _options is { Nonlinearity: not null } or { CandidateActivation: not null } or { Network: not null };

    private RecurrentModel Model((NetworkSpec Spec, ParameterSource[] Sources) network, ActivationKind? nonlinearity) =>
        new(_file, _format, network.Spec, network.Sources)
        {
            Metadata = _metadata,
            TellsNonlinearity = TellsNonlinearity,
            TellsReadout = _headWeights is null || _options.Head is not null,
            Assumed = [.. Assumptions(network.Spec, nonlinearity)],
        };

    /// <summary>
    /// Sorts the recurrent tensors into modules. There is one module, of layers or a single cell, or, if the file is in order, there are
    /// several.
    /// </summary>
    private void SortModules()
    {
        var modules = new Dictionary<(string Prefix, bool IsCell), PyTorchModule>();
        foreach (ParameterSource tensor in _tensors)
        {
            if (PyTorchNames.Parse(tensor.Name) is not { } parts)
            {
                _others.Add(tensor);
                continue;
            }

            if (!modules.TryGetValue((parts.Prefix, parts.IsCell), out PyTorchModule? module))
            {
                module = new PyTorchModule(_file, _options);
                modules.Add((parts.Prefix, parts.IsCell), module);
                _modules.Add(module);
                if (_modules.Count > 1 && !_inOrder)
                {
                    throw Fail(
                        $"tensors {Quote(_modules[0].First)} and {Quote(tensor)} belong to two modules, expected one recurrent module, or "
                        + $"a metadata entry '{PyTorchOptions.MetadataName}' with the network and its modules.");
                }
            }

            module.Add(tensor, parts);
        }

        if (_modules.Count == 0)
        {
            string found = _tensors.Count == 0
                ? "there are no tensors"
                : $"there is no recurrent layer among the {_tensors.Count} tensors, the first of which is {Quote(_tensors[0])}";
            throw Fail($"{found}, expected PyTorch's names such as 'weight_ih_l0' and 'weight_hh_l0'.");
        }
    }

    private void AddHead(NetworkBuilder builder)
    {
        if (_headWeights is null)
        {
            return;
        }

        int inputs = builder.OutputSize;
        ReadOnlySpan<int> shape = _headWeights.Shape;
        if (shape.Length != 2 || shape[0] == 0 || shape[1] != inputs)
        {
            throw Fail(
                $"tensor {Quote(_headWeights)} has shape {TensorShape.Text(shape)}, expected at most one dense head on the "
                + $"{inputs} outputs of the recurrent module, [O, {inputs}].");
        }

        if (_headBias is not null && !_headBias.Shape.SequenceEqual([shape[0]]))
        {
            throw Fail(
                $"tensor {Quote(_headBias)} has shape {TensorShape.Text(_headBias.Shape)}, expected [{shape[0]}], one for each output "
                + "of the head.");
        }

        if (_options.Head is { } name && Readout.TryParse(name, out LayerSpec? readout) && readout is not null)
        {
            builder.Pool(readout);
        }

        builder.AddDense(_headWeights.Window(0, shape[0], inputs, inputs, 1), _headBias?.Window(0, shape[0], 1, 1, 1));
    }
}
