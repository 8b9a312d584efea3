using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// The only description of a network: a chain of layers. Together with one flat buffer of parameters
/// (<see cref="Parameters"/>) it is all that training, inference and files make or take.
/// </summary>
public sealed partial class NetworkSpec
{
    private readonly LayerSpec[] _layers;

    // Numbers in the input of each layer, and of what is above the last one.
    private readonly int[] _inputSizes;
    private readonly StateSlot[] _states;
    private readonly ParameterSlot?[] _initialStates;

    /// <summary>Describes a network and lays out its parameters and its state. Allocates; later calls need not.</summary>
    /// <param name="inputSize">I, the numbers per step of the input.</param>
    /// <param name="layers">
    /// The layers, the first one first; at least one. The output of the last one is the network's: a dense layer makes it logits or values,
    /// as losses take them; <see cref="SpanRnn.Activations.Softmax"/> makes logits probabilities, and
    /// <see cref="SpanRnn.Activations.ArgMax"/> is the class.
    /// </param>
    /// <exception cref="ArgumentException">Layers contradict each other or themselves; the message says where.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or there are too many parameters for one buffer.</exception>
    public NetworkSpec(int inputSize, params ReadOnlySpan<LayerSpec> layers)
        : this(inputSize, layers, embedding: null)
    {
    }

    /// <summary>Describes a network whose input is symbols, each with a row of a table.</summary>
    /// <inheritdoc cref="NetworkSpec(int, ReadOnlySpan{LayerSpec})"/>
    /// <param name="embedding">The table; its size is the input size of the first layer.</param>
    /// <param name="layers">The layers, the first one first; at least one.</param>
    public NetworkSpec(EmbeddingSpec embedding, params ReadOnlySpan<LayerSpec> layers)
        : this(embedding?.Size ?? throw new ArgumentNullException(nameof(embedding)), layers, embedding)
    {
    }

    private NetworkSpec(int inputSize, ReadOnlySpan<LayerSpec> layers, EmbeddingSpec? embedding)
    {
        _inputSizes = InputSizesOf(inputSize, layers);
        if (embedding is not null)
        {
            Guard.Positive(embedding.Symbols, "embedding.Symbols");
        }

        InputSize = inputSize;
        Embedding = embedding;
        _layers = [.. layers];
        Parameters = LayOutParameters();
        _states = LayOutStates();
        _initialStates = ListInitialStates();
        _activations = [.. ListActivations()];
        _stack = [.. ListStack()];
        IsManyToOne = Array.Exists(_layers, layer => layer.PoolsSteps);
        FirstWholeLayer = Array.FindIndex(_layers, layer => layer.NeedsWholeSequences is not null);
        foreach (StateSlot slot in _states)
        {
            StateSize += slot.Size;
        }
    }

    /// <summary>The table in front of the first layer, or null: the input is numbers then, or symbols one-hot.</summary>
    public EmbeddingSpec? Embedding { get; }

    /// <summary>Number of different symbols in an input of symbols: rows of the table, or the input size if there is no table.</summary>
    public int Symbols => Embedding?.Symbols ?? InputSize;

    /// <summary>I, the numbers per step of the first layer's input.</summary>
    public int InputSize { get; }

    /// <summary>The layers, the first one first.</summary>
    public ReadOnlySpan<LayerSpec> Layers => _layers;

    /// <summary>O, the numbers in an output: those of the last layer.</summary>
    public int OutputSize => _inputSizes[^1];

    /// <summary>Numbers in the state of one sequence: h and c of all recurrent layers, and what a pooling has so far.</summary>
    public int StateSize { get; }

    /// <summary>The states of all layers in the order of their offsets.</summary>
    public ReadOnlySpan<StateSlot> States => _states;

    /// <summary>The initial states of sequences, by the index of each state: a parameter, or null for zeros.</summary>
    internal ReadOnlySpan<ParameterSlot?> InitialStates => _initialStates;

    /// <summary>True if a sequence has one output: a layer pools its steps. Otherwise every step has an output.</summary>
    public bool IsManyToOne { get; }

    /// <summary>The first layer that needs all steps of a sequence at once, or −1: a network with one does not run in a stream.</summary>
    internal int FirstWholeLayer { get; }

    /// <summary>Names, shapes and offsets of the parameters in their flat buffer.</summary>
    public ParameterLayout Parameters { get; }

    /// <summary>Numbers per step of a layer's input.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <returns><see cref="InputSize"/> for the first layer, else the output size of the layer below.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public int LayerInputSize(int layer)
    {
        Guard.Index(layer, _layers.Length);
        return _inputSizes[layer];
    }

