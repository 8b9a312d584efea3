using System.CommandLine;
using System.CommandLine.Parsing;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Options and arguments that name one file. An empty name is refused.</summary>
internal static class FileOption
{
    /// <summary>Makes an option; its value is null if it is not given.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    public static Option<string?> Create(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "FILE" };
        option.Validators.Add(result => ExpectName(result, name));
        return option;
    }

    /// <summary>Makes an argument.</summary>
    /// <param name="name">Its name in the help.</param>
    /// <param name="description">Its line in the help.</param>
    public static Argument<string> CreateArgument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result => ExpectName(result, name));
        return argument;
    }

    private static void ExpectName(SymbolResult result, string symbol)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
        {
            result.AddError($"{symbol} is empty, expected the name of a file.");
        }
    }
}
