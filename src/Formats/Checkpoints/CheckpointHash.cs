using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Checkpoints;

/// <summary>SHA-256 of all that a checkpoint says: its metadata, and names, types, shapes and data of its tensors.</summary>
internal static class CheckpointHash
{
    /// <summary>The metadata entry that holds the hash.</summary>
    public const string MetadataName = "sha256";

    /// <summary>Computes the hash in hexadecimal. The order of entries and tensors does not matter.</summary>
    public static string Of(
        IEnumerable<KeyValuePair<string, string>> metadata,
        IEnumerable<(string Name, string Dtype, int[] Shape, ReadOnlyMemory<byte> Data)> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (key != MetadataName)
            {
                Append(hash, key);
                Append(hash, value);
            }
        }

        foreach ((string name, string dtype, int[] shape, ReadOnlyMemory<byte> data) in
            tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            Append(hash, name);
            Append(hash, dtype);
            Append(hash, TensorShape.Text(shape));
            hash.AppendData(data.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Each text behind its length, so that no two contents give the same bytes.
    private static void Append(IncrementalHash hash, string text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
