using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace SpanRnn.Cli;

/// <summary>The values of an option that is given as FILE or NAME=FILE, once for each name.</summary>
internal sealed class NamedFiles
{
    private static readonly SearchValues<char> _word =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private readonly Dictionary<string, string> _files = [];

    /// <summary>All files.</summary>
    public IEnumerable<string> Files => _files.Values;

    /// <summary>The file of that name, or null.</summary>
    public string? this[string name] => _files.GetValueOrDefault(name);

    /// <summary>An option of this kind that has to be given at least once.</summary>
    /// <param name="option">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="needed">The name without which nothing can be done, or null.</param>
    /// <param name="names">
    /// The names: the first is meant where none is given. "hn|gh" is one name with a second way to write it.
    /// </param>
    public static Option<NamedFiles> Option(string option, string description, string? needed, params string[] names)
    {
        string[][] spellings = [.. names.Select(name => name.Split('|'))];
        return new Option<NamedFiles>(option)
        {
            Description = description,
            HelpName = "[NAME=]FILE",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => Parse(result, option, needed, spellings),
        };
    }

    private static NamedFiles? Parse(ArgumentResult result, string option, string? needed, string[][] spellings)
    {
        var files = new NamedFiles();
        string known = string.Join(", ", spellings.Select(spelling => spelling[^1]));
        foreach (Token token in result.Tokens)
        {
            (string? name, string file) = Split(token.Value);
            string[]? spelling = name is null ? spellings[0] : Array.Find(spellings, spelling => spelling.Contains(name));
            if (spelling is null)
            {
                result.AddError($"{option} '{token.Value}' has the name '{name}', expected one of {known}.");
                return null;
            }

            if (file.Length == 0)
            {
                result.AddError($"{option} '{token.Value}' names no file, expected {spelling[^1]}=FILE.");
                return null;
            }

            if (!files._files.TryAdd(spelling[0], file))
            {
                result.AddError($"{option} {spelling[^1]} is given twice, expected one file.");
                return null;
            }
        }

        if (needed is not null && files[needed] is null)
        {
            result.AddError($"{option} {needed} is missing, expected a file for it.");
            return null;
        }

        return files;
    }

    // A path may hold "=" too: only a word before it is a name.
    private static (string? Name, string File) Split(string value)
    {
        int end = value.IndexOf('=');
        return end > 0 && value.AsSpan(0, end).IndexOfAnyExcept(_word) < 0 ? (value[..end], value[(end + 1)..]) : (null, value);
    }
}
