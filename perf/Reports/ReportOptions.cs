using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>The options that commands have in common.</summary>
internal static class ReportOptions
{
    public static Option<string?> Json()
    {
        var json = new Option<string?>("--json")
        {
            Description = "Writes every figure to a file.",
            HelpName = "FILE",
        };
        json.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value.Length == 0)
            {
                result.AddError("--json is empty, expected the name of a file.");
            }
        });
        return json;
    }
}
