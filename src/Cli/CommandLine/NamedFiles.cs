using System.Buffers;
using System.CommandLine;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Values of an option that is given as FILE or NAME=FILE, once for each name. A model decides which names there are.</summary>
internal sealed class NamedFiles
{
    private static readonly SearchValues<char> _word =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private readonly string _option;
    private readonly string[] _values;
    private readonly string? _ending;

    private NamedFiles(string option, string[] values, string? ending) => (_option, _values, _ending) = (option, values, ending);

    /// <summary>Makes an option, which has to be given at least once unless the caller says otherwise.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="ending">The usual ending of files that are written; null for files that are read.</param>
    public static Option<NamedFiles> CreateOption(string name, string description, string? ending = null) => new(name)
    {
        Description = description,
        HelpName = "[NAME=]FILE",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => new NamedFiles(name, [.. result.Tokens.Select(token => token.Value)], ending),
    };

    /// <summary>Reads the arrays that are given with a name: some models cannot be read without them.</summary>
    public Dictionary<string, NpyArray> ReadArrays()
    {
        var arrays = new Dictionary<string, NpyArray>();
        foreach (string value in _values)
        {
            int end = value.IndexOf('=');
            if (end > 0 && File.Exists(value[(end + 1)..]))
            {
                arrays.TryAdd(value[..end], NpyArray.Load(value[(end + 1)..]));
            }
        }

        return arrays;
    }

    /// <summary>Finds the file of each name.</summary>
    /// <param name="names">The names that may be given.</param>
    /// <param name="main">The name of a file that is given without one.</param>
    /// <param name="needed">True if there has to be a file for <paramref name="main"/>.</param>
    /// <exception cref="WrongCommandLineException">
    /// A name is unknown, is given twice or has no file, a file is missing, or an output ends as a file of another format.
    /// </exception>
    public Dictionary<string, string> Resolve(IReadOnlyCollection<string> names, string main, bool needed = false)
    {
        var files = new Dictionary<string, string>();
        foreach (string value in _values)
        {
            // A path may contain "=" too: a name is one that the model knows, or a word.
            int end = value.IndexOf('=');
            string? name = end > 0 && (names.Contains(value[..end]) || value.AsSpan(0, end).IndexOfAnyExcept(_word) < 0)
                ? value[..end]
                : null;
            string file = name is null ? value : value[(end + 1)..];
            name ??= main;
            string? problem = !names.Contains(name) ? $"'{value}' has the name '{name}', expected one of {string.Join(", ", names)}"
                : file.Length == 0 ? $"'{value}' names no file, expected {name}=FILE"
                : !files.TryAdd(name, file) ? $"{name} is given twice, expected one file"
                : null;
            if (problem is not null)
            {
                throw new WrongCommandLineException($"{_option} {problem}.");
            }

            if (_ending is not null && FileEnding.Problem(_option, file, _ending) is { } sentence)
            {
                throw new WrongCommandLineException(sentence);
            }
        }

        return !needed || files.ContainsKey(main)
            ? files
            : throw new WrongCommandLineException($"{_option} {main} is missing, expected a file for it.");
    }
}
