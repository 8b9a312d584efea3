using System.CommandLine;

namespace SpanRnn.Cli;

internal static class DemoCommand
{
    public static Command Create(Terminal terminal) => new("demo", terminal.ToString());
}
