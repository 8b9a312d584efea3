using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Npy;

namespace SpanRnn;

/// <summary>
/// One array as NumPy has it, made from numbers or read from a .npy file: its name, element type, shape and numbers.
/// </summary>
/// <remarks>
/// Files of versions 1 to 3 are read, in either byte order and in C or Fortran order, with values of float16, float32, float64, whole
/// numbers of every width and bool. Version 1 in C order is written. Reading takes at most a small multiple of the file's size in memory.
/// Files of 2 GB and more are not read.
/// </remarks>
public sealed class NpyArray
{
    // Magic and version, then the header's length in two bytes (version 1) or four.
    private const int VersionEnd = 8;

    // NumPy before 2.0 has no arrays of higher rank.
    private const int HighestRank = 32;

    // The name of an array that was given none.
    private const string NoName = "the array";

    private readonly NpyType _type;
    private readonly int[] _shape;
    private readonly ReadOnlyMemory<byte> _data;

    private NpyArray(string name, NpyType type, int[] shape, ReadOnlyMemory<byte> data)
    {
        Name = name;
        _type = type;
        _shape = shape;
        _data = data;
    }

    /// <summary>The array as messages call it: its file.</summary>
    public string Name { get; }

    /// <summary>The element type as NumPy names it, such as float32 or int64.</summary>
    public string Dtype => _type.Name;

    /// <summary>True if the values are whole numbers or truth values.</summary>
    public bool HoldsIntegers => !_type.IsReal;

    /// <summary>The sizes, slowest first; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The values, row-major, each with its lowest byte first.</summary>
    internal ReadOnlyMemory<byte> Data => _data;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the file at <paramref name="path"/>, which is also its name in messages.</summary>
    /// <exception cref="ModelFormatException">The content is not an array that can be read.</exception>
    /// <exception cref="IOException">The file is missing, is a folder, has 2 GB or more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static NpyArray Load(string path) => Parse(InputFile.Read(path), path);

    /// <summary>
    /// Reads the content of a file; the array refers to <paramref name="bytes"/> and copies it only from Fortran order or big endian.
    /// </summary>
    /// <param name="bytes">The whole file, in.</param>
    /// <param name="name">The file as messages call it.</param>
    /// <exception cref="ModelFormatException">The content is not an array that can be read.</exception>
    public static NpyArray Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        (int headerStart, int headerLength) = HeaderExtent(bytes.Span, name);
        (string descr, bool fortranOrder, int[] shape) = NpyHeader.Parse(bytes.Span.Slice(headerStart, headerLength), name);
        (NpyType type, bool isBigEndian) = NpyType.Find(descr) ?? throw new ModelFormatException(
            name,
            $"the dtype is {ModelFormatException.Quote(descr)}, expected real or whole numbers: "
            + "x.astype(numpy.float32), or .astype(numpy.int64) for symbols, labels and lengths, makes them.");
        ReadOnlyMemory<byte> data = bytes[(headerStart + headerLength)..];
        if (!TensorShape.TryByteCount(shape, type.Size, out long expected))
        {
            throw new ModelFormatException(name, $"the shape is {TensorShape.Text(shape)}, expected a size that fits in 64 bits.");
        }

        if (data.Length != expected)
        {
            throw new ModelFormatException(
                name, $"the data has {data.Length} bytes, expected {expected} for shape {TensorShape.Text(shape)} of {type.Name}.");
        }

