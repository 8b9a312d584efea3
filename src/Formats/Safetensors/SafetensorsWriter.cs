using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Safetensors;

/// <summary>Collects tensors and makes the bytes of a safetensors file, which <see cref="AtomicFiles"/> can write to the disk.</summary>
internal sealed class SafetensorsWriter
{
    private const int Alignment = 8;

    private readonly List<(string Name, string Dtype, int[] Shape, byte[] Data)> _tensors = [];

    /// <summary>Free text beside the tensors. Some readers of PyTorch models expect "format" = "pt".</summary>
    public IDictionary<string, string> Metadata { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The tensors so far.</summary>
    internal IEnumerable<(string Name, string Dtype, int[] Shape, ReadOnlyMemory<byte> Data)> Tensors =>
        _tensors.Select(tensor => (tensor.Name, tensor.Dtype, tensor.Shape, (ReadOnlyMemory<byte>)tensor.Data));

    /// <summary>Adds a tensor and copies its values.</summary>
    /// <param name="name">The name in the file, not yet used.</param>
    /// <param name="shape">The sizes, slowest first; empty for a scalar.</param>
    /// <param name="values">[product of the shape] in, row-major.</param>
    /// <param name="type">How the values are stored, rounded to the nearest; null for F32 from float and F64 from double.</param>
    /// <exception cref="ArgumentException">
    /// The name is taken or reserved, the values do not fill the shape, or <paramref name="type"/> cannot hold a value.
    /// </exception>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    public void Add<T>(string name, ReadOnlySpan<int> shape, ReadOnlySpan<T> values, ElementType? type = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == SafetensorsHeader.MetadataName || _tensors.Exists(tensor => tensor.Name == name))
        {
            throw new ArgumentException($"The tensor name '{name}' is used already, expected a distinct name.", nameof(name));
        }

        ElementType own = typeof(T) == typeof(float) ? ElementType.Single
            : typeof(T) == typeof(double) ? ElementType.Double
            : throw new NotSupportedException($"The element type is {typeof(T).Name}, expected Single or Double.");
        ElementType stored = type ?? own;
        if (!Enum.IsDefined(stored))
        {
            throw new ArgumentException($"The element type is {(int)stored}, expected a member of ElementType.", nameof(type));
        }

        TensorShape.Check(shape, values.Length);
        byte[] data = new byte[(long)values.Length * stored.Size()];
        stored.Write(values, data);
        _tensors.Add((name, stored.Name(), shape.ToArray(), data));
    }

    /// <summary>Makes the bytes of the file. The same tensors and metadata give the same bytes.</summary>
    public byte[] ToBytes()
    {
        // Wide elements first: each tensor is then aligned to its element size, as readers that map the file expect.
        List<(string Name, string Dtype, int[] Shape, byte[] Data)> tensors =
            [.. _tensors.OrderByDescending(tensor => SafetensorsDtype.Sizes[tensor.Dtype])];
        var header = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(header))
        {
            WriteHeader(json, tensors);
        }

        while (header.WrittenCount % Alignment != 0)
        {
            header.Write(" "u8);
        }

        long length = Alignment + header.WrittenCount + tensors.Sum(tensor => (long)tensor.Data.Length);
        byte[] bytes = new byte[length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.WrittenCount);
        header.WrittenSpan.CopyTo(bytes.AsSpan(Alignment));
        int position = Alignment + header.WrittenCount;
        foreach ((_, _, _, byte[] data) in tensors)
        {
            data.CopyTo(bytes, position);
            position += data.Length;
        }

        return bytes;
    }

    private void WriteHeader(Utf8JsonWriter json, List<(string Name, string Dtype, int[] Shape, byte[] Data)> tensors)
    {
        json.WriteStartObject();
        if (Metadata.Count > 0)
        {
            json.WriteStartObject(SafetensorsHeader.MetadataName);
            foreach ((string key, string value) in Metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        long position = 0;
        foreach ((string name, string dtype, int[] shape, byte[] data) in tensors)
        {
            json.WriteStartObject(name);
            json.WriteString("dtype", dtype);
            WriteNumbers(json, "shape", shape.Select(size => (long)size));
            WriteNumbers(json, "data_offsets", [position, position + data.Length]);
            json.WriteEndObject();
            position += data.Length;
        }

        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
