using System.CommandLine;

namespace SpanRnn.Cli.CommandLine;

/// <summary>A command whose help ends with a line that can be typed.</summary>
/// <param name="name">The name.</param>
/// <param name="description">Its line in the list of commands.</param>
/// <param name="example">The line without the name of the program.</param>
internal sealed class CommandWithExample(string name, string description, string example) : Command(name, description)
{
    public string Example { get; } = $"spanrnn {example}";
}
