using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using SpanRnn.Cells.Drivers;
using SpanRnn.Cells.Inference;
using SpanRnn.Core;

namespace SpanRnn.Cells;

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
/// <para>Numbers of the input, of states and of projections whose magnitude is below 10⁻³⁰ count as 0, so that silence costs no more
/// than sound. NaN or infinity stays in the stream that it was given to.</para>
/// <para>Its memory is one pinned managed block, in huge pages where it is large and the system has them: nothing to dispose. Weights are
/// read in the other direction on every call: of weights somewhat larger than a cache, what was read last is still there. Results do not
/// depend on it.</para>
/// </remarks>
public sealed partial class PackedNetwork
{
    private readonly PackedLayer[][] _layers;
    private readonly PackedDense? _head;
    private readonly int[] _stateOffsets;
    private readonly int[][] _hidden;
    private readonly int[][] _cell;

    // Threads may race on it: whatever they read is a direction.
    private bool _backwards;

    /// <summary>Packs the parameters of a network. Allocates the packed weights; nothing after it allocates.</summary>
    /// <param name="spec">The description.</param>
    /// <param name="parameters">[spec.Parameters.Length] in; not kept. NaN and infinity are packed and told by <see cref="Warning"/>.</param>
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
        Precision = precision;
        _hidden = Offsets();
        _cell = Offsets();
        _stateOffsets = new int[spec.States.Length];
        for (int i = 0; i < _stateOffsets.Length; i++)
        {
            _stateOffsets[i] = StateLength;
            StateSlot slot = spec.States[i];
            (slot.Kind == StateKind.Hidden ? _hidden : _cell)[slot.Layer][(int)slot.Direction] = StateLength;
            StateLength = checked(StateLength + PackedLayer.Padded(slot.Size));
        }

        (_layers, _head) = precision switch
        {
            WeightPrecision.Fp32 => Create<Fp32Weights>(spec),
            WeightPrecision.Bf16 => Create<Bf16Weights>(spec),
            WeightPrecision.Int8 => Create<Int8Weights>(spec),
            _ => throw new ArgumentOutOfRangeException(
                nameof(precision), $"'precision' is {(int)precision}, expected one of WeightPrecision's."),
        };
        Pack(parameters);
        Warning = Find(parameters);
        Fingerprint = Hash(parameters);
        foreach (PackedLayer[] layer in _layers)
        {
            ScratchLength = Math.Max(ScratchLength, checked((int)layer[0].StepScratch));
        }

        if (_head is not null)
        {
            HeadScratch = PackedLayer.Padded(_head.Width);
            ScratchLength = Math.Max(ScratchLength, checked((int)(HeadScratch + _head.WorkspaceLength(1))));
        }
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

    /// <summary>Numbers in the scratch memory of a step.</summary>
    internal int ScratchLength { get; }

    /// <summary>Tells networks apart: description and parameters, not precision.</summary>
    internal ulong Fingerprint { get; }

    private int HeadScratch { get; }

    /// <summary>Where the numbers of a state lie in the memory of a <see cref="StreamState"/>; −1 if the network has no such state.</summary>
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

    private static (PackedLayer[][] Layers, PackedDense? Head) Create<TWeights>(NetworkSpec spec)
        where TWeights : struct, IWeights
    {
        var layers = new PackedLayer[spec.Layers.Length][];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = new PackedLayer[spec.Layers[i].Directions];
            for (int direction = 0; direction < layers[i].Length; direction++)
            {
                layers[i][direction] = PackedLayer.Create<TWeights>(spec, i, (Direction)direction);
            }
        }

        return (layers, spec.HeadWeights is { } head ? new PackedDense<TWeights>(head.Rows, head.Columns) : null);
    }

    private int[][] Offsets()
    {
        int[][] offsets = new int[Spec.Layers.Length][];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = new int[Spec.Layers[i].Directions];
        }

        return offsets;
    }

    private void Pack(ReadOnlySpan<float> parameters)
    {
        long length = _head?.Length ?? 0;
        foreach (PackedLayer[] layer in _layers)
        {
            foreach (PackedLayer direction in layer)
            {
                length += Carver<float>.Room(direction.Length);
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
                direction.Pack(parameters, memory.Slice(start, (int)direction.Length));
                start += PackedLayer.Padded((int)direction.Length);
            }
        }

        if (_head is not null)
        {
            ParameterSlot weights = Spec.HeadWeights!;
            _head.Pack(
                new MatrixView<float>(weights.In(parameters), weights.Rows, weights.Columns),
                Spec.HeadBias is { } bias ? bias.In(parameters) : [],
                memory.Slice(start, (int)_head.Length));
        }
    }

    private string? Find(ReadOnlySpan<float> parameters)
    {
        int strange = 0;
        string first = string.Empty;
        foreach (ParameterSlot slot in Spec.Parameters.Slots)
        {
            ReadOnlySpan<float> values = slot.In(parameters);
            for (int i = 0; i < values.Length; i++)
            {
                if (!float.IsFinite(values[i]) && strange++ == 0)
                {
                    first = string.Create(
                        CultureInfo.InvariantCulture, $"{values[i]} at {slot.Name}[{i / slot.Columns}, {i % slot.Columns}]");
                }
            }
        }

        return strange == 0
            ? null
            : $"{strange} of {Spec.Parameters.Count} parameters are not finite, the first is {first}; what depends on them will not be either.";
    }

    private ulong Hash(ReadOnlySpan<float> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[1024];
        Add(hash, Spec.InputSize);
        foreach (LayerSpec layer in Spec.Layers)
        {
            Add(hash, (int)layer.Cell);
            Add(hash, layer.HiddenSize);
            Add(hash, layer.ProjectionSize);
            Add(hash, layer.Directions);
            Add(hash, (int)layer.Activation);
            Add(hash, layer.Bias ? 1 : 0);
        }

        Add(hash, (int)(Spec.Head?.Position ?? (HeadPosition)(-1)));
        foreach (ParameterSlot slot in Spec.Parameters.Slots)
        {
            ReadOnlySpan<float> values = slot.In(parameters);
            while (!values.IsEmpty)
            {
                int count = Math.Min(values.Length, bytes.Length / sizeof(float));
                for (int i = 0; i < count; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(i * sizeof(float))..], values[i]);
                }

                hash.AppendData(bytes[..(count * sizeof(float))]);
                values = values[count..];
            }
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    private static void Add(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Turn()
    {
        bool backwards = _backwards;
        _backwards = !backwards;
        return backwards;
    }
}
