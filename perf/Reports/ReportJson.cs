using System.Text.Json.Serialization;

namespace SpanRnn.Perf;

/// <summary>JSON form of a report.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(CellTimes))]
internal sealed partial class ReportJson : JsonSerializerContext;
