using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>The options that commands have in common.</summary>
internal static class ReportOptions
{
    public static Option<string?> Json() => new("--json")
    {
        Description = "Writes every figure to a file.",
        HelpName = "FILE",
    };
}
