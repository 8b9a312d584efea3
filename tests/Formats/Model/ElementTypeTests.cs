using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

/// <summary>All 65,536 numbers of 16 bits, and numbers rounded to them.</summary>
public class ElementTypeTests
{
    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Every_number_of_16_bits_is_read_as_it_is(string dtype)
    {
        byte[] data = new byte[65_536 * 2];
        for (int i = 0; i < 65_536; i++)
        {
            (data[2 * i], data[(2 * i) + 1]) = ((byte)i, (byte)(i >> 8));
        }

        var file = SafetensorsFile.Parse(
            FormatBytes.Safetensors($$$"""{"x":{"dtype":"{{{dtype}}}","shape":[65536],"data_offsets":[0,131072]}}""", data), "m");
        float[] singles = new float[65_536];
        double[] doubles = new double[65_536];
        file.Tensors[0].CopyTo<float>(singles);
        file.Tensors[0].CopyTo<double>(doubles);

        for (int i = 0; i < 65_536; i++)
        {
            double expected = dtype == "F16" ? Number(i, 5, 10) : Number(i, 8, 7);
            Assert.Equal(expected, doubles[i]);
            Assert.Equal(expected, singles[i]);
            Assert.True(double.IsNaN(expected) || double.IsNegative(expected) == float.IsNegative(singles[i]));
        }
    }

    [Theory]
    [InlineData(ElementType.Half)]
    [InlineData(ElementType.BFloat16)]
    public void Every_number_of_16_bits_is_written_as_it_is(ElementType type)
    {
        float[] values = new float[65_536];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(type == ElementType.Half ? Number(i, 5, 10) : Number(i, 8, 7));
        }

        float[] back = WriteAndRead<float>(type, values);
        double[] doubles = WriteAndRead<double>(type, Array.ConvertAll(values, value => (double)value));

        Assert.Equal(values, back);
        Assert.Equal(values, Array.ConvertAll(doubles, value => (float)value));
    }

    [Fact]
    public void Numbers_between_two_of_16_bits_go_to_the_nearest_and_ties_to_the_even_one()
    {
        var random = new RandomSource(3);
        for (int i = 0; i < 20_000; i++)
        {
            int bits = (int)(random.NextUInt64() & 0x7FFF);
            foreach (ElementType type in new[] { ElementType.Half, ElementType.BFloat16 })
            {
                (int exponent, int mantissa) = type == ElementType.Half ? (5, 10) : (8, 7);
                (double below, double above) = (Number(bits, exponent, mantissa), Number(bits + 1, exponent, mantissa));
                if (!double.IsFinite(below) || !double.IsFinite(above))
                {
                    continue;
                }

                double middle = (below + above) / 2;
                double even = (bits & 1) == 0 ? below : above;
                Assert.Equal(
                    [below, above, even, -even, below],
                    WriteAndRead<double>(
                        type,
                        [Math.BitDecrement(middle), Math.BitIncrement(middle), middle, -middle, below + ((above - below) / 3)]));
            }
        }
    }

    [Fact]
    public void NaN_and_infinity_stay_and_what_is_too_large_is_refused()
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            Assert.Equal([float.NaN, float.PositiveInfinity, float.NegativeInfinity], WriteAndRead<float>(
                type, [BitConverter.UInt32BitsToSingle(0x7F800001), float.PositiveInfinity, float.NegativeInfinity]));
        }

        Refuses<float>(ElementType.Half, 65520, "The number 65520 is too large for F16, expected a number that fits.");
        Refuses<float>(ElementType.BFloat16, float.MaxValue, "is too large for BF16");
        Refuses<double>(ElementType.BFloat16, double.MaxValue, "is too large for BF16");
        Refuses<double>(ElementType.Single, -1e39, "The number -1E+39 is too large for F32");
    }

    private static void Refuses<T>(ElementType type, T value, string expected)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        ArgumentException e = Assert.Throws<ArgumentException>("values", () => WriteAndRead<T>(type, [value]));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private static T[] WriteAndRead<T>(ElementType type, T[] values)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var writer = new SafetensorsWriter();
        writer.Add<T>("x", [values.Length], values, type);
        var back = new T[values.Length];
        SafetensorsFile.Parse(writer.ToBytes(), "m").Tensors[0].CopyTo<T>(back);
        return back;
    }

    // Sign, exponent and mantissa of IEEE 754.
    private static double Number(int bits, int exponentBits, int mantissaBits)
    {
        int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
        int mantissa = bits & ((1 << mantissaBits) - 1);
        int bias = (1 << (exponentBits - 1)) - 1;
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1)
        {
            return mantissa == 0 ? sign * double.PositiveInfinity : double.NaN;
        }

        double fraction = mantissa / Math.Pow(2, mantissaBits);
        return exponent == 0
            ? sign * fraction * Math.Pow(2, 1 - bias)
            : sign * (1 + fraction) * Math.Pow(2, exponent - bias);
    }
}
