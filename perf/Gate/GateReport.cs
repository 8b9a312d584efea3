using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpanRnn.Perf;

/// <summary>Results of one run of the gate.</summary>
/// <param name="Base">The revision compared with.</param>
/// <param name="Rounds">Rounds of four processes each.</param>
/// <param name="SlowerThan">Slow-down in percent that still passes.</param>
/// <param name="Confidence">Confidence of each interval, in percent.</param>
/// <param name="Cases">One result per case.</param>
internal sealed record GateReport(string Base, int Rounds, double SlowerThan, double Confidence, IReadOnlyList<CaseResult> Cases)
{
    private const string None = "-";

    /// <summary>Writes the table, and below it the cases that fail.</summary>
    public void WriteTable(TextWriter output)
    {
        var table = new Table(
            $"Working tree against {Base[..12]}, {Rounds} rounds, intervals of {Number(Confidence, 1)} %",
            "case", "#base ns", "#now ns", "#slow-down", "#interval", "#bytes", "verdict");
        foreach (CaseResult result in Cases)
        {
            CaseFigures? last = result.Looks.Count > 0 ? result.Looks[^1] : null;
            table.Add(
                result.Name,
                Middle(last?.BaseTimes),
                Middle(last?.Times),
                result.SlowDown is { } slowDown ? Number(slowDown.Ratio, 3) : None,
                result.SlowDown is { } interval ? $"{Number(interval.Low, 3)} to {Number(interval.High, 3)}" : None,
                last is null ? None : Number(last.Bytes, 1),
                Words(result));
        }

        table.Write(output);
        string[] failing = [.. Cases.Where(result => result.Fails).Select(result => $"{result.Name}: {Words(result)}")];
        output.WriteLine(
            failing.Length == 0
                ? $"Passed: nothing allocates, and no interval lies above {Number(SlowerThan, 1)} % slower."
                : $"FAILED: {string.Join("; ", failing)}.");
    }

    /// <summary>Every figure.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, GateJson.Default.GateReport);

    private static string Words(CaseResult result) => result.Verdict switch
    {
        Verdict.Passed => result.Looks.Count == 1 ? "passed" : "passed at the second look",
        Verdict.Slower => "slower",
        Verdict.Allocates => "allocates",
        Verdict.NoFigures => "no figures",
        Verdict.New => "new",
        _ => "gone",
    };

    private static string Middle(double[]? times)
    {
        if (times is null or [])
        {
            return None;
        }

        double[] sorted = [.. times.Order()];
        return Number(sorted[sorted.Length / 2], 1);
    }

    private static string Number(double value, int decimals) => value.ToString($"N{decimals}", CultureInfo.InvariantCulture);
}

/// <summary>JSON form of a report. An end of an interval may be infinite, and a missing figure is not a number.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(GateReport))]
internal sealed partial class GateJson : JsonSerializerContext;
