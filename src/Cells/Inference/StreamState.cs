using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// One stream through a <see cref="PackedNetwork"/>, step by step: its state, which is h and c of all layers, and the scratch memory of its
/// steps. It starts with the initial state: trained values where a layer has them, zeros elsewhere, and behind the steps of prewarming if
/// the network has them.
/// </summary>
/// <remarks>
/// A stream belongs to one thread at a time. If two threads use it at the same time, its numbers and their outputs are meaningless until
/// <see cref="Reset"/>; the network and other streams are not touched. No public call allocates, takes a lock or waits: a stream is made up
/// front, by <see cref="PackedNetwork.CreateStream"/>, and then is for a real-time thread.
/// </remarks>
public sealed partial class StreamState
{
    // "SRNN", version, fingerprint of the network, the numbers in the order of Spec.States; all little-endian.
    private const int Magic = 0x4E4E5253;
    private const int Version = 1;
    private const int HeaderLength = 16;

    private readonly AlignedBuffer<float> _memory;
    private readonly int _stateLength;

    internal StreamState(PackedNetwork network)
    {
        Network = network;
        _stateLength = network.StateLength;
        _memory = new AlignedBuffer<float>(network.MemoryLength);
        _oneHot = new float[network.Spec.Embedding is null ? network.InputSize : 0];

        // The memory is zero already, but the system may not have mapped its pages: it would do so during the first step.
        _memory.Span.Clear();
        Reset();
    }

    /// <summary>The network that the stream belongs to.</summary>
    public PackedNetwork Network { get; }

    /// <summary>Bytes that <see cref="Save"/> writes: 16, and 4 for each number of the state.</summary>
    public int SavedLength => HeaderLength + (Network.Spec.StateSize * sizeof(float));

    /// <summary>The states, each padded to full registers.</summary>
    internal Span<float> Memory
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _memory.Span[.._stateLength];
    }

    /// <summary>The first number of the states. Outputs of dense layers and the scratch memory of a call are behind the states.</summary>
    internal ref float Origin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref MemoryMarshal.GetReference(_memory.Span);
    }

    /// <summary>Scratch memory of a block of steps.</summary>
    internal Span<float> Workspace => _memory.Span[Network.ScratchOffset..];

    /// <summary>Index of this stream among those of the running call, set to find a stream that is given twice.</summary>
    internal int IndexInCall { get; set; }

    /// <summary>Goes back to the start: sets the initial state, whatever was there, NaN too.</summary>
    public void Reset() => Network.InitialState.CopyTo(Memory);

    /// <summary>Copies the state of another stream.</summary>
    /// <param name="other">A stream of this network, or of one packed from the same parameters at another precision.</param>
    /// <exception cref="ArgumentException">It belongs to another network; nothing has been written then.</exception>
    public void CopyFrom(StreamState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Network.Fingerprint != Network.Fingerprint)
        {
            ThrowForeign();
        }

        other.Memory.CopyTo(Memory);
    }

    /// <summary>The numbers of one of the states, to be read or written.</summary>
    /// <param name="slot">One of Network.Spec.States.</param>
    /// <returns>[slot.Size], a part of this stream's memory.</returns>
    /// <exception cref="ArgumentException">The network has no such state.</exception>
    public Span<float> Values(StateSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        int offset = Network.Offset(slot);
        if (offset < 0)
        {
            ThrowSlot(slot);
        }

        return Memory.Slice(offset, slot.Size);
    }

    /// <summary>Writes the state to bytes that any process on any machine can restore.</summary>
    /// <param name="bytes">[SavedLength] out.</param>
    /// <exception cref="ArgumentException">The length is wrong; nothing has been written then.</exception>
    public void Save(Span<byte> bytes)
    {
        Guard.Length<byte>(bytes, SavedLength, "SavedLength");
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Network.Fingerprint);
        bytes = bytes[HeaderLength..];
        foreach (StateSlot slot in Network.Spec.States)
        {
            foreach (float value in Values(slot))
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
                bytes = bytes[sizeof(float)..];
            }
        }
    }

    /// <summary>Reads the bytes that <see cref="Save"/> wrote for this network, or for a network packed from the same parameters.</summary>
    /// <param name="bytes">[SavedLength] in.</param>
    /// <exception cref="ArgumentException">
    /// The bytes are not a saved state, or one of another version or another network; the state is not changed then.
    /// </exception>
    public void Restore(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength)
        {
            Guard.Length(bytes, SavedLength, "SavedLength");
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(bytes) != Magic)
        {
            throw new ArgumentException("'bytes' do not begin as a saved state does, expected the bytes that Save wrote.", nameof(bytes));
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (version != Version)
        {
            throw new ArgumentException($"'bytes' hold a state of version {version}, expected {Version}.", nameof(bytes));
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) != Network.Fingerprint)
        {
            throw new ArgumentException(
                "'bytes' hold a state of another network, expected one of the same layers and parameters.", nameof(bytes));
        }

        Guard.Length(bytes, SavedLength, "SavedLength");
        bytes = bytes[HeaderLength..];
        foreach (StateSlot slot in Network.Spec.States)
        {
            foreach (ref float value in Values(slot))
            {
                value = BinaryPrimitives.ReadSingleLittleEndian(bytes);
                bytes = bytes[sizeof(float)..];
            }
        }
    }

    [DoesNotReturn]
    private static void ThrowForeign() => throw new ArgumentException(
        "'other' is a stream of another network, expected one of the same layers and parameters.", "other");

    [DoesNotReturn]
    private static void ThrowSlot(StateSlot slot) => throw new ArgumentException(
        $"'slot' is a state of layer {slot.Layer} ({slot.Direction}, {slot.Kind}) of another network, expected one of Network.Spec.States.",
        nameof(slot));
}
