namespace SpanRnn.Formats.Model;

/// <summary>
/// Collects the layers of a foreign model from the first to the last, each with the sources of its parameters, and describes them as a
/// network. An activation joins the dense layer that it follows, and the last dense layer becomes the head.
/// </summary>
internal sealed class NetworkBuilder
{
    /// <summary>
    /// Largest number of layers: more than anybody trains, and few enough that a file of a million small layers is refused at once.
    /// </summary>
    public const int MostLayers = 1000;

    private const int LargestIdentity = 256;

    private readonly List<LayerSpec> _layers = [];
    private readonly List<Dictionary<(Direction Direction, ParameterRole Role), ParameterSource>> _sources = [];
    private readonly EmbeddingSpec? _embedding;
    private readonly ParameterSource? _table;
    private HeadPosition _position = HeadPosition.EveryStep;
    private int _skip;
    private Normalization _normalization;

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

    /// <summary>Outputs of the layers so far: numbers per step, or per sequence after <see cref="TakeLast"/>.</summary>
    public int OutputSize { get; private set; }

    /// <summary>The number of layers so far.</summary>
    public int Count => _layers.Count;

    /// <summary>True if the dense layers from here on read one row per sequence.</summary>
    public bool OnLastStep => _position != HeadPosition.EveryStep;

    /// <summary>Adds a recurrent layer.</summary>
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
        OutputSize = layer.OutputSizeOf(OutputSize);
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
    /// Applies an activation to the outputs so far. It joins the last dense layer, or else gets a dense layer of its own.
    /// </summary>
    public void Activate(ActivationSpec activation)
    {
        if (activation.Kind == ActivationKind.Identity)
        {
            return;
        }

        if (_layers is not [.., DenseLayer { Activation.Kind: ActivationKind.Identity }])
        {
            AddIdentity();
        }

        _layers[^1] = (DenseLayer)_layers[^1] with { Activation = activation };
    }

    /// <summary>Applies a softmax or its logarithm to the outputs so far. Nothing may follow.</summary>
    public void Normalize(Normalization normalization)
    {
        if (_layers is not [.., DenseLayer])
        {
            AddIdentity();
        }

        _normalization = normalization;
    }

    /// <summary>True if <see cref="Normalize"/> has ended the network.</summary>
    public bool IsEnded => _normalization != Normalization.None;

    /// <summary>Lets the layers from here on read the final states of the layer below, or its last outputs: one row per sequence.</summary>
    public void TakeLast(HeadPosition position = HeadPosition.LastStep) => _position = position;

    /// <summary>Adds the first numbers of the input to the first numbers of the output.</summary>
    public void AddSkip(int count) => _skip = count;

    /// <summary>Builds the description, with the sources in the order of its slots.</summary>
    /// <exception cref="ArgumentException">The layers contradict each other; the message says how.</exception>
    public (NetworkSpec Spec, ParameterSource[] Sources) Build()
    {
        // Only a head reads final states, normalizes or has a skip.
        if ((OnLastStep && _layers is not [.., DenseLayer])
            || ((IsEnded || _skip > 0) && _layers is [_] or [.., RecurrentLayer]))
        {
            AddIdentity();
        }

        HeadSpec? head = null;
        bool isHead = _layers is [_, .., DenseLayer];
        if (isHead)
        {
            var last = (DenseLayer)_layers[^1];
            head = new HeadSpec(last.OutputSize, _position)
            {
                Bias = last.Bias,
                Activation = last.Activation,
                Normalization = _normalization,
                Skip = _skip,
            };
        }

        LayerSpec[] layers = [.. _layers[..^(isHead ? 1 : 0)]];
        NetworkSpec spec = _embedding is null ? new(InputSize, layers, head) : new(_embedding, layers, head);
        return (spec, Match(spec));
    }

    private void AddIdentity()
    {
        // A recurrent layer of that size has as many numbers in the file. An input or a dense layer may not, and its size alone must not
        // allocate the square.
        if (_layers is [] or [.., DenseLayer] && OutputSize > LargestIdentity)
        {
            throw new ArgumentException(
                $"An activation follows {OutputSize} numbers without a dense layer to be applied to, expected a dense layer or at most "
                + $"{LargestIdentity} numbers.");
        }

        float[] identity = new float[checked(OutputSize * OutputSize)];
        for (int i = 0; i < OutputSize; i++)
        {
            identity[(i * OutputSize) + i] = 1;
        }

        AddDense(ParameterSource.Of(string.Empty, identity, OutputSize, OutputSize), null);
    }

    private ParameterSource[] Match(NetworkSpec spec)
    {
        var sources = new Dictionary<string, ParameterSource>();
        Put(spec.EmbeddingWeights, _table);
        for (int layer = 0; layer < _sources.Count; layer++)
        {
            foreach (((Direction direction, ParameterRole role), ParameterSource source) in _sources[layer])
            {
                ParameterSlot? slot = layer < spec.Layers.Length ? spec.Slot(layer, direction, role)
                    : role == ParameterRole.InputWeights ? spec.HeadWeights
                    : spec.HeadBias;
                Put(slot, source);
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
