using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Formats;

/// <summary>
/// Collects the layers of a foreign model, the first one first, each with the sources of its parameters, and makes a description of them:
/// activations join the dense layer that they follow, and the last dense layer becomes the head.
/// </summary>
internal sealed class NetworkBuilder
{
    private const int LargestIdentity = 256;

    private readonly List<LayerSpec> _layers = [];
    private readonly List<Dictionary<(Direction Direction, ParameterRole Role), ParameterSource>> _sources = [];
    private readonly EmbeddingSpec? _embedding;
    private readonly ParameterSource? _table;
    private bool _onLastStep;
    private Normalisation _normalisation;

    /// <summary>What the next layer reads.</summary>
    /// <param name="inputSize">I of the first layer.</param>
    public NetworkBuilder(int inputSize)
    {
        InputSize = inputSize;
        OutputSize = inputSize;
    }

    /// <summary>A network whose input is symbols.</summary>
    /// <param name="table">[symbols, size].</param>
    public NetworkBuilder(ParameterSource table)
        : this(table.Columns)
    {
        _embedding = new EmbeddingSpec(table.Rows, table.Columns);
        _table = table;
    }

    /// <summary>I of the first layer.</summary>
    public int InputSize { get; }

    /// <summary>Numbers that the layers so far give per step, or per sequence after <see cref="TakeLast"/>.</summary>
    public int OutputSize { get; private set; }

    /// <summary>The layers so far.</summary>
    public int Count => _layers.Count;

    /// <summary>Whether the dense layers from here on read the final states.</summary>
    public bool OnLastStep => _onLastStep;

    /// <summary>Adds a recurrent layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="sources">By direction and role; all that the layer has must be there when the network is built.</param>
    public void Add(LayerSpec layer, Dictionary<(Direction Direction, ParameterRole Role), ParameterSource> sources)
    {
        _layers.Add(layer);
        _sources.Add(sources);
        OutputSize = layer.OutputSize;
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

        Add(new LayerSpec(CellKind.Dense, weights.Rows) { Bias = bias is not null, Activation = Activation.Identity }, sources);
    }

    /// <summary>An activation of all that the layers so far give: the last dense layer's, or that of a dense layer of its own.</summary>
    public void Activate(ActivationSpec activation)
    {
        if (activation.Kind == Activation.Identity)
        {
            return;
        }

        if (_layers is not [.., { Cell: CellKind.Dense, Activation.Kind: Activation.Identity }])
        {
            AddIdentity();
        }

        _layers[^1] = _layers[^1] with { Activation = activation };
    }

    /// <summary>A softmax or its logarithm over what the layers so far give; nothing may follow it.</summary>
    public void Normalise(Normalisation normalisation)
    {
        if (_layers is not [.., { Cell: CellKind.Dense }])
        {
            AddIdentity();
        }

        _normalisation = normalisation;
    }

    /// <summary>Whether a <see cref="Normalise"/> has ended the network.</summary>
    public bool IsEnded => _normalisation != Normalisation.None;

    /// <summary>From here on the final states of the layer below are read, one row a sequence.</summary>
    public void TakeLast() => _onLastStep = true;

    /// <summary>The description, and the sources in the order of its slots.</summary>
    /// <exception cref="ArgumentException">The layers contradict each other; the sentence says how.</exception>
    public (NetworkSpec Spec, ParameterSource[] Sources) Build()
    {
        HeadSpec? head = null;
        bool isHead = _layers.Count > 1 && _layers[^1].Cell == CellKind.Dense;
        if (isHead)
        {
            LayerSpec last = _layers[^1];
            head = new HeadSpec(last.HiddenSize, _onLastStep ? HeadPosition.LastStep : HeadPosition.EveryStep)
            {
                Bias = last.Bias,
                Activation = last.Activation,
                Normalisation = _normalisation,
            };
        }

        LayerSpec[] layers = [.. _layers[..^(isHead ? 1 : 0)]];
        NetworkSpec spec = _embedding is null ? new(InputSize, layers, head) : new(_embedding, layers, head);
        var sources = new List<ParameterSource>();
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            sources.Add(Source(spec, slot));
        }

        return (spec, [.. sources]);
    }

    private void AddIdentity()
    {
        // As many numbers as a file of one layer would have: an input size alone must not allocate their square.
        if (_layers.Count == 0 && OutputSize > LargestIdentity)
        {
            throw new ArgumentException(
                $"An activation stands on the input of size {OutputSize}, expected a layer before it or at most {LargestIdentity} numbers.");
        }

        float[] identity = new float[checked(OutputSize * OutputSize)];
        for (int i = 0; i < OutputSize; i++)
        {
            identity[(i * OutputSize) + i] = 1;
        }

        AddDense(ParameterSource.Of(string.Empty, identity, OutputSize, OutputSize), null);
    }

    private ParameterSource Source(NetworkSpec spec, ParameterSlot slot)
    {
        if (slot == spec.EmbeddingWeights)
        {
            return _table!;
        }

        if (slot == spec.HeadWeights || slot == spec.HeadBias)
        {
            return _sources[^1][(Direction.Forward, slot == spec.HeadWeights ? ParameterRole.InputWeights : ParameterRole.InputBias)];
        }

        for (int layer = 0; layer < spec.Layers.Length; layer++)
        {
            foreach (((Direction direction, ParameterRole role), ParameterSource source) in _sources[layer])
            {
                if (slot == spec.Slot(layer, direction, role))
                {
                    return source;
                }
            }
        }

        throw new ArgumentException($"There is no source for the parameter '{slot.Name}'.", nameof(slot));
    }
}
