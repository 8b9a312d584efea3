using System.Buffers.Binary;
using System.Security.Cryptography;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Identity of a network and its parameters.</content>
public sealed partial class NetworkSpec
{
    /// <summary>
    /// Computes the first 8 bytes of a SHA-256 over all that an output depends on: the description and the parameters. A saved stream state
    /// has the fingerprint in it, so that another network refuses the state. The precision of packed weights is not part of it.
    /// </summary>
    /// <param name="parameters">[Parameters.Length] in.</param>
    /// <returns>The fingerprint, the same on every machine.</returns>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <remarks>For set-up. Allocates the hash.</remarks>
    public ulong Fingerprint(ReadOnlySpan<float> parameters)
    {
        Guard.Length(parameters, Parameters.Length, "Parameters.Length");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, InputSize);
        foreach (LayerSpec layer in _layers)
        {
            Add(hash, layer);
        }

        Add(hash, (int)(Head?.Position ?? (HeadPosition)(-1)));
        Add(hash, Head?.Skip ?? 0);
        Add(hash, (int)(Head?.Normalization ?? Normalization.None));
        Add(hash, Head?.Activation ?? ActivationKind.Identity);

        // The sizes of the head and of an embedding and the head's bias have no hash of their own: they decide which slots there are, and
        // how long the slots are.
        Span<byte> bytes = stackalloc byte[1024];
        foreach (ParameterSlot slot in Parameters.Slots)
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

    private static void Add(IncrementalHash hash, LayerSpec layer)
    {
        Add(hash, layer.KindNumber);
        foreach (double number in layer.Numbers)
        {
            Add(hash, number);
        }

        foreach (Direction direction in layer.Directions)
        {
            foreach (ActivationSpec activation in layer.ActivationsOf(direction))
            {
                Add(hash, activation);
            }
        }
    }

    private static void Add(IncrementalHash hash, ActivationSpec activation)
    {
        Add(hash, (int)activation.Kind);
        Add(hash, activation.Alpha);
        Add(hash, activation.Beta);
    }

    private static void Add(IncrementalHash hash, double number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
