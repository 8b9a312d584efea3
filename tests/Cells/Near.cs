using System.Numerics;
using System.Runtime.InteropServices;

namespace SpanRnn.Tests;

/// <summary>Comparisons of many numbers, which NaN fails.</summary>
internal static class Near
{
    /// <summary>|actual − expected| ≤ tolerance · max(1, |expected|) for every element.</summary>
    public static void Assert<T>(
        string what, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, double tolerance, Func<int, string>? name = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Assert(what, expected, actual, tolerance, 1, name);

    /// <summary>
    /// |actual − expected| ≤ tolerance · max(1, largest |expected|) for every element: a small sum of large terms has their roundings.
    /// </summary>
    public static void AssertOfLargest<T>(
        string what, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, double tolerance, Func<int, string>? name = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double largest = 1;
        foreach (T e in expected)
        {
            largest = Math.Max(largest, Math.Abs(double.CreateTruncating(e)));
        }

        // Everything is near an infinite number.
        Xunit.Assert.True(double.IsFinite(largest), $"{what} is {largest}, expected finite numbers.");
        Assert(what, expected, actual, tolerance, largest, name);
    }

    private static void Assert<T>(
        string what, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, double tolerance, double least, Func<int, string>? name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double e = double.CreateTruncating(expected[i]);
            double a = double.CreateTruncating(actual[i]);
            if (!(Math.Abs(a - e) <= tolerance * Math.Max(least, Math.Abs(e))))
            {
                Xunit.Assert.Fail(
                    $"{what}: {name?.Invoke(i) ?? $"element {i} of {expected.Length}"} is {a}, expected {e}, difference {a - e:g3}, "
                    + $"tolerance {tolerance:g3} of {Math.Max(least, Math.Abs(e)):g3}.");
            }
        }
    }

    /// <summary>The same bits, except for the sign of zero.</summary>
    public static void Same<T>(string what, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Assert(what, expected, actual, 0);

    /// <summary>The same bits, those of zeros and of NaN too.</summary>
    public static void Bits<T>(string what, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        if (!MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(actual)))
        {
            int i = 0;
            while (MemoryMarshal.AsBytes(expected.Slice(i, 1)).SequenceEqual(MemoryMarshal.AsBytes(actual.Slice(i, 1))))
            {
                i++;
            }

            Xunit.Assert.Fail($"{what}: element {i} of {expected.Length} is {actual[i]:g17}, expected the bits of {expected[i]:g17}.");
        }
    }

    /// <summary>Equal except for roundings: the same sums in another order.</summary>
    public static void Rounded<T>(string what, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Assert(what, expected, actual, typeof(T) == typeof(float) ? 1e-5 : 1e-12);
}
