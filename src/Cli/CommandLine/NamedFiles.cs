using System.Buffers;
using System.CommandLine;
using SpanRnn.Formats;

namespace SpanRnn.Cli.CommandLine;

/// <summary>
/// The values of an option that is given as FILE or NAME=FILE, once for each name. Which names there are is known once a model has been
/// read.
/// </summary>
internal sealed class NamedFiles
{
    private static readonly SearchValues<char> _word =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private readonly string _option;
    private readonly string[] _values;

    private NamedFiles(string option, string[] values) => (_option, _values) = (option, values);

    /// <summary>An option of this kind that has to be given at least once.</summary>
    /// <param name="option">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    public static Option<NamedFiles> Option(string option, string description) => new(option)
    {
        Description = description,
        HelpName = "[NAME=]FILE",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => new NamedFiles(option, [.. result.Tokens.Select(token => token.Value)]),
    };

    /// <summary>The arrays that have names, for models that need some of them to be read at all.</summary>
    public Dictionary<string, NpyFile> Arrays()
    {
        var arrays = new Dictionary<string, NpyFile>();
        foreach (string value in _values)
        {
            int end = value.IndexOf('=');
            if (end > 0 && File.Exists(value[(end + 1)..]))
            {
                arrays.TryAdd(value[..end], NpyFile.Read(value[(end + 1)..]));
            }
        }

        return arrays;
    }

    /// <summary>The file of each name.</summary>
    /// <param name="names">The names that there are.</param>
    /// <param name="main">The one that is meant where none is given.</param>
    /// <param name="needed">Whether nothing can be done without that one.</param>
    /// <exception cref="WrongCommandLineException">A name is none of these, stands twice or has no file.</exception>
    public Dictionary<string, string> Resolve(IReadOnlyCollection<string> names, string main, bool needed = false)
    {
        var files = new Dictionary<string, string>();
        foreach (string value in _values)
        {
            // A path may hold "=" too: only what the model knows, or a word, is a name.
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
        }

        return !needed || files.ContainsKey(main)
            ? files
            : throw new WrongCommandLineException($"{_option} {main} is missing, expected a file for it.");
    }
}
