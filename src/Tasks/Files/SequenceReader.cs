using SpanRnn.Tasks.Files;

namespace SpanRnn.Tasks;

/// <summary>
/// Sequences of a file or a pipe, one by one, for more of them than memory holds. They are read as <see cref="SequenceFile"/> reads them,
/// and a wrong one is the same error once it is reached.
/// </summary>
/// <remarks>
/// What comes before a record is not kept: memory grows with the longest record alone. A record of a text is there as soon as its line has
/// ended, one of FASTA as soon as the next begins. A table with names and what they are of, such as name and language, is read twice, to
/// find the column that repeats; where it comes through a pipe, the column of the sequences must be chosen.
/// </remarks>
public static class SequenceReader
{
    /// <summary>Reads a file or a named pipe, which is opened when the first record is asked for.</summary>
    /// <param name="path">The file; messages call it so.</param>
    /// <param name="options">Choices; null if the file tells.</param>
    /// <param name="keepsEmpty">
    /// True if a blank line of a text, and a record of FASTA or a row without a sequence, are records with an empty sequence, and there may
    /// be none at all; false if blank lines are skipped, and all else is an error.
    /// </param>
    /// <returns>The records in the order of the file; they may be enumerated again.</returns>
    /// <exception cref="ModelFormatException">The content is wrong, as for <see cref="SequenceFile.Load"/>; at that record.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read; at the first record.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read; at the first record.</exception>
    public static IEnumerable<SequenceRecord> Read(string path, SequenceFileOptions? options = null, bool keepsEmpty = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Records(() => SequenceInput.Open(path), path, options, keepsEmpty);
    }

    /// <summary>Reads a stream from where it is to its end, once.</summary>
    /// <param name="stream">The stream, such as a pipe; it is closed when the enumeration ends.</param>
    /// <param name="name">The stream as messages shall call it; its ending may tell the kind.</param>
    /// <param name="options">Choices; null if the stream tells.</param>
    /// <param name="keepsEmpty">As for a file.</param>
    /// <returns>The records in their order.</returns>
    /// <exception cref="ModelFormatException">The content is wrong, as for <see cref="SequenceFile.Load"/>; at that record.</exception>
    /// <exception cref="IOException">The stream cannot be read; at that record.</exception>
    public static IEnumerable<SequenceRecord> Read(
        Stream stream, string name, SequenceFileOptions? options = null, bool keepsEmpty = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return Records(() => stream, name, options, keepsEmpty);
    }

    private static IEnumerable<SequenceRecord> Records(Func<Stream> open, string name, SequenceFileOptions? options, bool keepsEmpty)
    {
        using Stream stream = open();
        using var input = new SequenceInput(stream, name, options, keepsEmpty);
        foreach (SequenceRecord record in input.Records())
        {
            yield return record;
        }
    }
}