        // With one axis or none longer than 1 both orders are the same.
        bool isReordered = fortranOrder && shape.Count(size => size > 1) > 1;
        return new NpyArray(
            name, type, shape, isReordered || isBigEndian ? Native(data.Span, shape, type.Size, isReordered, isBigEndian) : data);
    }

    /// <summary>Makes an array of numbers.</summary>
    /// <typeparam name="T"><see cref="float"/>, <see cref="double"/>, <see cref="int"/> or <see cref="long"/>.</typeparam>
    /// <param name="shape">The sizes, slowest first; empty for a scalar; at most 32.</param>
    /// <param name="values">[product of the shape] in, row-major; copied.</param>
    /// <param name="name">The array as messages call it.</param>
    /// <exception cref="ArgumentException">The values do not fill the shape, or it has more than 32 sizes.</exception>
    /// <exception cref="NotSupportedException">T is another type.</exception>
    public static NpyArray From<T>(ReadOnlySpan<int> shape, ReadOnlySpan<T> values, string name = NoName)
        where T : unmanaged, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(name);
        TensorShape.Check(shape, values.Length);
        if (shape.Length > HighestRank)
        {
            throw new ArgumentException($"'shape' has {shape.Length} sizes, expected at most {HighestRank}.", nameof(shape));
        }

        var type = NpyType.Of<T>();
        byte[] data = new byte[checked(values.Length * type.Size)];
        LittleEndian.Write(values, data);
        return new NpyArray(name, type, [.. shape], data);
    }

    /// <summary>The same array, under that name in messages if it has none of its own.</summary>
    internal NpyArray NamedOr(string name) => Name == NoName ? new NpyArray(name, _type, _shape, _data) : this;

    /// <summary>Reads the values as float, row-major. Those of other types are rounded to the nearest.</summary>
    /// <param name="axes">
    /// The meaning of each axis, as in "T", "B", "I": their number is the rank that the array must have; none for any.
    /// </param>
    /// <exception cref="ModelFormatException">The array has another rank, or a finite number that is too large for float.</exception>
    public float[] ToSingles(params ReadOnlySpan<string> axes)
    {
        ExpectRank(axes);
        if (Dtype == "float32")
        {
            return LittleEndian.Read<float>(_data.Span);
        }

        float[] values = new float[_data.Length / _type.Size];
        for (int i = 0; i < values.Length; i++)
        {
            double value = _type.Real(Element(i));
            values[i] = (float)value;
            if (float.IsInfinity(values[i]) && double.IsFinite(value))
            {
                throw new ModelFormatException(
                    Name,
                    FormattableString.Invariant($"number {i} of the {values.Length} in it is {value}, ")
                    + "expected numbers within the range of float32.");
            }
        }

        return values;
    }

    /// <summary>Reads the values as double, row-major. Whole numbers beyond 2^53 are rounded to the nearest.</summary>
    /// <param name="axes">
    /// The meaning of each axis, as in "T", "B", "I": their number is the rank that the array must have; none for any.
    /// </param>
    /// <exception cref="ModelFormatException">The array has another rank.</exception>
    public double[] ToDoubles(params ReadOnlySpan<string> axes)
    {
        ExpectRank(axes);
        if (Dtype == "float64")
        {
            return LittleEndian.Read<double>(_data.Span);
        }

        double[] values = new double[_data.Length / _type.Size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _type.Real(Element(i));
        }

        return values;
    }

    /// <summary>Reads the values of an array of whole numbers or of bool, row-major. uint64 beyond int64 is the largest int64.</summary>
    /// <param name="axes">The meaning of each axis, as in "B": their number is the rank that the array must have; none for any.</param>
    /// <exception cref="ModelFormatException">The array has another rank, or real numbers.</exception>
    public long[] ToInt64s(params ReadOnlySpan<string> axes)
    {
        ExpectRank(axes);
        if (!HoldsIntegers)
        {
            throw new ModelFormatException(
                Name, $"the dtype is {Dtype}, expected whole numbers: x.astype(numpy.int64) makes them.");
        }

        long[] values = new long[_data.Length / _type.Size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _type.Integer(Element(i));
        }

        return values;
    }

    /// <summary>Makes the bytes of a file as NumPy writes it: version 1, data at a multiple of 64 bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] header = Header(_type, [.. _shape]);
        byte[] bytes = new byte[header.Length + (long)_data.Length];
        header.CopyTo(bytes, 0);
        _data.Span.CopyTo(bytes.AsSpan(header.Length));
        return bytes;
    }

    /// <summary>Writes a .npy file, which appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The path is a folder or a device, or cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is read-only, or its folder may not be written to.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFiles.Write(path, ToBytes());
    }

    /// <summary>Makes the bytes of a file before its data.</summary>
    internal static byte[] Header(NpyType type, ReadOnlySpan<long> shape)
    {
        const int Alignment = 64;
        const int HeaderStart = VersionEnd + sizeof(ushort);
        string sizes = string.Join(", ", shape.ToArray());
        string tuple = shape.Length == 1 ? $"({sizes},)" : $"({sizes})";
        string dict = $"{{'descr': '{(type.Size == 1 ? '|' : '<')}{type.Code}', 'fortran_order': False, 'shape': {tuple}, }}";
        byte[] bytes = new byte[(HeaderStart + dict.Length + 1 + Alignment - 1) / Alignment * Alignment];
        Magic.CopyTo(bytes);
        bytes[Magic.Length] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(VersionEnd), (ushort)(bytes.Length - HeaderStart));
        Encoding.ASCII.GetBytes(dict.PadRight(bytes.Length - HeaderStart - 1) + '\n', bytes.AsSpan(HeaderStart));
        return bytes;
    }

    private static (int Start, int Length) HeaderExtent(ReadOnlySpan<byte> bytes, string name)
    {
        if (!bytes.StartsWith(Magic))
        {
            string found = FileKind.Find(bytes) is { } kind ? $"is {kind.Name}" : "does not begin as .npy files do";
            throw new ModelFormatException(name, $"the file {found}, expected an array as numpy.save(path, x) writes it.");
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

    // Lowest byte first, row-major.
    private static byte[] Native(ReadOnlySpan<byte> data, int[] shape, int size, bool isFortranOrder, bool isBigEndian)
    {
        // Fortran order: the first axis is the fastest.
        int[] strides = new int[shape.Length];
        int stride = size;
        for (int i = 0; i < shape.Length; i++)
        {
            int axis = isFortranOrder ? i : shape.Length - 1 - i;
            strides[axis] = stride;
            stride *= shape[axis];
        }

        byte[] native = new byte[data.Length];
        var walk = new StridedWalk(shape, strides);
        for (int i = 0; i < native.Length; i += size, walk.Next())
        {
            Span<byte> element = native.AsSpan(i, size);
            data.Slice(walk.Offset, size).CopyTo(element);
            if (isBigEndian)
            {
                element.Reverse();
            }
        }

        return native;
    }

    private ReadOnlySpan<byte> Element(int index) => _data.Span.Slice(index * _type.Size, _type.Size);

    private void ExpectRank(ReadOnlySpan<string> axes)
    {
        if (axes.Length > 0 && _shape.Length != axes.Length)
        {
            throw new ModelFormatException(
                Name,
                $"the shape is {TensorShape.Text(_shape)} (rank {_shape.Length}), "
                + $"expected rank {axes.Length} [{string.Join(", ", axes)}].");
        }
    }
}
