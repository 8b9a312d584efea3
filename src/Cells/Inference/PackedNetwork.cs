using System.Globalization;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Inference;
using SpanRnn.Cells.Sequences;
using SpanRnn.Core;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <summary>
/// A trained network, packed for inference on a real-time thread. Its weights never change. It is made once and shared by any number of
/// threads and streams. <see cref="CreateStream"/> makes the streams, one <see cref="StreamState"/> each.
/// </summary>
/// <remarks>
/// <para>The steps of a stream, <see cref="StepMany"/> and <see cref="Run(SequenceLayout, ReadOnlySpan{float},
/// ReadOnlySpan{StreamState}, Span{float}, Span{float})"/> allocate nothing, take no lock and never wait. They check their
/// arguments and throw before anything is written. A garbage collection in the host can still pause the calling thread, like any other
/// thread of managed code.</para>
/// <para>On one instruction set all of them have the same bits: for a stream alone or among others, step by step or as a whole
/// sequence. Compared with exact arithmetic on the packed weights, each pre-activation is within (n + 8)·2⁻²⁴ times the sum of the
/// magnitudes of its n terms. <see cref="WeightPrecision"/> says how packing and int8 round the numbers themselves.</para>
/// <para>Numbers below 10⁻³⁰ in magnitude count as 0 in the input, in states, in projections and in layers below the last one, so
/// silence takes no more time than sound. NaN or infinity in the input of a stream stays in this stream.</para>
/// <para>An affine layer right below a recurrent or a dense layer with a bias becomes part of its weights, unless they are int8.</para>
/// <para>The memory of a network is one pinned managed block. It is in huge pages if it is large and the system has them, and there is
/// nothing to dispose. Every call reads the weights in the direction opposite to the call before: if the weights are somewhat larger than
/// a cache, those read last are still in it. Results do not depend on the direction.</para>
/// </remarks>
public sealed partial class PackedNetwork
{
    // By the index of the layer: the directions of a recurrent layer, or another layer; none for one that is folded into the next.
    private readonly PackedLayer[][] _layers;
    private readonly int[] _stateOffsets;
    private readonly float[] _initialState;

    // Offset of a step's scratch memory in the memory of a stream.
    private readonly int _scratch;

    // Offset in the memory of a stream at which a step keeps the input, small numbers flushed to zero, for layers that do not flush what
    // they read themselves; −1 if there is none.
    private readonly int _inputOffset = -1;

    // By the index of the layer: true if a skip starts at it.
    private readonly bool[] _isSkipStart;

    // The steps of one stream that Run computes at once, 1 if single steps are faster.
    private readonly int _blockSteps;

    // The layers that a step runs, and whether it may: no layer needs whole sequences.
    private readonly PackedLayer[] _streamLayers;
    private readonly bool _streams;

    // Threads may race on it: either value is a valid direction.
    private bool _backwards;

    /// <summary>
    /// Packs the parameters of a network. Allocates the packed weights; of later calls only <see cref="CreateStream"/> and
    /// <see cref="WarmUp()"/> allocate.
    /// </summary>
    /// <param name="spec">The description.</param>
    /// <param name="parameters">[spec.Parameters.Length] in; not kept. <see cref="Warning"/> reports NaN and infinity.</param>
    /// <param name="precision">Precision in which the weights are stored.</param>
    /// <param name="prewarmSteps">
    /// Steps on zeros that every stream has behind it at its start, as the file of a model may ask for; they are run here, once.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="parameters"/> has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The precision is not defined, <paramref name="prewarmSteps"/> is negative, the weights take more than 2³⁰ words, or a sum of int8
    /// products would have more than 133,144 terms.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are prewarming steps, and a layer needs whole sequences.</exception>
    public PackedNetwork(
        NetworkSpec spec,
        ReadOnlySpan<float> parameters,
        WeightPrecision precision = WeightPrecision.Fp32,
        int prewarmSteps = 0)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Guard.NotNegative(prewarmSteps);
        Guard.Length(parameters, spec.Parameters.Length, "spec.Parameters.Length");
        Spec = spec;
        if (!Enum.IsDefined(precision))
        {
            throw new ArgumentOutOfRangeException(
                nameof(precision), $"'precision' is {(int)precision}, expected one of WeightPrecision's.");
        }

        Precision = precision;
        _stateOffsets = new int[spec.States.Length];
        for (int i = 0; i < _stateOffsets.Length; i++)
        {
            _stateOffsets[i] = StateLength;
            StateLength = checked(StateLength + PackedLayer.Padded(spec.States[i].Size));
        }

