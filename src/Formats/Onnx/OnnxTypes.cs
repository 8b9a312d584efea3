using System.Buffers.Binary;

namespace SpanRnn.Formats.Onnx;

/// <summary>Size, name and single elements of an <see cref="OnnxType"/>.</summary>
internal static class OnnxTypes
{
    /// <summary>Bytes per element.</summary>
    public static int Size(this OnnxType type) => type switch
    {
        OnnxType.Bool or OnnxType.UInt8 or OnnxType.Int8 => 1,
        OnnxType.UInt16 or OnnxType.Int16 or OnnxType.Float16 or OnnxType.BFloat16 => 2,
        OnnxType.Float or OnnxType.Int32 or OnnxType.UInt32 => 4,
        _ => 8,
    };

    /// <summary>True if the type holds real numbers.</summary>
    public static bool IsReal(this OnnxType type) =>
        type is OnnxType.Float or OnnxType.Double or OnnxType.Float16 or OnnxType.BFloat16;

    /// <summary>Name in messages.</summary>
    public static string Name(this OnnxType type) => type.ToString().ToLowerInvariant();

    /// <summary>Element type of a parameter; only for real numbers.</summary>
    public static ElementType Element(this OnnxType type) => type switch
    {
        OnnxType.Float => ElementType.Single,
        OnnxType.Double => ElementType.Double,
        OnnxType.Float16 => ElementType.Half,
        _ => ElementType.BFloat16,
    };

    /// <summary>Type of a given array.</summary>
    public static OnnxType Of(NpyArray file) => file.Dtype switch
    {
        "float32" => OnnxType.Float,
        "float64" => OnnxType.Double,
        "float16" => OnnxType.Float16,
        "bool" => OnnxType.Bool,
        "int8" => OnnxType.Int8,
        "uint8" => OnnxType.UInt8,
        "int16" => OnnxType.Int16,
        "uint16" => OnnxType.UInt16,
        "int32" => OnnxType.Int32,
        "uint32" => OnnxType.UInt32,
        "uint64" => OnnxType.UInt64,
        _ => OnnxType.Int64,
    };

    /// <summary>Reads a whole number or a truth value.</summary>
    public static long Integer(this OnnxType type, ReadOnlySpan<byte> bytes) => type switch
    {
        OnnxType.Bool => bytes[0] == 0 ? 0 : 1,
        OnnxType.UInt8 => bytes[0],
        OnnxType.Int8 => (sbyte)bytes[0],
        OnnxType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        OnnxType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        OnnxType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        OnnxType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };

    /// <summary>Reads a number of any type as a real one.</summary>
    public static double Real(this OnnxType type, ReadOnlySpan<byte> bytes) => type switch
    {
        OnnxType.Float => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        OnnxType.Double => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        OnnxType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        OnnxType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        OnnxType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => type.Integer(bytes),
    };

    /// <summary>Stores a whole number in any type but bfloat16. A narrower type gets its low bits.</summary>
    public static void Write(this OnnxType type, long value, Span<byte> bytes)
    {
        switch (type)
        {
            case OnnxType.Bool:
                bytes[0] = (byte)(value == 0 ? 0 : 1);
                break;
            case OnnxType.UInt8 or OnnxType.Int8:
                bytes[0] = (byte)value;
                break;
            case OnnxType.UInt16 or OnnxType.Int16:
                BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)value);
                break;
            case OnnxType.Int32 or OnnxType.UInt32:
                BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)value);
                break;
            case OnnxType.Int64 or OnnxType.UInt64:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
                break;
            default:
                type.Write((double)value, bytes);
                break;
        }
    }

    /// <summary>Stores a real number in any type. A whole number is rounded toward zero.</summary>
    public static void Write(this OnnxType type, double value, Span<byte> bytes)
    {
        switch (type)
        {
            case OnnxType.Float:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
                break;
            case OnnxType.Double:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
            case OnnxType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);
                break;
            case OnnxType.BFloat16:
                // To the nearest, ties to even; a NaN gets a bit that survives.
                uint bits = BitConverter.SingleToUInt32Bits((float)value);
                uint rounded = double.IsNaN(value) ? bits | 0x400000 : bits + 0x7FFF + ((bits >> 16) & 1);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(rounded >> 16));
                break;
            case OnnxType.Bool:
                type.Write(value == 0 ? 0L : 1L, bytes);
                break;
            default:
                type.Write((long)value, bytes);
                break;
        }
    }
}
