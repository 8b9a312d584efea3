using System.CommandLine;
using SpanRnn.Cli;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;

namespace SpanRnn.Tests;

/// <summary>The help of every command.</summary>
public class HelpTests
{
    [Fact]
    public void Every_command_has_an_example_that_can_be_typed()
    {
        RootCommand root = Application.CreateRoot(new Terminal(TextWriter.Null, TextWriter.Null));
        System.CommandLine.Command[] commands = [.. root.Subcommands, .. root.Subcommands.SelectMany(command => command.Subcommands)];
        Assert.True(commands.Length > 10);
        Assert.All(commands, command =>
        {
            string example = Assert.IsType<CommandWithExample>(command).Example;
            string[] words = [.. example.Split(" > ")[0].Replace("\"In the\"", "In_the", StringComparison.Ordinal).Split(' ')];
            Assert.Equal("spanrnn", words[0]);
            ParseResult result = root.Parse(words[1..]);
            Assert.Empty(result.Errors.Select(error => $"{example}: {error.Message}"));

            // The example of a command with commands is one of these.
            Assert.Contains(result.CommandResult.Command, (IEnumerable<System.CommandLine.Command>)[command, .. command.Subcommands]);
            var output = new StringWriter();
            string[] path = [.. command.Parents.OfType<CommandWithExample>().Select(parent => parent.Name), command.Name, "--help"];
            Assert.Equal(ExitCode.Success, Application.Run(path, output, TextWriter.Null));
            Assert.EndsWith($"Example:\n  {example}\n\n", output.ToString().ReplaceLineEndings("\n"), StringComparison.Ordinal);
        });
    }
}