        _initialState = new float[StateLength];
        for (int i = 0; i < _stateOffsets.Length; i++)
        {
            if (spec.InitialStates[i] is { } initial)
            {
                Flush(initial.In(parameters), _initialState.AsSpan(_stateOffsets[i], initial.Length));
            }
        }

        OutputSize = spec.OutputSize;
        _outputs = OutputsOf(spec, spec.Layers.Length);
        _streams = spec.FirstWholeLayer < 0;
        _layers = new PackedLayer[spec.Stack.Length][];
        _scratch = StateLength;
        _isSkipStart = new bool[_layers.Length];
        foreach (LayerSpec layer in spec.Layers)
        {
            if (layer is SkipLayer skip)
            {
                _isSkipStart[skip.From] = true;
            }
        }

        bool[] folded = new bool[_layers.Length];
        ReadOnlySpan<float> packed = Fold(parameters, folded);
        if (_isSkipStart[0] || spec.Layers[folded.IndexOf(false)] is not (RecurrentLayer or DenseLayer))
        {
            _inputOffset = _scratch;
            _scratch = checked(_scratch + PackedLayer.Padded(spec.InputSize));
        }

        for (int i = 0; i < _layers.Length; i++)
        {
            StackLayer layer = spec.Stack[i];
            _layers[i] = new PackedLayer[folded[i] ? 0 : layer.Spec.Directions.Length];
            for (int direction = 0; direction < _layers[i].Length; direction++)
            {
                _layers[i][direction] = layer.Recurrent is null
                    ? CreateRows(layer)
                    : CreateRecurrent(i, layer.Spec.Directions[direction]);
            }

            if (!folded[i])
            {
                _scratch = checked(_scratch + (_layers[i][0].OutputOffset == _scratch ? PackedLayer.Padded(_layers[i][0].Width) : 0));
            }
        }

        _streamLayers = Array.ConvertAll(Array.FindAll(_layers, layer => layer.Length > 0), layer => layer[0]);
        _embedding = new AlignedBuffer<float>(spec.EmbeddingWeights?.Length ?? 0);
        spec.EmbeddingWeights?.In(parameters).CopyTo(_embedding.Span);
        Pack(packed);
        Warning = WarningFor(parameters);
        Fingerprint = spec.Fingerprint(parameters);
        long scratch = 0;
        foreach (PackedLayer layer in _streamLayers)
        {
            scratch = Math.Max(scratch, layer.StepScratch);
        }

