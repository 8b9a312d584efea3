using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// The one description of a network: recurrent and dense layers in a stack and a head. With one flat parameter buffer of
/// <see cref="Parameters"/> it is all that training, inference and files make or take.
/// </summary>
public sealed partial class NetworkSpec
{
    private readonly LayerSpec[] _layers;
    private readonly StateSlot[] _states;
    private readonly ParameterSlot?[] _initialStates;

    /// <summary>Describes a network and lays out its parameters and its state. Allocates; everything after it need not.</summary>
    /// <param name="inputSize">I, the numbers per step that come in.</param>
    /// <param name="layers">The layers, the first one first; at least one.</param>
    /// <param name="head">The dense layer on top, or null: then the output is that of the last layer on every step.</param>
    /// <exception cref="ArgumentException">The layers contradict each other or themselves; the sentence says where.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive or the parameters are too many for one buffer.</exception>
    public NetworkSpec(int inputSize, ReadOnlySpan<LayerSpec> layers, HeadSpec? head = null)
        : this(inputSize, layers, head, embedding: null)
    {
    }

    /// <summary>Describes a network of one layer.</summary>
    /// <inheritdoc cref="NetworkSpec(int, ReadOnlySpan{LayerSpec}, HeadSpec?)"/>
    /// <param name="inputSize">I, the numbers per step that come in.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The dense layer on top, or null: then the output is that of the layer on every step.</param>
    public NetworkSpec(int inputSize, LayerSpec layer, HeadSpec? head = null)
        : this(inputSize, [layer], head)
    {
    }

    /// <summary>Describes a network whose input is symbols, each with a row of a table.</summary>
    /// <inheritdoc cref="NetworkSpec(int, ReadOnlySpan{LayerSpec}, HeadSpec?)"/>
    /// <param name="embedding">The table; its size is what comes into the first layer.</param>
    /// <param name="layers">The layers, the first one first; at least one.</param>
    /// <param name="head">The dense layer on top, or null: then the output is that of the last layer on every step.</param>
    public NetworkSpec(EmbeddingSpec embedding, ReadOnlySpan<LayerSpec> layers, HeadSpec? head = null)
        : this(embedding?.Size ?? throw new ArgumentNullException(nameof(embedding)), layers, head, embedding)
    {
    }

    private NetworkSpec(int inputSize, ReadOnlySpan<LayerSpec> layers, HeadSpec? head, EmbeddingSpec? embedding)
    {
        Check(inputSize, layers, head);
        if (embedding is not null)
        {
            if (head is { Skip: > 0 })
            {
                throw new ArgumentException(
                    $"The head has a skip of {head.Skip} around an embedding, expected none: symbols are no numbers to add.", nameof(head));
            }

            Guard.Positive(embedding.Symbols, "embedding.Symbols");
        }

        InputSize = inputSize;
        Embedding = embedding;
        Head = head;
        _layers = [.. layers];
        LastRecurrent = LastOf(layers);
        Parameters = LayOutParameters();
        _states = LayOutStates();
        _initialStates = FindInitialStates();
        _activations = [.. FindActivations()];
        foreach (StateSlot slot in _states)
        {
            StateSize += slot.Size;
        }
    }

    /// <summary>The table in front of the first layer, or null: the input is numbers then, or symbols one-hot.</summary>
    public EmbeddingSpec? Embedding { get; }

    /// <summary>How many symbols an input that is symbols may have: those of the table, else the input size.</summary>
    public int Symbols => Embedding?.Symbols ?? InputSize;

    /// <summary>I, the numbers per step that come into the first layer.</summary>
    public int InputSize { get; }

    /// <summary>The layers, the first one first.</summary>
    public ReadOnlySpan<LayerSpec> Layers => _layers;

    /// <summary>The dense layer on top, or null.</summary>
    public HeadSpec? Head { get; }

    /// <summary>O, the numbers per output: the head's, else those of the last layer.</summary>
    public int OutputSize => Head?.OutputSize ?? _layers[^1].OutputSize;

    /// <summary>Numbers in the state of one sequence: h and c of all layers and directions.</summary>
    public int StateSize { get; }

    /// <summary>The states of all layers in the order of their offsets.</summary>
    public ReadOnlySpan<StateSlot> States => _states;

    /// <summary>Where sequences start from, by the index of each state: a parameter, or null for zeros.</summary>
    internal ReadOnlySpan<ParameterSlot?> InitialStates => _initialStates;

    /// <summary>The last layer that is recurrent, or −1.</summary>
    internal int LastRecurrent { get; }

    /// <summary>Whether a sequence has one output, and not each of its steps one: the head stands on the last step.</summary>
    public bool IsManyToOne => Head is { Position: not HeadPosition.EveryStep };

    /// <summary>Whether the top reads what the reverse direction gives for the last element, and not its final state.</summary>
    internal bool ReadsLastOutputs => Head is { Position: HeadPosition.LastOutput };

    /// <summary>
    /// Whether a layer, or the head behind the last one, computes a row of each sequence and not of each step: those above the last
    /// recurrent layer, below a head on the last step and the head itself.
    /// </summary>
    internal bool IsPerSequence(int layer) => IsManyToOne && layer > LastRecurrent;

    /// <summary>Names, shapes and offsets of the parameters in their flat buffer.</summary>
    public ParameterLayout Parameters { get; }

