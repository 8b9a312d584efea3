using System.Globalization;

namespace SpanRnn.Cli.Output;

/// <summary>Numbers and text as the program writes them, the same under every culture.</summary>
internal static class Display
{
    /// <summary>Writes "1 step/s" or "18,660 steps/s".</summary>
    public static string Rate(double stepsPerSecond)
    {
        string number = Number(stepsPerSecond);
        return $"{number} step{(number == "1" ? string.Empty : "s")}/s";
    }

    /// <summary>Writes five digits, with an exponent only if the number is tiny or huge: 0.00123, 18,660, 1.2e-07.</summary>
    public static string Number(double value)
    {
        const int Digits = 5;
        double magnitude = Math.Abs(value);
        bool needsExponent = magnitude is > 0 and < 1e-4 or >= 1e12;
        int decimals = magnitude > 0 ? Math.Clamp(Digits - 1 - (int)Math.Floor(Math.Log10(magnitude)), 0, 2 * Digits) : 0;
        string format = needsExponent ? "0.####e-00" : $"#,0.{new string('#', decimals)}";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>Writes 0.1235 with 4 decimals.</summary>
    public static string Fixed(double value, int decimals) => value.ToString($"N{decimals}", CultureInfo.InvariantCulture);

    /// <summary>Writes 99.5 %, the share 0.995 with 1 decimal.</summary>
    public static string Percent(double share, int decimals = 1) => $"{Fixed(100 * share, decimals)} %";

    /// <summary>Writes 1.23 us.</summary>
    public static string Duration(double nanoseconds)
    {
        (double value, string unit) = nanoseconds switch
        {
            < 1e3 => (nanoseconds, "ns"),
            < 1e6 => (nanoseconds / 1e3, "us"),
            < 1e9 => (nanoseconds / 1e6, "ms"),
            _ => (nanoseconds / 1e9, "s"),
        };
        string number = value < 1
            ? value.ToString("G3", CultureInfo.InvariantCulture)
            : Fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0);
        return $"{number} {unit}";
    }

    /// <summary>Writes a shape or an index as [3, 4].</summary>
    public static string Shape(ReadOnlySpan<int> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";

    /// <summary>Replaces control characters, so that the text of a file cannot steer the terminal.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>Takes the message of an exception without the parameter's name behind it, which no user knows.</summary>
    public static string Sentence(ArgumentException e) => e.Message.Split(" (Parameter '")[0];
}
