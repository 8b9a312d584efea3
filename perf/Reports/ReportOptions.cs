using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>Options that commands share.</summary>
internal static class ReportOptions
{
    public static Option<string?> Json() => File("--json", "Writes every figure to a file.");

    public static Option<string?> Page() => File("--page", "Writes the tables to a page of Markdown.");

    public static Option<string> Filter(string example) => new("--filter")
    {
        Description = $"Only cases whose name contains this text, such as {example}.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => string.Empty,
    };

    public static Option<bool> Quick() => new("--quick") { Description = "Fewer and shorter batches: a look, not a result." };

    private static Option<string?> File(string name, string description)
    {
        var file = new Option<string?>(name)
        {
            Description = description,
            HelpName = "FILE",
        };
        file.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value.Length == 0)
            {
                result.AddError($"{name} is empty, expected the name of a file.");
            }
        });
        return file;
    }
}
