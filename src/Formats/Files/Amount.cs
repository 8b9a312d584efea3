using System.Globalization;

namespace SpanRnn.Formats.Files;

/// <summary>Amounts in sentences, the same under every culture.</summary>
internal static class Amount
{
    /// <summary>Writes 1,234.</summary>
    public static string Of(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Writes "1 step" or "1,234 steps".</summary>
    /// <param name="value">The number.</param>
    /// <param name="noun">A word whose plural ends in s.</param>
    public static string Of(long value, string noun) => $"{Of(value)} {noun}{(value == 1 ? string.Empty : "s")}";

    /// <summary>Writes "is" or "are", behind or before so many things.</summary>
    public static string Are(long value) => value == 1 ? "is" : "are";
}
