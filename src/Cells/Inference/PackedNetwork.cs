using System.Globalization;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Inference;
using SpanRnn.Core;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;

namespace SpanRnn;

/// <summary>
/// A trained network re-laid for inference on a real-time thread: immutable, made once, shared by any number of threads and streams, each
/// with a <see cref="StreamState"/> of its own.
/// </summary>
/// <remarks>
/// <para><see cref="Step"/>, <see cref="StepMany"/> and <see cref="Run"/> allocate nothing, take no lock and never wait. They check their
/// arguments and throw before anything is written. A host that collects garbage can still pause the thread that calls them, as any thread
/// of managed code.</para>
/// <para>On one instruction set the three give the same bits: a stream alone, among others, step by step or as a whole sequence.
/// Against exact arithmetic on the packed weights each pre-activation is within (n + 8)·2⁻²⁴ times the magnitudes of its n terms; what
/// packing and int8 do to the numbers themselves is said in <see cref="WeightPrecision"/>.</para>
/// <para>Numbers of the input, of states, of projections and of dense layers below the head whose magnitude is below 10⁻³⁰ count as 0,
/// so that silence costs no more than sound. NaN or infinity stays in the stream that it was given to.</para>
/// <para>Its memory is one pinned managed block, in huge pages where it is large and the system has them: nothing to dispose. Weights are
/// read in the other direction on every call: of weights somewhat larger than a cache, what was read last is still there. Results do not
/// depend on it.</para>
/// </remarks>
public sealed partial class PackedNetwork
{
    private readonly PackedLayer[][] _layers;
    private readonly PackedDense? _head;
    private readonly int[] _stateOffsets;
    private readonly float[] _initialState;
    private readonly int _outputSize;

    // Where the scratch memory of a step starts in that of a stream.
    private readonly int _scratch;

    // How many numbers of the input are added to the output, and where a step keeps them in the memory of a stream.
    private readonly int _skip;
    private readonly int _skipped;

    // What a step runs, or the first layer that runs in reverse, for which there is no step.
    private readonly PackedLayer[] _stream;
    private readonly int _reverse = -1;

    // Threads may race on it: whatever they read is a direction.
    private bool _backwards;

    /// <summary>Packs the parameters of a network. Allocates the packed weights; nothing after it allocates.</summary>
    /// <param name="spec">The description.</param>
    /// <param name="parameters">[spec.Parameters.Length] in; not kept. <see cref="Warning"/> tells of NaN and infinity.</param>
    /// <param name="precision">What the weights are stored in.</param>
    /// <exception cref="ArgumentException"><paramref name="parameters"/> has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is no such precision, the weights take more than 2³⁰ words, or sums of int8 products would be longer than 133,144 terms.
    /// </exception>
    public PackedNetwork(NetworkSpec spec, ReadOnlySpan<float> parameters, WeightPrecision precision = WeightPrecision.Fp32)
    {
        ArgumentNullException.ThrowIfNull(spec);
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
            if (spec.InitialStates[i] is { } start)
            {
                Flush(start.In(parameters), _initialState.AsSpan(_stateOffsets[i], start.Length));
            }
        }

        _outputSize = spec.OutputSize;
        _layers = new PackedLayer[spec.Layers.Length][];
        _stream = new PackedLayer[_layers.Length];
        _scratch = StateLength;
        for (int i = 0; i < _layers.Length; i++)
        {
            LayerSpec layer = spec.Layers[i];
            _layers[i] = new PackedLayer[layer.DirectionCount];
            for (int direction = 0; direction < _layers[i].Length; direction++)
            {
                _layers[i][direction] = layer.IsRecurrent
                    ? Create(i, layer.Directions[direction])
                    : new PackedDenseLayer(spec, i, precision, _scratch);
            }

            _stream[i] = _layers[i][0];
            _scratch = checked(_scratch + (layer.IsRecurrent ? 0 : _stream[i].Width));
            _reverse = _reverse < 0 && layer.Directions[^1] == Direction.Reverse ? i : _reverse;
        }

        if (spec.Head is { } head)
        {
            _head = PackedDense.Create(precision, spec.HeadWeights!, DenseOutput.Of(head));
            _skip = head.Skip;
            _skipped = _scratch;
            _scratch = checked(_scratch + PackedLayer.Padded(_skip));
        }

        _embedding = new AlignedBuffer<float>(spec.EmbeddingWeights?.Length ?? 0);
        spec.EmbeddingWeights?.In(parameters).CopyTo(_embedding.Span);
        Pack(parameters);
        Warning = FindWarning(parameters);
        Fingerprint = spec.Fingerprint(parameters);
        long scratch = _head?.StepScratch ?? 0;
        foreach (PackedLayer layer in _stream)
        {
            scratch = Math.Max(scratch, layer.StepScratch);
        }

        MemoryLength = checked((int)(_scratch + scratch));
    }

    /// <summary>The description.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>What the weights are stored in.</summary>
    public WeightPrecision Precision { get; }

    /// <summary>Bytes of packed weights, scales and biases: what one step reads.</summary>
    public long WeightBytes { get; private set; }

    /// <summary>What is wrong with the parameters in one sentence: NaN or infinity among them; null if nothing is.</summary>
    public string? Warning { get; }

    /// <summary>Numbers in a state, the room behind each of its parts included.</summary>
    internal int StateLength { get; }

    /// <summary>What a state starts as, [StateLength].</summary>
    internal ReadOnlySpan<float> InitialState => _initialState;

    /// <summary>Numbers in the memory of a stream: its state, the outputs of dense layers, and the scratch memory of a step.</summary>
    internal int MemoryLength { get; }

    /// <summary>Tells networks apart: description and parameters, not precision.</summary>
    internal ulong Fingerprint { get; }

    /// <summary>Where a state lies in the memory of a <see cref="StreamState"/>; −1 if the network has no such state.</summary>
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

    private PackedRecurrent Create(int layer, Direction direction)
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

    private void Pack(ReadOnlySpan<float> parameters)
    {
        long length = _head?.Length ?? 0;
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
        int start = 0;
        foreach (PackedLayer[] layer in _layers)
        {
            foreach (PackedLayer direction in layer)
            {
                int words = (int)direction.Length;
                direction.Pack(parameters, memory.Slice(start, words));
                start += PackedLayer.Padded(words);
            }
        }

        if (_head is not null)
        {
            _head.Pack(Spec.HeadWeights!, Spec.HeadBias, parameters, memory.Slice(start, (int)_head.Length));
        }
    }

    private string? FindWarning(ReadOnlySpan<float> parameters)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Turn()
    {
        bool backwards = _backwards;
        _backwards = !backwards;
        return backwards;
    }
}