    /// <summary>Numbers that come into a layer at each step.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <returns><see cref="InputSize"/> for the first, the output size of the one below for the others.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public int LayerInputSize(int layer)
    {
        Guard.Index(layer, _layers.Length);
        return layer == 0 ? InputSize : _layers[layer - 1].OutputSize;
    }

    /// <summary>Numbers in the input of a batch, x [T, N, I]: steps × batch × inputSize.</summary>
    /// <param name="steps">T.</param>
    /// <param name="batch">N.</param>
    /// <returns>The length.</returns>
    /// <exception cref="OverflowException">The length is above 2³¹ − 1.</exception>
    public int InputLength(int steps, int batch) => checked(steps * batch * InputSize);

    /// <summary>
    /// Numbers in the output of a batch: y [T, N, O], steps × batch × outputSize, or [N, O], batch × outputSize, if the network
    /// <see cref="IsManyToOne"/>.
    /// </summary>
    /// <param name="steps">T.</param>
    /// <param name="batch">N.</param>
    /// <returns>The length.</returns>
    /// <exception cref="OverflowException">The length is above 2³¹ − 1.</exception>
    public int OutputLength(int steps, int batch) => checked((IsManyToOne ? 1 : steps) * batch * OutputSize);

    /// <summary>Finds the first parameter that is NaN or infinite.</summary>
    /// <param name="parameters">[Parameters.Length] in: parameters, or gradients of the same layout.</param>
    /// <param name="index">Its index within its slot; −1 if all are finite.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>The slot that holds it, or null if all are finite.</returns>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <remarks>Allocates nothing.</remarks>
    public ParameterSlot? FirstNotFinite<T>(ReadOnlySpan<T> parameters, out int index)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Length(parameters, Parameters.Length, "Parameters.Length");
        foreach (ParameterSlot slot in Parameters.Slots)
        {
            ReadOnlySpan<T> values = slot.In(parameters);
            for (index = 0; index < values.Length; index++)
            {
                if (!T.IsFinite(values[index]))
                {
                    return slot;
                }
            }
        }

        index = -1;
        return null;
    }

    /// <summary>Where a parameter of a layer lies.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="direction">Its direction.</param>
    /// <param name="role">Which tensor.</param>
    /// <returns>Its slot, or null where the layer has none of that role (no bias, no projection, no such direction).</returns>
    public ParameterSlot? Slot(int layer, Direction direction, ParameterRole role) => Find(Name(layer, direction, role));

    /// <summary>Where the table of an embedding lies, [V, its size]; null without one.</summary>
    public ParameterSlot? EmbeddingWeights => Find(EmbeddingName);

    /// <summary>Where the head's weights lie, [O, the last layer's output size]; null without a head.</summary>
    public ParameterSlot? HeadWeights => Find(HeadWeightsName);

    /// <summary>Where the head's bias lies, [O]; null without one.</summary>
    public ParameterSlot? HeadBias => Find(HeadBiasName);

    /// <summary>Where a state lies.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="direction">Its direction.</param>
    /// <param name="kind">h or c.</param>
    /// <returns>Its slot, or null where the layer has none (c of a cell that is no LSTM, no such direction).</returns>
    public StateSlot? State(int layer, Direction direction, StateKind kind)
    {
        foreach (StateSlot slot in _states)
        {
            if (slot.Layer == layer && slot.Direction == direction && slot.Kind == kind)
            {
                return slot;
            }
        }

        return null;
    }

    /// <summary>
    /// Turns h = (1 − z) ⊙ n + z ⊙ h′ into h = (1 − z) ⊙ h′ + z ⊙ n and back, in all GRU layers, by negating the rows of z: for
    /// parameters that come from the literature's other convention. σ(−a) = 1 − σ(a), so no second kernel is needed.
    /// </summary>
    /// <param name="parameters">[Parameters.Length] in and out.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <exception cref="InvalidOperationException">
    /// A GRU's gates have another activation than the sigmoid or a hard sigmoid with β = 0.5, of which f(−a) is not 1 − f(a).
    /// </exception>
    public void NegateUpdateGates<T>(Span<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length<T>(parameters, Parameters.Length, "Parameters.Length");
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            if (!IsGru(layer))
            {
                continue;
            }

            foreach (Direction direction in _layers[layer].Directions)
            {
                ActivationSpec activation = _layers[layer].For(direction).GateActivation;
                if (activation.Kind is ActivationKind.Sigmoid || activation is { Kind: ActivationKind.HardSigmoid, Beta: 0.5 })
                {
                    continue;
                }

                throw new InvalidOperationException(
                    $"Layer {layer} has the GateActivation {activation.Kind}, expected Sigmoid or HardSigmoid with β = 0.5: "
                    + "only they turn 1 − z into z when z's rows are negated.");
            }
        }

        for (int layer = 0; layer < _layers.Length; layer++)
        {
            if (!IsGru(layer))
            {
                continue;
            }

            foreach (Direction direction in _layers[layer].Directions)
            {
                for (ParameterRole role = ParameterRole.InputWeights; role <= ParameterRole.RecurrentBias; role++)
                {
                    if (Slot(layer, direction, role) is { } slot)
                    {
                        // Rows r z n: z is the middle third.
                        Span<T> z = slot.In(parameters).Slice(slot.Length / 3, slot.Length / 3);
                        foreach (ref T value in z)
                        {
                            value = -value;
                        }
                    }
                }
            }
        }
    }

    private bool IsGru(int layer) => _layers[layer].Cell is CellKind.GruResetAfter or CellKind.GruResetBefore;
}
