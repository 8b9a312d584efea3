using System.Buffers.Binary;

namespace SpanRnn.Formats.Npy;

/// <summary>A type of real numbers, whole numbers or truth values, as NumPy stores them.</summary>
/// <param name="Code">Its letter and size in a header.</param>
/// <param name="Name">Its name in NumPy.</param>
/// <param name="Size">Bytes per number.</param>
internal sealed record NpyType(string Code, string Name, int Size)
{
    private static readonly NpyType[] _all =
    [
        new("f2", "float16", 2), new("f4", "float32", 4), new("f8", "float64", 8),
        new("i1", "int8", 1), new("i2", "int16", 2), new("i4", "int32", 4), new("i8", "int64", 8),
        new("u1", "uint8", 1), new("u2", "uint16", 2), new("u4", "uint32", 4), new("u8", "uint64", 8),
        new("b1", "bool", 1),
    ];

    /// <summary>True for real numbers.</summary>
    public bool IsReal => Code[0] == 'f';

    /// <summary>Finds the type and byte order of a header's descr, such as "&lt;f4"; null if there is none.</summary>
    public static (NpyType Type, bool IsBigEndian)? Find(string descr)
    {
        // "|" is for single bytes. "=" is the machine's own order, little endian on all that are left.
        bool hasOrder = descr.Length > 0 && "<>|=".Contains(descr[0], StringComparison.Ordinal);
        NpyType? type = Array.Find(_all, type => type.Code == (hasOrder ? descr[1..] : descr));
        return type is null ? null : (type, descr[0] == '>' && type.Size > 1);
    }

    /// <summary>Finds the type of numbers of this program.</summary>
    /// <exception cref="NotSupportedException">An array of them is not made here.</exception>
    public static NpyType Of<T>() =>
        typeof(T) == typeof(float) ? Find("f4")!.Value.Type
        : typeof(T) == typeof(double) ? Find("f8")!.Value.Type
        : typeof(T) == typeof(int) ? Find("i4")!.Value.Type
        : typeof(T) == typeof(long) ? Find("i8")!.Value.Type
        : throw new NotSupportedException($"An array of {typeof(T).Name} cannot be made, expected float, double, int or long.");

    /// <summary>Reads a number, lowest byte first.</summary>
    public double Real(ReadOnlySpan<byte> bytes) => Name switch
    {
        "float16" => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "float32" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "float64" => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        "uint64" => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => Integer(bytes),
    };

    /// <summary>Reads a whole number, or 0 or 1 for a truth value. One beyond int64 is the largest int64.</summary>
    public long Integer(ReadOnlySpan<byte> bytes) => Name switch
    {
        "bool" => bytes[0] == 0 ? 0 : 1,
        "int8" => (sbyte)bytes[0],
        "uint8" => bytes[0],
        "int16" => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        "uint16" => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        "int32" => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "uint32" => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        "uint64" => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(bytes), long.MaxValue),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };
}
