using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Output;

/// <summary>Files that a command writes.</summary>
internal static class OutputFiles
{
    /// <summary>
    /// Refuses a place that cannot be written to, before the work whose result goes there: a temporary file is made and removed.
    /// </summary>
    public static void ExpectWritable(string path)
    {
        using var files = new AtomicFiles();
        files.Add(path, []);
    }

    /// <summary>Refuses an output that is also an input.</summary>
    public static void ExpectSeparate(IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        HashSet<string> read = [.. inputs.Select(AtomicFiles.Destination)];
        foreach (string output in outputs)
        {
            if (read.Contains(AtomicFiles.Destination(output)))
            {
                throw new IOException($"'{output}' is read and would be overwritten, expected another name for the output.");
            }
        }
    }
}
