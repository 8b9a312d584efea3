using System.Buffers.Binary;
using System.Text;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Npy;

namespace SpanRnn;

/// <summary>
/// One array in NumPy's .npy format, row-major and little endian. Versions 1 to 3 are read, with values of float32, float64, int32 and
/// int64; version 1 in float32 is written.
/// </summary>
/// <remarks>Reading takes at most a small multiple of the file's size in memory. Files of 2 GB and more are not read.</remarks>
public sealed class NpyFile
{
    // Magic and version, then the header's length in two bytes (version 1) or four.
    private const int VersionEnd = 8;

    // NumPy before 2.0 has no arrays of higher rank.
    private const int HighestRank = 32;

    private readonly int[] _shape;
    private readonly ReadOnlyMemory<byte> _data;

    private NpyFile(string name, string dtype, int[] shape, ReadOnlyMemory<byte> data)
    {
        Name = name;
        Dtype = dtype;
        _shape = shape;
        _data = data;
    }

    /// <summary>The file as messages call it.</summary>
    public string Name { get; }

    /// <summary>The element type as NumPy names it, such as float32 or int64.</summary>
    public string Dtype { get; }

    /// <summary>The sizes, slowest first; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The values as they are stored.</summary>
    internal ReadOnlyMemory<byte> Data => _data;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the file at <paramref name="path"/>, which is also its name in messages.</summary>
    /// <exception cref="ModelFormatException">The content is not an array that can be read.</exception>
    /// <exception cref="IOException">The file is missing, is a folder, has 2 GB or more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static NpyFile Read(string path) => Parse(InputFile.Read(path), path);

    /// <summary>Reads the content of a file; the array refers to <paramref name="bytes"/> and does not copy it.</summary>
    /// <param name="bytes">The whole file, in.</param>
    /// <param name="name">The file as messages call it.</param>
    /// <exception cref="ModelFormatException">The content is not an array that can be read.</exception>
    public static NpyFile Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        (int headerStart, int headerLength) = HeaderExtent(bytes.Span, name);
        (string descr, bool fortranOrder, int[] shape) = NpyHeader.Parse(bytes.Span.Slice(headerStart, headerLength), name);
        (string dtype, int elementSize) = descr switch
        {
            "<f4" => ("float32", 4),
            "<f8" => ("float64", 8),
            "<i4" => ("int32", 4),
            "<i8" => ("int64", 8),

            // Known only by name, for the messages of callers that expect another type.
            "<f2" => ("float16", 2),
            "|b1" => ("bool", 1),
            "|i1" => ("int8", 1),
            "|u1" => ("uint8", 1),
            "<i2" => ("int16", 2),
            "<u2" => ("uint16", 2),
            "<u4" => ("uint32", 4),
            "<u8" => ("uint64", 8),
            _ => throw new ModelFormatException(
                name, $"the dtype is {ModelFormatException.Quote(descr)}, expected little-endian real numbers, such as '<f4' or '<i8'."),
        };
        if (fortranOrder)
        {
            throw new ModelFormatException(name, "the array is in Fortran order, expected C order (numpy.ascontiguousarray makes it).");
        }

        ReadOnlyMemory<byte> data = bytes[(headerStart + headerLength)..];
        if (!TensorShape.TryByteCount(shape, elementSize, out long expected))
        {
            throw new ModelFormatException(name, $"the shape is {TensorShape.Text(shape)}, expected a size that fits in 64 bits.");
        }

        if (data.Length != expected)
        {
            throw new ModelFormatException(
                name, $"the data has {data.Length} bytes, expected {expected} for shape {TensorShape.Text(shape)} of {dtype}.");
        }

