using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core;

/// <summary>Argument checks. They run once per public call, before anything is written, and throw out of line.</summary>
internal static class Guard
{
    /// <summary>Only float and double have kernels.</summary>
    public static void Precision<T>()
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new NotSupportedException($"The element type is {typeof(T).Name}, expected Single or Double.");
        }
    }

    /// <summary>The span has exactly the length that the formula gives.</summary>
    public static void Length<T>(
        ReadOnlySpan<T> span, long expected, string formula, [CallerArgumentExpression(nameof(span))] string name = "")
    {
        if (span.Length != expected)
        {
            ThrowLength(span.Length, expected, formula, name);
        }
    }

    /// <summary>An index lies within its range.</summary>
    public static void Index(int value, int count, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if ((uint)value >= (uint)count)
        {
            ThrowIndex(value, count, name);
        }
    }

    /// <summary>A size is not negative.</summary>
    public static void NotNegative(int value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < 0)
        {
            ThrowNegative(value, name);
        }
    }

    /// <summary>A length that a formula gives can be allocated.</summary>
    public static void AtMost(long value, long limit, string formula, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value > limit)
        {
            ThrowAbove(value, limit, formula, name);
        }
    }

    /// <summary>A size is at least one.</summary>
    public static void Positive(int value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value <= 0)
        {
            ThrowNotPositive(value, name);
        }
    }

    /// <summary>A number is finite and 0 or more.</summary>
    public static void NotNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(double.IsFinite(value) && value >= 0))
        {
            ThrowNumber(value, "a finite number, 0 or more", name);
        }
    }

    /// <summary>A number is finite and above 0.</summary>
    public static void Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(double.IsFinite(value) && value > 0))
        {
            ThrowNumber(value, "a finite number above 0", name);
        }
    }

    /// <summary>A number is 0 or more and below 1.</summary>
    public static void Fraction(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value >= 0 && value < 1))
        {
            ThrowNumber(value, "0 or more and below 1", name);
        }
    }

    /// <summary>An output shares no memory with an input or with another output.</summary>
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

    /// <summary>An output shares no memory with any of up to six others.</summary>
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

    /// <summary>An output is exactly the input or shares no memory with it.</summary>
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
