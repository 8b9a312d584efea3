using System.Globalization;
using System.Text;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Train;

/// <summary>
/// CSV file with one line per step, which grows with the run. A resumed run keeps the lines of the steps before it, so that the file
/// ends as that of a run that never stopped. If the file can grow no more, a warning says so and the run goes on without it.
/// </summary>
internal sealed class LossFile : IDisposable
{
    private const string Header = "step,loss,gradient_norm,clipped,rate\n";
    private const int MostWaiting = 4096;

    private readonly string _path;
    private readonly Terminal _terminal;
    private readonly FileStream _file;
    private readonly StringBuilder _waiting = new();
    private bool _isFull;

    /// <summary>Opens the file and removes the lines after the last step.</summary>
    /// <param name="path">The file.</param>
    /// <param name="steps">The number of steps that were taken; 0 starts a new file.</param>
    /// <param name="terminal">For the warning.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public LossFile(string path, long steps, Terminal terminal)
    {
        (_path, _terminal) = (path, terminal);
        try
        {
            // A device has no length.
            int kept = steps > 0 && File.Exists(path) && new FileInfo(path).Length > 0 ? Kept(File.ReadAllBytes(path), steps) : 0;
            _file = new FileStream(path, kept > 0 ? FileMode.Open : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            if (kept > 0)
            {
                _file.SetLength(kept);
                _file.Seek(0, SeekOrigin.End);
            }
            else
            {
                _waiting.Append(Header);
                Flush();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' cannot be opened, expected a writable file in an existing folder: {e.Message}", e);
        }
    }

    /// <summary>Adds the line of a step.</summary>
    public void Write(StepReport report)
    {
        _waiting.Append(
            CultureInfo.InvariantCulture,
            $"{report.Step},{report.Loss},{report.GradientNorm},{report.ClippedFraction},{report.LearningRate}\n");
        if (_waiting.Length > MostWaiting)
        {
            Flush();
        }
    }

    /// <summary>Writes all lines to the file. Called before a checkpoint, all of whose steps then have a line.</summary>
    public void Flush()
    {
        try
        {
            if (!_isFull)
            {
                _file.Write(Encoding.ASCII.GetBytes(_waiting.ToString()));
            }
        }
        catch (IOException e)
        {
            _isFull = true;
            _terminal.WriteError($"warning: '{_path}' can grow no more and lacks the losses from here on: {e.Message}");
        }

        _waiting.Clear();
    }

    public void Dispose() => _file.Dispose();

    // Bytes of the header and of the whole lines of the steps before.
    private static int Kept(ReadOnlySpan<byte> content, long steps)
    {
        int kept = 0;
        while (content[kept..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            string line = Encoding.ASCII.GetString(content.Slice(kept, length));
            bool isOfRun = kept == 0 ? line + '\n' == Header : long.TryParse(line.Split(',')[0], out long step) && step < steps;
            if (!isOfRun)
            {
                break;
            }

            kept += length + 1;
        }

        return kept;
    }
}