        return new NpyFile(name, dtype, shape, data);
    }

    /// <summary>Reads the values of a float32 array, row-major.</summary>
    /// <param name="axes">The meaning of each axis, as in "T", "B", "I": their number is the rank that the array must have.</param>
    /// <exception cref="ModelFormatException">The array has another rank or element type.</exception>
    public float[] ToSingles(params ReadOnlySpan<string> axes)
    {
        Expect(axes, "float32");
        return LittleEndian.Read<float>(_data.Span);
    }

    /// <summary>Reads the values of a float64 array, or of a float32 array, which is widened, row-major.</summary>
    /// <param name="axes">The meaning of each axis, as in "T", "B", "I": their number is the rank that the array must have.</param>
    /// <exception cref="ModelFormatException">The array has another rank or element type.</exception>
    public double[] ToDoubles(params ReadOnlySpan<string> axes)
    {
        Expect(axes, "float32", "float64");
        return Dtype == "float64"
            ? LittleEndian.Read<double>(_data.Span)
            : Array.ConvertAll(LittleEndian.Read<float>(_data.Span), value => (double)value);
    }

    /// <summary>Reads the values of an int64 array, or of an int32 array, which is widened, row-major.</summary>
    /// <param name="axes">The meaning of each axis, as in "B": their number is the rank that the array must have.</param>
    /// <exception cref="ModelFormatException">The array has another rank or element type.</exception>
    public long[] ToInt64s(params ReadOnlySpan<string> axes)
    {
        Expect(axes, "int32", "int64");
        return Dtype == "int64"
            ? LittleEndian.Read<long>(_data.Span)
            : Array.ConvertAll(LittleEndian.Read<int>(_data.Span), value => (long)value);
    }

    /// <summary>Makes the bytes of a file as NumPy writes it: version 1, data at a multiple of 64 bytes.</summary>
    /// <param name="shape">The sizes, slowest first; empty for a scalar; at most 32.</param>
    /// <param name="values">[product of the shape] in, row-major.</param>
    /// <exception cref="ArgumentException">The values do not fill the shape, or it has more than 32 sizes.</exception>
    public static byte[] ToBytes(ReadOnlySpan<int> shape, ReadOnlySpan<float> values)
    {
        const int Alignment = 64;
        const int HeaderStart = VersionEnd + sizeof(ushort);
        TensorShape.Check(shape, values.Length);
        if (shape.Length > HighestRank)
        {
            throw new ArgumentException($"'shape' has {shape.Length} sizes, expected at most {HighestRank}.", nameof(shape));
        }

        string sizes = string.Join(", ", shape.ToArray());
        string tuple = shape.Length == 1 ? $"({sizes},)" : $"({sizes})";
        string dict = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple}, }}";
        int dataStart = (HeaderStart + dict.Length + 1 + Alignment - 1) / Alignment * Alignment;

        byte[] bytes = new byte[dataStart + ((long)values.Length * sizeof(float))];
        Magic.CopyTo(bytes);
        bytes[Magic.Length] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(VersionEnd), (ushort)(dataStart - HeaderStart));
        Encoding.ASCII.GetBytes(dict.PadRight(dataStart - HeaderStart - 1) + '\n', bytes.AsSpan(HeaderStart));
        LittleEndian.Write(values, bytes.AsSpan(dataStart));
        return bytes;
    }

    private static (int Start, int Length) HeaderExtent(ReadOnlySpan<byte> bytes, string name)
    {
        if (!bytes.StartsWith(Magic))
        {
            throw new ModelFormatException(name, "the file does not begin as .npy files do, expected byte 0x93 and 'NUMPY'.");
        }

        int lengthBytes = bytes.Length >= VersionEnd && bytes[6] == 1 ? sizeof(ushort) : sizeof(uint);
        int start = VersionEnd + lengthBytes;
        if (bytes.Length < start)
        {
            throw new ModelFormatException(
                name, $"the file has {bytes.Length} bytes, expected at least {start} for the version and the header's length.");
        }

        if (bytes[6] is < 1 or > 3 || bytes[7] != 0)
        {
            throw new ModelFormatException(name, $"the format version is {bytes[6]}.{bytes[7]}, expected 1.0, 2.0 or 3.0.");
        }

        long length = lengthBytes == sizeof(ushort)
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[VersionEnd..])
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes[VersionEnd..]);
        return length <= bytes.Length - start
            ? (start, (int)length)
            : throw new ModelFormatException(
                name, $"the header's length is {length}, expected at most {bytes.Length - start}, the bytes that follow it.");
    }

    private void Expect(ReadOnlySpan<string> axes, params ReadOnlySpan<string> dtypes)
    {
        if (_shape.Length != axes.Length)
        {
            throw new ModelFormatException(
                Name,
                $"the shape is {TensorShape.Text(_shape)} (rank {_shape.Length}), "
                + $"expected rank {axes.Length} [{string.Join(", ", axes)}].");
        }

        if (!dtypes.Contains(Dtype))
        {
            throw new ModelFormatException(Name, $"the dtype is {Dtype}, expected {string.Join(" or ", dtypes)}.");
        }
    }
}
