using System.Globalization;

namespace SpanRnn.Cli.Encode;

/// <summary>The shortest text of a number that is read back as the same number, under every culture, as float.ToString writes it.</summary>
internal static class ShortestNumber
{
    /// <summary>Most characters of a number, such as -1.2345678E-38.</summary>
    public const int Longest = 16;

    // A number from 1e-4 to 1 needs no more than twelve digits behind the point; the products fit in 64 bits.
    private const ulong MostPower = 1_000_000_000_000;

    // Few numbers have six digits or fewer.
    private const ulong RarePower = 1_000_000;

    /// <summary>Writes a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="text">[<see cref="Longest"/> or more] out.</param>
    /// <returns>The number of characters.</returns>
    /// <remarks>
    /// Numbers between 1e-4 and 1, as states of a network are, take a third of float.TryFormat's time: with |value| = m / 2^shift, the
    /// lowest power of ten is taken for which the whole number that is nearest to power · |value| is within half a unit of the last binary
    /// digit. All of it is in whole numbers, so that nothing is rounded.
    /// </remarks>
    public static int Write(float value, Span<char> text)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint fraction = bits & 0x7FFFFF;

        // Below a power of two the numbers are closer than above it.
        if (Math.Abs(value) is >= 1e-4f and < 1 && fraction != 0)
        {
            int shift = 150 - (int)((bits >> 23) & 0xFF);
            ulong m = fraction | 0x800000;
            ulong power = TwiceTheError(m, shift, RarePower, out _) < RarePower ? 10 : 10 * RarePower;
            for (; power <= MostPower; power *= 10)
            {
                ulong twice = TwiceTheError(m, shift, power, out ulong nearest);
                if (twice == 1UL << shift)
                {
                    break; // two are equally near
                }

                if (twice < power)
                {
                    return Write(value < 0, power, nearest, text);
                }
            }
        }

        value.TryFormat(text, out int count, default, CultureInfo.InvariantCulture);
        return count;
    }

    // In units of 2^-shift / power; half a unit of the last binary digit is half of power.
    private static ulong TwiceTheError(ulong m, int shift, ulong power, out ulong nearest)
    {
        ulong product = m * power;
        nearest = (product + (1UL << (shift - 1))) >> shift;
        ulong back = nearest << shift;
        return 2 * (product > back ? product - back : back - product);
    }

    // Behind a 1 the zeros are kept; the point takes its place.
    private static int Write(bool isNegative, ulong power, ulong decimals, Span<char> text)
    {
        int point = isNegative ? 2 : 1;
        (isNegative ? "-0" : "0").CopyTo(text);
        (power + decimals).TryFormat(text[point..], out int count, default, CultureInfo.InvariantCulture);
        text[point] = '.';
        return point + count;
    }
}
