using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core;

/// <summary>
/// Checks of arguments. They run once per public call, before anything is written, and throw out of line. A check of one number returns
/// the number, so that a property checks and sets in one line.
/// </summary>
internal static class Guard
{
    /// <summary>Checks that the element type is float or double: no other has kernels.</summary>
    public static void Precision<T>()
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new NotSupportedException($"The element type is {typeof(T).Name}, expected Single or Double.");
        }
    }

    /// <summary>Checks that a span has exactly the length of a formula.</summary>
    public static void Length<T>(
        ReadOnlySpan<T> span, long expected, string formula, [CallerArgumentExpression(nameof(span))] string name = "")
    {
        if (span.Length != expected)
        {
            ThrowLength(span.Length, expected, formula, name);
        }
    }

    /// <summary>Checks that an index is within its range.</summary>
    public static void Index(int value, int count, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if ((uint)value >= (uint)count)
        {
            ThrowIndex(value, count, name);
        }
    }

    /// <summary>Checks that a size is not negative.</summary>
    public static int NotNegative(int value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < 0)
        {
            ThrowNegative(value, name);
        }

        return value;
    }

    /// <summary>Checks that the length of a formula is at most a limit.</summary>
    public static void AtMost(long value, long limit, string formula, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value > limit)
        {
            ThrowAbove(value, limit, formula, name);
        }
    }

    /// <summary>Checks that a size is at least one.</summary>
    public static int Positive(int value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value <= 0)
        {
            ThrowNotPositive(value, name);
        }

        return value;
    }

    /// <summary>Checks that a number is finite and 0 or more.</summary>
    public static double NotNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(double.IsFinite(value) && value >= 0))
        {
            ThrowNumber(value, "a finite number, 0 or more", name);
        }

        return value;
    }

    /// <summary>Checks that a number is finite and above 0.</summary>
    public static double Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(double.IsFinite(value) && value > 0))
        {
            ThrowNumber(value, "a finite number above 0", name);
        }

        return value;
    }

    /// <summary>Checks that a number is finite and above 0 once it is rounded to <typeparamref name="T"/>.</summary>
    public static double Positive<T>(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Positive(double.CreateTruncating(T.CreateTruncating(value)), name);
        return value;
    }

    /// <summary>Checks that a number is 0 or more and below 1.</summary>
    public static double Fraction(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0 && value < 1))
        {
            ThrowNumber(value, "0 or more and below 1", name);
        }

        return value;
    }

    /// <summary>Checks that an output shares no memory with an input or with another output.</summary>
    public static void NoOverlap<T>(
        ReadOnlySpan<T> output,
        ReadOnlySpan<T> other,
        [CallerArgumentExpression(nameof(output))] string name = "",
        [CallerArgumentExpression(nameof(other))] string otherName = "")
    {
        if (output.Overlaps(other))
        {
            ThrowOverlap(name, otherName);
        }
    }

    /// <summary>Checks that an output shares no memory with any of up to six others.</summary>
    public static void NoOverlap<T>(
        ReadOnlySpan<T> output,
        ReadOnlySpan<T> first,
        ReadOnlySpan<T> second,
        ReadOnlySpan<T> third = default,
        ReadOnlySpan<T> fourth = default,
        ReadOnlySpan<T> fifth = default,
        ReadOnlySpan<T> sixth = default,
        [CallerArgumentExpression(nameof(output))] string name = "",
        [CallerArgumentExpression(nameof(first))] string firstName = "",
        [CallerArgumentExpression(nameof(second))] string secondName = "",
        [CallerArgumentExpression(nameof(third))] string thirdName = "",
        [CallerArgumentExpression(nameof(fourth))] string fourthName = "",
        [CallerArgumentExpression(nameof(fifth))] string fifthName = "",
        [CallerArgumentExpression(nameof(sixth))] string sixthName = "")
    {
        NoOverlap(output, first, name, firstName);
        NoOverlap(output, second, name, secondName);
        NoOverlap(output, third, name, thirdName);
        NoOverlap(output, fourth, name, fourthName);
        NoOverlap(output, fifth, name, fifthName);
        NoOverlap(output, sixth, name, sixthName);
    }

    /// <summary>Checks that an output is exactly the input or shares no memory with it.</summary>
    public static void SameOrNoOverlap<T>(
        ReadOnlySpan<T> output,
        ReadOnlySpan<T> other,
        [CallerArgumentExpression(nameof(output))] string name = "",
        [CallerArgumentExpression(nameof(other))] string otherName = "")
    {
        if (output.Overlaps(other, out int offset) && offset != 0)
        {
            ThrowPartialOverlap(name, otherName);
        }
    }

    [DoesNotReturn]
    private static void ThrowLength(int actual, long expected, string formula, string name) =>
        throw new ArgumentException($"'{name}' has {actual} elements, expected {expected} = {formula}.", name);

    [DoesNotReturn]
    private static void ThrowIndex(int value, int count, string name) =>
        throw new ArgumentOutOfRangeException(name, $"'{name}' is {value}, expected 0 to {count - 1}.");

    [DoesNotReturn]
    private static void ThrowNegative(int value, string name) =>
        throw new ArgumentOutOfRangeException(name, $"'{name}' is {value}, expected 0 or more.");

    [DoesNotReturn]
    private static void ThrowAbove(long value, long limit, string formula, string name) =>
        throw new ArgumentOutOfRangeException(name, $"'{name}' is {value} = {formula}, expected at most {limit}.");

    [DoesNotReturn]
    private static void ThrowNotPositive(int value, string name) =>
        throw new ArgumentOutOfRangeException(name, $"'{name}' is {value}, expected 1 or more.");

    [DoesNotReturn]
    private static void ThrowNumber(double value, string expected, string name) => throw new ArgumentOutOfRangeException(
        name, string.Create(CultureInfo.InvariantCulture, $"'{name}' is {value}, expected {expected}."));

    [DoesNotReturn]
    private static void ThrowOverlap(string name, string otherName) =>
        throw new ArgumentException($"'{name}' shares memory with '{otherName}', expected separate memory.", name);

    [DoesNotReturn]
    private static void ThrowPartialOverlap(string name, string otherName) =>
        throw new ArgumentException($"'{name}' overlaps '{otherName}' in part, expected the same or separate memory.", name);
}
