using System.Globalization;
using System.Text.Json;

namespace SpanRnn.Perf;

/// <summary>Measurement of one case by one process, and the line that carries it.</summary>
/// <param name="Case">Name of the case.</param>
/// <param name="Nanoseconds">Nanoseconds per call.</param>
/// <param name="Bytes">Managed bytes per call.</param>
internal readonly record struct Figure(string Case, double Nanoseconds, double Bytes)
{
    /// <summary>The line: JSON without escapes, since names are plain words.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"case":"{{JsonEncodedText.Encode(Case)}}","nanoseconds":{{Nanoseconds:R}},"bytes":{{Bytes:R}}}""");

    /// <summary>Reads a line.</summary>
    public static Figure Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return new Figure(
                root.GetProperty("case").GetString() ?? string.Empty,
                root.GetProperty("nanoseconds").GetDouble(),
                root.GetProperty("bytes").GetDouble());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new PerfException($"A measuring process wrote '{line}', expected a case with its nanoseconds and bytes.");
        }
    }
}
