using System.Text.Json.Serialization;

namespace SpanRnn.Perf;

/// <summary>How a report becomes JSON.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(CellTimes))]
internal sealed partial class ReportJson : JsonSerializerContext;
