using System.CommandLine;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Options of a command, each beside the setting that it changes.</summary>
/// <typeparam name="TSettings">A record; its initial values are the defaults.</typeparam>
/// <param name="command">The command that gets the options.</param>
internal sealed class OptionTable<TSettings>(Command command)
    where TSettings : new()
{
    private readonly List<Func<ParseResult, TSettings, TSettings>> _rows = [];

    /// <summary>Adds an option to the command.</summary>
    /// <param name="option">The option.</param>
    /// <param name="set">Puts a value that the command line has into the settings.</param>
    public void Add<T>(Option<T> option, Func<TSettings, T, TSettings> set)
    {
        command.Add(option);
        _rows.Add((result, settings) =>
            result.GetResult(option) is { Implicit: false } ? set(settings, result.GetValue(option)!) : settings);
    }

    /// <summary>Reads the settings of a command line.</summary>
    public TSettings Read(ParseResult result) => _rows.Aggregate(new TSettings(), (settings, row) => row(result, settings));
}
