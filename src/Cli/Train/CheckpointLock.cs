using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Train;

/// <summary>
/// Lock on a checkpoint, so that only one run writes it: a file NAME.lock that is held open and deleted at the end. The system drops the
/// lock when the process dies, however it dies, so a file that is left over blocks nobody.
/// </summary>
internal sealed class CheckpointLock : IDisposable
{
    // Codes of an IOException: EAGAIN of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static readonly int[] _taken = [11, 35, 32];

    private readonly FileStream _file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="IOException">Another run has it.</exception>
    public CheckpointLock(string checkpoint)
    {
        try
        {
            _file = new FileStream(
                AtomicFiles.Destination(checkpoint) + ".lock",
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 0,
                FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (_taken.Contains(e.HResult & 0xFFFF))
        {
            throw new IOException(
                $"'{checkpoint}' belongs to another run that goes on now, expected its end or another name for the checkpoint.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
