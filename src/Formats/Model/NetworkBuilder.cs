namespace SpanRnn.Formats.Model;

/// <summary>
/// Collects the layers of a foreign model from the first to the last, each with the sources of its parameters, and describes them as a
/// network. An activation joins the dense layer that it follows.
/// </summary>
internal sealed class NetworkBuilder
{
    /// <summary>
    /// Largest number of layers: more than anybody trains, and few enough that a file of a million small layers is refused at once.
    /// </summary>
    public const int MostLayers = 1000;

    private readonly List<LayerSpec> _layers = [];
    private readonly List<Dictionary<(Direction Direction, ParameterRole Role), ParameterSource>> _sources = [];
    private readonly EmbeddingSpec? _embedding;
    private readonly ParameterSource? _table;

    /// <summary>Starts a network whose input is numbers.</summary>
    /// <param name="inputSize">I of the first layer.</param>
    public NetworkBuilder(int inputSize)
    {
        InputSize = inputSize;
        OutputSize = inputSize;
    }

    /// <summary>Starts a network whose input is symbols.</summary>
    /// <param name="table">[symbols, size].</param>
    public NetworkBuilder(ParameterSource table)
        : this(table.Columns)
    {
        _embedding = new EmbeddingSpec(table.Rows, table.Columns);
        _table = table;
    }

    /// <summary>I of the first layer.</summary>
    public int InputSize { get; }

    /// <summary>Outputs of the layers so far: numbers per step, or per sequence after <see cref="Pool"/>.</summary>
    public int OutputSize { get; private set; }

    /// <summary>The number of layers so far.</summary>
    public int Count => _layers.Count;

    /// <summary>True if there is one row per sequence from here on.</summary>
    public bool IsPerSequence => _layers.Exists(Readout.Is);

    /// <summary>Adds a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="sources">By direction and role. All parameters of the layer must be there when the network is built.</param>
    /// <exception cref="ArgumentException">There are too many layers.</exception>
    public void Add(LayerSpec layer, Dictionary<(Direction Direction, ParameterRole Role), ParameterSource> sources)
    {
        if (_layers.Count == MostLayers)
        {
            throw new ArgumentException($"There are more than {MostLayers} layers, expected at most {MostLayers}.");
        }

        _layers.Add(layer);
        _sources.Add(sources);
        OutputSize = layer switch
        {
            RecurrentLayer recurrent => recurrent.OutputSize,
            DenseLayer dense => dense.OutputSize,
            _ => OutputSize,
        };
    }

    /// <summary>Adds a dense layer without an activation.</summary>
    /// <param name="weights">[O, I].</param>
    /// <param name="bias">[O] as a column, or null.</param>
    public void AddDense(ParameterSource weights, ParameterSource? bias)
    {
        var sources = new Dictionary<(Direction, ParameterRole), ParameterSource>
        {
            [(Direction.Forward, ParameterRole.InputWeights)] = weights,
        };
        if (bias is not null)
        {
            sources.Add((Direction.Forward, ParameterRole.InputBias), bias);
        }

        Add(new DenseLayer(weights.Rows) { Bias = bias is not null }, sources);
    }

    /// <summary>Adds a number to each feature.</summary>
    /// <param name="shift">[features] as a column.</param>
    public void AddShift(ParameterSource shift) =>
        Add(new AffineLayer { Scale = false }, new() { [(Direction.Forward, ParameterRole.Shift)] = shift });

    /// <summary>Applies an activation to the outputs so far. It joins the last layer if that is dense and has none.</summary>
    public void Activate(ActivationSpec activation)
    {
        if (activation.Kind == ActivationKind.Identity)
        {
            return;
        }

        if (_layers is [.., DenseLayer { Activation.Kind: ActivationKind.Identity } dense])
        {
            _layers[^1] = dense with { Activation = activation };
        }
        else
        {
            Add(new ActivationLayer(activation), []);
        }
    }

    /// <summary>Applies a softmax or its logarithm to the outputs so far.</summary>
    public void Normalize(Normalization normalization) =>
        Add(new ActivationLayer(ActivationKind.Identity) { Normalization = normalization }, []);

    /// <summary>
    /// Lets the layers above the last recurrent one, those so far and those to come, read one row per sequence. The first readout counts.
    /// </summary>
    /// <param name="readout">The layer that makes the row, which has no parameters.</param>
    /// <exception cref="ArgumentException">There is no recurrent layer for it.</exception>
    public void Pool(LayerSpec readout)
    {
        if (IsPerSequence)
        {
            return;
        }

        int place = Readout.PlaceIn(_layers);
        bool isTop = place == _layers.Count;
        _layers.Insert(place, place > 0 ? Readout.Preferred(readout, _layers[place - 1]) : readout);
        _sources.Insert(place, []);
        OutputSize = isTop ? NetworkSpec.OutputSizeOf(InputSize, [.. _layers]) : OutputSize;
    }

    /// <summary>Adds the first numbers of the input to the first numbers of the output.</summary>
    public void AddSkip(int count) => Add(new SkipLayer(0) { Features = count }, []);

    /// <summary>Builds the description, with the sources in the order of its slots.</summary>
    /// <exception cref="ArgumentException">The layers contradict each other; the message says how.</exception>
    public (NetworkSpec Spec, ParameterSource[] Sources) Build()
    {
        NetworkSpec spec = _embedding is null ? new(InputSize, [.. _layers]) : new(_embedding, [.. _layers]);
        return (spec, Match(spec));
    }

    private ParameterSource[] Match(NetworkSpec spec)
    {
        var sources = new Dictionary<string, ParameterSource>();
        Put(spec.EmbeddingWeights, _table);
        for (int layer = 0; layer < _sources.Count; layer++)
        {
            foreach (((Direction direction, ParameterRole role), ParameterSource source) in _sources[layer])
            {
                Put(spec.Slot(layer, direction, role), source);
            }
        }

        return
        [
            .. spec.Parameters.Slots.ToArray().Select(slot => sources.TryGetValue(slot.Name, out ParameterSource? source)
                ? source
                : throw new ArgumentException($"There is no source for the parameter '{slot.Name}'.")),
        ];

        void Put(ParameterSlot? slot, ParameterSource? source)
        {
            if (slot is not null && source is not null)
            {
                sources.Add(slot.Name, source);
            }
        }
    }
}
