namespace SpanRnn.Formats.Files;

/// <summary>
/// A temporary file in the folder of its destination, for <see cref="AtomicFiles"/>. Errors have the name of the destination.
/// </summary>
internal sealed class PendingFile : FileStream
{
    private readonly string _path;
    private readonly string _temporary;
    private bool _isComplete;

    private PendingFile(string path, string destination, string temporary)
        : base(temporary, FileMode.CreateNew, FileAccess.Write) =>
        (_path, Destination, _temporary) = (path, destination, temporary);

    /// <summary>The file that this one replaces, without links.</summary>
    public string Destination { get; }

    /// <summary>Makes the file.</summary>
    /// <param name="path">The destination as messages call it.</param>
    /// <param name="destination">The destination without links.</param>
    public static PendingFile Create(string path, string destination)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(destination) ?? destination, Path.GetRandomFileName() + ".tmp");
        try
        {
            return new PendingFile(path, destination, temporary);
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnauthorizedAccessException($"'{path}' cannot be created, expected a writable folder.");
        }
        catch (IOException e)
        {
            throw Unwritable(e, path, temporary);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Try(() => base.Write(buffer, offset, count));

    /// <inheritdoc/>
    public override void Flush() => Try(base.Flush);

    /// <summary>Closes the file, with its content on the disk and the permissions of the file that it will replace.</summary>
    public void Complete()
    {
        if (_isComplete)
        {
            return;
        }

        Try(() =>
        {
            // The content must be on the disk before its name is: otherwise a power cut could leave an empty file under that name.
            Flush(flushToDisk: true);
            if (!OperatingSystem.IsWindows() && File.Exists(Destination))
            {
                File.SetUnixFileMode(SafeFileHandle, File.GetUnixFileMode(Destination));
            }

            Dispose();
        });
        _isComplete = true;
    }

    /// <summary>Renames the complete file over its destination.</summary>
    public void Replace()
    {
        try
        {
            File.Move(_temporary, Destination, overwrite: true);
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnauthorizedAccessException($"'{Destination}' cannot be replaced, expected a file that can be overwritten.");
        }
        catch (IOException e)
        {
            throw new IOException(
                $"'{Destination}' cannot be replaced, expected a file that can be overwritten: {Reason(e, _temporary)}.", e);
        }
    }

    /// <summary>Closes and deletes the file.</summary>
    public void Delete()
    {
        try
        {
            Dispose();
        }
        finally
        {
            File.Delete(_temporary);
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnauthorizedAccessException($"'{_path}' cannot be created, expected a writable folder.");
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            // ArgumentOutOfRangeException: the file is larger than the file system or the process allows.
            throw Unwritable(e, _path, _temporary);
        }
    }

    private static IOException Unwritable(Exception e, string path, string temporary) =>
        new($"'{path}' cannot be written, expected free space and a writable folder: {Reason(e, temporary)}.", e);

    // Nobody knows the name of the temporary file, which the system may put behind its reason.
    private static string Reason(Exception e, string temporary) =>
        e.Message.Replace($" : '{temporary}'", string.Empty, StringComparison.Ordinal).TrimEnd('.');
}
