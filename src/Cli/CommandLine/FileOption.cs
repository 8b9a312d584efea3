using System.CommandLine;
using System.CommandLine.Parsing;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Options and arguments that name one file. An empty name is refused.</summary>
internal static class FileOption
{
    /// <summary>Makes an option; its value is null if it is not given.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="problem">Finds the sentence about a name of a file that is wrong by itself, or null.</param>
    public static Option<string?> Create(string name, string description, Func<string, string?>? problem = null)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "FILE" };
        option.Validators.Add(result => Check(result, name, problem));
        return option;
    }

    /// <summary>Makes an option for a file that is written in one format.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="ending">The usual ending of the format.</param>
    public static Option<string?> CreateOutput(string name, string description, string ending) =>
        Create(name, description, path => FileEnding.Problem(name, path, ending));

    /// <summary>Makes an argument.</summary>
    /// <param name="name">Its name in the help.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="problem">Finds the sentence about a name of a file that is wrong by itself, or null.</param>
    public static Argument<string> CreateArgument(string name, string description, Func<string, string?>? problem = null)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result => Check(result, name, problem));
        return argument;
    }

    private static void Check(SymbolResult result, string symbol, Func<string, string?>? problem)
    {
        foreach (string path in result.Tokens.Select(token => token.Value))
        {
            string? sentence = path.Length == 0 ? $"{symbol} is empty, expected the name of a file." : problem?.Invoke(path);
            if (sentence is not null)
            {
                result.AddError(sentence);
            }
        }
    }
}