    /// <summary>Numbers in a row of the output of a chain of layers.</summary>
    /// <param name="inputSize">I, the numbers per step of the input.</param>
    /// <param name="layers">The layers, the first one first; at least one.</param>
    /// <returns>The output size that a network of them has.</returns>
    /// <exception cref="ArgumentException">Layers contradict each other or themselves; the message says where.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The input size is not positive.</exception>
    public static int OutputSizeOf(int inputSize, ReadOnlySpan<LayerSpec> layers) => InputSizesOf(inputSize, layers)[^1];

    /// <summary>Numbers in the input of a batch, x [T, N, I]: steps × batch × inputSize.</summary>
    /// <param name="steps">T.</param>
    /// <param name="batch">N.</param>
    /// <returns>The length.</returns>
    /// <exception cref="OverflowException">The length is above 2³¹ − 1.</exception>
    public int InputLength(int steps, int batch) => checked(steps * batch * InputSize);

    /// <summary>
    /// Numbers in the output of a batch: y [T, N, O], steps × batch × outputSize, or [N, O], batch × outputSize, if the network is
    /// <see cref="IsManyToOne"/>.
    /// </summary>
    /// <param name="steps">T.</param>
    /// <param name="batch">N.</param>
    /// <returns>The length.</returns>
    /// <exception cref="OverflowException">The length is above 2³¹ − 1.</exception>
    public int OutputLength(int steps, int batch) => checked((IsManyToOne ? 1 : steps) * batch * OutputSize);

    /// <summary>Finds the first parameter that is NaN or infinite.</summary>
    /// <param name="parameters">[Parameters.Length] in: parameters, or gradients with the same layout.</param>
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

    /// <summary>Slot of one of a layer's parameters.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="direction">Its direction.</param>
    /// <param name="role">The parameter's role.</param>
    /// <returns>Its slot, or null if the layer has no such parameter (no bias, no projection, no such direction).</returns>
    public ParameterSlot? Slot(int layer, Direction direction, ParameterRole role) => SlotNamed(Name(layer, direction, role));

    /// <summary>Slot of the embedding's table, [V, Embedding.Size]; null if there is none.</summary>
    public ParameterSlot? EmbeddingWeights => SlotNamed(EmbeddingName);

    /// <summary>Slot of one of a layer's states.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="direction">Its direction.</param>
    /// <param name="kind">h or c, or what a pooling has so far.</param>
    /// <returns>Its slot, or null if the layer has no such state (c of a cell that is not an LSTM, no such direction).</returns>
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
    /// Turns h = (1 − z) ⊙ n + z ⊙ h′ into h = (1 − z) ⊙ h′ + z ⊙ n, or back, in all GRU layers, by negating the rows of z. It is for
    /// parameters in the literature's other convention. σ(−a) = 1 − σ(a), so no second kernel is needed.
    /// </summary>
    /// <param name="parameters">[Parameters.Length] in and out.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <exception cref="InvalidOperationException">
    /// A GRU's gates have an activation f for which f(−a) is not 1 − f(a): neither the sigmoid nor a hard sigmoid with β = 0.5.
    /// </exception>
    public void NegateUpdateGates<T>(Span<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.Length<T>(parameters, Parameters.Length, "Parameters.Length");
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            if (!IsGru(layer, out RecurrentLayer? gru))
            {
                continue;
            }

            foreach (Direction direction in gru.Directions)
            {
                ActivationSpec activation = gru.For(direction).GateActivation;
                if (activation.Kind is ActivationKind.Sigmoid || activation is { Kind: ActivationKind.HardSigmoid, Beta: 0.5 })
                {
                    continue;
                }

                throw new InvalidOperationException(
                    $"Layer {layer} has the GateActivation {activation.Kind}, expected Sigmoid or HardSigmoid with β = 0.5: "
                    + "with others, negating the rows of z does not turn z into 1 − z.");
            }
        }

        for (int layer = 0; layer < _layers.Length; layer++)
        {
            if (!IsGru(layer, out RecurrentLayer? gru))
            {
                continue;
            }

            foreach (Direction direction in gru.Directions)
            {
                for (ParameterRole role = ParameterRole.InputWeights; role <= ParameterRole.RecurrentBias; role++)
                {
                    if (Slot(layer, direction, role) is { } slot)
                    {
                        // The rows are r z n, so z is the middle third.
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

    private bool IsGru(int layer, [NotNullWhen(true)] out RecurrentLayer? gru)
    {
        gru = _layers[layer] as RecurrentLayer;
        return gru is { Cell: CellKind.GruResetAfter or CellKind.GruResetBefore };
    }
}
