using System.CommandLine;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Options that name a column of a table.</summary>
internal static class ColumnOption
{
    public static Option<string?> Create(string name, string description) =>
        new(name) { Description = description, HelpName = "COLUMN" };
}
