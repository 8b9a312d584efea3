using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Formats.Files;

namespace SpanRnn.Formats.Model;

/// <summary>Size and name of an <see cref="ElementType"/>, and numbers stored in it.</summary>
internal static class ElementTypes
{
    private const ushort BFloat16Infinity = 0x7F80;

    // By ElementType.
    private static readonly string[] _names = ["F16", "BF16", "F32", "F64"];

    /// <summary>Bytes per number.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Double => sizeof(double),
        ElementType.Single => sizeof(float),
        _ => Unsafe.SizeOf<Half>(),
    };

    /// <summary>Name in safetensors files, which programs show too.</summary>
    public static string Name(this ElementType type) => _names[(int)type];

    /// <summary>Finds the type with that name; null if there is none.</summary>
    public static ElementType? Find(string name) => Array.IndexOf(_names, name) is >= 0 and var type ? (ElementType)type : null;

    /// <summary>bytes ← values, each rounded to the nearest number of the type, ties to even; NaN and infinity stay.</summary>
    /// <param name="type">How the values are stored.</param>
    /// <param name="values">In.</param>
    /// <param name="bytes">[values × <see cref="Size"/>] out.</param>
    /// <exception cref="ArgumentException">A finite number is too large for the type.</exception>
    public static void Write<T>(this ElementType type, ReadOnlySpan<T> values, Span<byte> bytes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (type.Size() == Unsafe.SizeOf<T>())
        {
            LittleEndian.Write(values, bytes);
            return;
        }

        int size = type.Size();
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> to = bytes.Slice(i * size, size);
            bool isFinite = true;
            switch (type)
            {
                case ElementType.Double:
                    LittleEndian.Write<double>([double.CreateTruncating(values[i])], to);
                    break;
                case ElementType.Single:
                    float single = float.CreateTruncating(values[i]);
                    isFinite = float.IsFinite(single);
                    LittleEndian.Write<float>([single], to);
                    break;
                case ElementType.Half:
                    var half = Half.CreateTruncating(values[i]);
                    isFinite = Half.IsFinite(half);
                    LittleEndian.Write<Half>([half], to);
                    break;
                default:
                    ushort upper = BFloat16(double.CreateTruncating(values[i]));
                    isFinite = (upper & BFloat16Infinity) != BFloat16Infinity;
                    LittleEndian.Write<ushort>([upper], to);
                    break;
            }

            if (!isFinite && T.IsFinite(values[i]))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"The number {values[i]} is too large for {type.Name()}, expected a number that fits."),
                    nameof(values));
            }
        }
    }

    /// <summary>Rounds a number to the nearest bfloat16, ties to even, and returns its bits.</summary>
    private static ushort BFloat16(double value)
    {
        float single = (float)value;
        if (float.IsNaN(single))
        {
            // Made quiet: a NaN with all its marks in the lower half would become infinity.
            return (ushort)((BitConverter.SingleToUInt32Bits(single) >> 16) | 0x40);
        }

        // The float is rounded to odd, so that the second rounding knows on which side of a tie the double is.
        uint bits = BitConverter.SingleToUInt32Bits(single);
        if (single != value && float.IsFinite(single))
        {
            bits -= Math.Abs((double)single) > Math.Abs(value) ? 1u : 0u;
            bits |= 1;
        }

        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
