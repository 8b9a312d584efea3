using System.Buffers.Binary;
using System.Text.Unicode;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn;

/// <summary>
/// A safetensors file: eight bytes with the length of a JSON header, the header, and the data of the tensors without gaps. Every length and
/// offset is checked before it is used, so files of any origin can be read.
/// </summary>
/// <remarks>Reading takes at most a small multiple of the file's size in memory. Files of 2 GB and more are not read.</remarks>
public sealed class SafetensorsFile
{
    private const int LengthBytes = 8;

    // The limit of the reference implementation.
    private const int LongestHeader = 100_000_000;

    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(string name, List<SafetensorsTensor> tensors, Dictionary<string, string> metadata)
    {
        Name = name;
        Tensors = tensors;
        Metadata = metadata;
        _byName = tensors.ToDictionary(tensor => tensor.Name);
    }

    /// <summary>The file as messages call it.</summary>
    public string Name { get; }

    /// <summary>All tensors in the order of the header.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Free text beside the tensors; often empty.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads the file at <paramref name="path"/>, which is also its name in messages.</summary>
    /// <exception cref="ModelFormatException">The content is not a safetensors file.</exception>
    /// <exception cref="IOException">The file is missing, is a folder, has 2 GB or more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SafetensorsFile Load(string path) => Parse(InputFile.Read(path), path);

    /// <summary>Reads the content of a file; the tensors refer to <paramref name="bytes"/> and do not copy it.</summary>
    /// <param name="bytes">The whole file, in.</param>
    /// <param name="name">The file as messages call it.</param>
    /// <exception cref="ModelFormatException">The content is not a safetensors file.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int headerLength = HeaderLength(bytes.Span, name);
        ReadOnlySpan<byte> json = bytes.Span.Slice(LengthBytes, headerLength);
        if (json.IsEmpty || json[0] != '{')
        {
            string found = json.IsEmpty ? "is empty" : $"begins with byte 0x{json[0]:X2}";
            throw new ModelFormatException(name, $"the header {found}, expected JSON that begins with '{{'.");
        }

        if (!Utf8.IsValid(json))
        {
            throw new ModelFormatException(name, "the header holds bytes that are not UTF-8, expected JSON in UTF-8.");
        }

        (List<SafetensorsHeader.Entry> entries, Dictionary<string, string> metadata) = SafetensorsHeader.Parse(json, name);
        ReadOnlyMemory<byte> data = bytes[(LengthBytes + headerLength)..];
        List<SafetensorsTensor> tensors = [];
        foreach (SafetensorsHeader.Entry entry in entries)
        {
            CheckExtent(entry, data.Length, name);
            ReadOnlyMemory<byte> values = data[(int)entry.Begin..(int)entry.End];
            tensors.Add(new SafetensorsTensor(name, entry.Name, entry.Dtype, entry.Shape, values));
        }

        CheckNoGaps(entries, data.Length, name);
        return new SafetensorsFile(name, tensors, metadata);
    }

    /// <summary>Finds the tensor with that name; null if there is none.</summary>
    public SafetensorsTensor? Find(string name) => _byName.GetValueOrDefault(name);

    private static int HeaderLength(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < LengthBytes)
        {
            throw new ModelFormatException(
                name, $"the file has {bytes.Length} bytes, expected at least {LengthBytes} for the header's length.");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        int rest = bytes.Length - LengthBytes;
        return length <= LongestHeader && length <= (ulong)rest ? (int)length
            : FileKind.Find(bytes) is { } kind
                ? throw new ModelFormatException(name, $"the file is {kind.Name}, expected {kind.AsModel}.")
            : length > LongestHeader
                ? throw new ModelFormatException(
                    name, $"the header's length is {length}, expected a safetensors file and at most {LongestHeader}.")
            : throw new ModelFormatException(
                name, $"the header's length is {length}, expected at most {rest}, the bytes that follow it.");
    }

    private static void CheckExtent(SafetensorsHeader.Entry entry, int dataLength, string name)
    {
        string tensor = $"tensor {ModelFormatException.Quote(entry.Name)}";
        string shape = $"{TensorShape.Text(entry.Shape)} of {entry.Dtype}";
        if (entry.Begin > entry.End || entry.End > dataLength)
        {
            throw new ModelFormatException(
                name,
                $"{tensor} has data_offsets [{entry.Begin}, {entry.End}], "
                + $"expected begin <= end <= {dataLength}, the bytes of data in the file.");
        }

        if (!TensorShape.TryByteCount(entry.Shape, SafetensorsDtype.Sizes[entry.Dtype], out long bytes))
        {
            throw new ModelFormatException(name, $"{tensor} has shape {shape}, expected a size that fits in 64 bits.");
        }

        if (bytes != entry.End - entry.Begin)
        {
            throw new ModelFormatException(
                name, $"{tensor} has {entry.End - entry.Begin} bytes of data, expected {bytes} for its shape {shape}.");
        }
    }

    /// <summary>Checks that each byte of the data belongs to exactly one tensor.</summary>
    private static void CheckNoGaps(List<SafetensorsHeader.Entry> entries, int dataLength, string name)
    {
        long position = 0;
        foreach (SafetensorsHeader.Entry entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != position)
            {
                throw new ModelFormatException(
                    name,
                    $"tensor {ModelFormatException.Quote(entry.Name)} begins at byte {entry.Begin} of the data, "
                    + $"expected {position}, where the tensor before it ends.");
            }

            position = entry.End;
        }

        if (position != dataLength)
        {
            throw new ModelFormatException(
                name, $"the tensors end at byte {position} of the data, expected {dataLength}, the end of the file.");
        }
    }
}
