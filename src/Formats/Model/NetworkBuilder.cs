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

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<LayerSpec> Layers => _layers;

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
            MergeLayer => OutputSize / 2,
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

    /// <summary>
    /// Multiplies each feature by a number, adds one, or multiplies it where it is negative. A scale or a shift joins the last layer if
    /// that has room for it: a shift is the bias of a dense layer without one.
    /// </summary>
    /// <param name="use">What is done with the numbers.</param>
    /// <param name="numbers">[features] as a column.</param>
    /// <param name="joins">False if the last layer must stay as it is.</param>
    public void AddVector(VectorUse use, ParameterSource numbers, bool joins = true)
    {
        ParameterRole role = use == VectorUse.Shift ? ParameterRole.Shift : ParameterRole.Scale;
        LayerSpec? joined = (use, joins && _layers is [.., var last] ? last : null) switch
        {
            (VectorUse.Shift, DenseLayer { Bias: false, Activation.Kind: ActivationKind.Identity } dense) => dense with { Bias = true },
            (VectorUse.Shift, AffineLayer { Shift: false } affine) => affine with { Shift = true },
            (VectorUse.Shift, NormalizationLayer { Shift: false } normalization) => normalization with { Shift = true },
            (VectorUse.Scale, NormalizationLayer { Scale: false, Shift: false } normalization) => normalization with { Scale = true },
            _ => null,
        };
        if (joined is not null)
        {
            _layers[^1] = joined;
            _sources[^1].Add((Direction.Forward, joined is DenseLayer ? ParameterRole.InputBias : role), numbers);
            return;
        }

        Add(
            use switch
            {
                VectorUse.Scale => new AffineLayer { Shift = false },
                VectorUse.Shift => new AffineLayer { Scale = false },
                _ => new PReluLayer(),
            },
            new() { [(Direction.Forward, role)] = numbers });
    }

    /// <summary>Applies an activation to the outputs so far. It joins the last layer if that is dense and has none.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="joins">False if the last layer must stay as it is.</param>
    public void Activate(ActivationSpec activation, bool joins = true)
    {
        if (activation.Kind == ActivationKind.Identity)
        {
            return;
        }

        if (joins && _layers is [.., DenseLayer { Activation.Kind: ActivationKind.Identity } dense])
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
    /// Lets the layers above the last recurrent one, those so far and those to come, read one row per sequence. If a skip leads over the
    /// place, only layers to come do. The first readout counts.
    /// </summary>
    /// <param name="readout">The layer that makes the row, which has no parameters.</param>
    /// <returns>Index of the layer; layers above it went up by one.</returns>
    /// <exception cref="ArgumentException">There is no recurrent layer for it.</exception>
    public int Pool(LayerSpec readout)
    {
        if (IsPerSequence)
        {
            return _layers.FindIndex(Readout.Is);
        }

        int place = Readout.PlaceIn(_layers);
        if (_layers.Skip(place).Any(layer => layer is SkipLayer skip && skip.From < place))
        {
            place = _layers.Count;
        }

        readout = place > 0 ? Readout.Preferred(readout, _layers[place - 1]) : readout;
        if (readout is FinalStateLayer && place > 0 && _layers[place - 1] is not RecurrentLayer)
        {
            // Behind other layers it is the step with which the last recurrent layer ends.
            bool isReverse = _layers.FindLast(layer => layer is RecurrentLayer) is RecurrentLayer { Reverse: true };
            readout = isReverse ? new StepLayer(0) : new PoolLayer(Pooling.Last);
        }

        Readout.Move(_layers, place, 1);
        bool isTop = place == _layers.Count;
        _layers.Insert(place, readout);
        _sources.Insert(place, []);
        OutputSize = isTop ? NetworkSpec.OutputSizeOf(InputSize, [.. _layers]) : OutputSize;
        return place;
    }

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