        // A step and a block of steps have their scratch memory at the same place: a call runs one or the other.
        _blockSteps = BlocksPay() ? MostBlockSteps : 1;
        scratch = Math.Max(scratch, _streams ? WorkspaceLength(new BatchShape(_blockSteps, 1)) : 0);
        MemoryLength = checked((int)(_scratch + scratch));
        if (prewarmSteps > 0)
        {
            StreamState stream = CreateStream();
            stream.RunOnZeros(prewarmSteps);
            stream.Memory.CopyTo(_initialState);
        }
    }

    /// <summary>The description.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>I, the numbers of one step that go in.</summary>
    public int InputSize => Spec.InputSize;

    /// <summary>O, the numbers of one step that come out, or of one sequence if Spec.IsManyToOne.</summary>
    public int OutputSize { get; }

    /// <summary>Precision in which the weights are stored.</summary>
    public WeightPrecision Precision { get; }

    /// <summary>
    /// Bits of the registers that it computes with: 512, 256 or 128, at most 256 with int8 weights, or 32 without SIMD. Code that is
    /// compiled ahead of time has 128 unless the build names an instruction set.
    /// </summary>
    public int RegisterWidth => 8 * sizeof(float) * Precision switch
    {
        WeightPrecision.Fp32 => Fp32Weights.Lanes,
        WeightPrecision.Bf16 => Bf16Weights.Lanes,
        _ => Int8Weights.Lanes,
    };

    /// <summary>Bytes of packed weights, scales and biases, which one step reads.</summary>
    public long WeightBytes { get; private set; }

    /// <summary>One sentence about NaN or infinity among the parameters; null if all are finite.</summary>
    public string? Warning { get; }

    /// <summary>Numbers in a state, the padding behind each of its parts included.</summary>
    internal int StateLength { get; }

    /// <summary>Initial state of a stream, [StateLength]: trained where a layer has it, zeros elsewhere, and then prewarmed.</summary>
    internal ReadOnlySpan<float> InitialState => _initialState;

    /// <summary>Numbers in the memory of a stream: its state, the outputs of other layers, and the scratch memory of its calls.</summary>
    internal int MemoryLength { get; }

    /// <summary>Offset of the scratch memory in the memory of a stream; it is the last part.</summary>
    internal int ScratchOffset => _scratch;

    /// <summary>Identity of the network: its description and parameters, not its precision.</summary>
    internal ulong Fingerprint { get; }

    /// <summary>Makes a stream at its start. Allocates its memory, the only time that a stream does.</summary>
    /// <returns>A stream of this network alone.</returns>
    public StreamState CreateStream() => new(this);

    /// <summary>Offset of a state in the memory of a <see cref="StreamState"/>; −1 if the network has no such state.</summary>
    internal int Offset(StateSlot slot)
    {
        ReadOnlySpan<StateSlot> states = Spec.States;
        for (int i = 0; i < states.Length; i++)
        {
            if (ReferenceEquals(states[i], slot) || states[i] == slot)
            {
                return _stateOffsets[i];
            }
        }

        return -1;
    }

    private PackedRecurrent CreateRecurrent(int layer, Direction direction)
    {
        int hidden = Offset(Spec.State(layer, direction, StateKind.Hidden)!);
        int cell = Spec.State(layer, direction, StateKind.Cell) is { } slot ? Offset(slot) : -1;
        return Precision switch
        {
            WeightPrecision.Fp32 => PackedRecurrent.Create<Fp32Weights>(Spec, layer, direction, hidden, cell),
            WeightPrecision.Bf16 => PackedRecurrent.Create<Bf16Weights>(Spec, layer, direction, hidden, cell),
            _ => PackedRecurrent.Create<Int8Weights>(Spec, layer, direction, hidden, cell),
        };
    }

    private PackedRows CreateRows(StackLayer layer)
    {
        bool flushes = layer.Index < Spec.Layers.Length - 1;
        return layer.Spec switch
        {
            DenseLayer => Precision switch
            {
                WeightPrecision.Fp32 => new PackedDenseLayer<Fp32Weights>(layer, _scratch, flushes),
                WeightPrecision.Bf16 => new PackedDenseLayer<Bf16Weights>(layer, _scratch, flushes),
                _ => new PackedDenseLayer<Int8Weights>(layer, _scratch, flushes),
            },
            PoolLayer pool => new PackedPool(
                layer, pool.Kind, _scratch, Offset(layer.States[0]), layer.States.Length > 1 ? Offset(layer.States[1]) : -1),
            StepLayer step => new PackedStep(layer, step.Step, _scratch),
            AttentionLayer => new PackedAttention(layer, _scratch),
            FinalStateLayer => new PackedFinalState(layer, _scratch, Array.ConvertAll(layer.ReadStates, Offset)),
            SkipLayer skip => new PackedSkip(
                layer,
                skip.FeaturesOf(layer.InputSize),
                _scratch,
                skip.From == 0 ? _inputOffset : _layers[skip.From - 1][0].OutputOffset,
                flushes),
            _ => new PackedFunction(layer, _scratch, flushes),
        };
    }

    private void Pack(ReadOnlySpan<float> parameters)
    {
        long length = 0;
        foreach (PackedLayer[] layer in _layers)
        {
            foreach (PackedLayer direction in layer)
            {
                length += Arena<float>.LengthOf(direction.Length);
            }
        }

        Guard.AtMost(length, 1 << 30, "the words of packed weights");
        WeightBytes = length * sizeof(float);
        var memory = PackedMemory<float>.Allocate((int)length);
        int offset = 0;
        foreach (PackedLayer[] layer in _layers)
        {
            foreach (PackedLayer direction in layer)
            {
                int words = (int)direction.Length;
                direction.Pack(parameters, memory.Slice(offset, words));
                offset += PackedLayer.Padded(words);
            }
        }
    }

    private string? WarningFor(ReadOnlySpan<float> parameters)
    {
        if (Spec.FirstNotFinite(parameters, out int index) is not { } slot)
        {
            return null;
        }

        int count = 0;
        foreach (ParameterSlot other in Spec.Parameters.Slots)
        {
            foreach (float value in other.In(parameters))
            {
                count += float.IsFinite(value) ? 0 : 1;
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{count} of {Spec.Parameters.Count} parameters are not finite, the first is {slot.In(parameters)[index]} at "
            + $"{slot.Name}[{index / slot.Columns}, {index % slot.Columns}]; outputs that depend on them are not finite either.");
    }

    // The direction in which this call reads the weights; the next call reads them in the other direction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool AlternateReading()
    {
        bool backwards = _backwards;
        _backwards = !backwards;
        return backwards;
    }
}
