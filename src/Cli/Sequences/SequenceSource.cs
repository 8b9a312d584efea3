using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Sequences;

/// <summary>Sequences that a command reads one by one: a file, or the standard input.</summary>
internal static class SequenceSource
{
    /// <summary>Makes the argument that names the file, or nothing.</summary>
    public static Argument<string> CreateFile(string name)
    {
        Argument<string> file = FileOption.CreateArgument(
            name, "Sequences: lines of text, a table or FASTA; by default the lines of the standard input.");
        file.Arity = ArgumentArity.ZeroOrOne;
        return file;
    }

    /// <summary>Makes the option that names the column of a table.</summary>
    public static Option<string?> CreateColumn() => ColumnOption.Create("--sequence", "The column of the sequences of a table.");

    /// <summary>Finds the sequences.</summary>
    /// <param name="task">What they are for.</param>
    /// <param name="path">The file; null for the standard input.</param>
    /// <param name="column">The column that was chosen; null if none was.</param>
    /// <param name="keepsEmpty">As for <see cref="SequenceReader"/>.</param>
    /// <param name="terminal">Has the standard input.</param>
    /// <returns>What messages call them, and the sequences, which are read as they are asked for.</returns>
    public static (string Name, IEnumerable<SequenceRecord> Records) Read(
        SequenceTask task, string? path, string? column, bool keepsEmpty, Terminal terminal)
    {
        if (column is not null && (path is null || SequenceFile.KindOf(path) != SequenceFileKind.Table))
        {
            throw new WrongCommandLineException("--sequence is given, expected it only with a table.");
        }

        const string Input = "the standard input";
        return path is null
            ? (Input, SequenceReader.Read(terminal.OpenInput(), Input, keepsEmpty: keepsEmpty))
            : (path, task.Read(path, new SequenceFileOptions { SequenceColumn = column }, keepsEmpty));
    }
}
