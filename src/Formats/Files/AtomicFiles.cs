namespace SpanRnn.Formats.Files;

/// <summary>
/// Output files that appear whole or not at all, and only once all of them are written. Each file is written to a temporary file in the
/// folder of its destination; <see cref="Commit"/> renames the temporary files over their destinations. Disposing without a commit deletes
/// the temporary files and leaves every destination as it was.
/// </summary>
internal sealed class AtomicFiles : IDisposable
{
    private readonly List<PendingFile> _pending = [];

    /// <summary>Follows all symbolic links of a path. The file at the end need not exist.</summary>
    /// <exception cref="IOException">The links form a ring.</exception>
    public static string Destination(string path)
    {
        string full = Path.GetFullPath(path);
        string followed = Path.GetPathRoot(full) ?? string.Empty;
        foreach (string part in full[followed.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var here = new FileInfo(Path.Combine(followed, part));
            FileSystemInfo? target = here.LinkTarget is null ? null : here.ResolveLinkTarget(returnFinalTarget: true);
            followed = target is null ? here.FullName : Destination(target.FullName);
        }

        return followed;
    }

    /// <summary>Writes one file, whole or not at all.</summary>
    /// <exception cref="IOException">As in <see cref="Add"/> and <see cref="Commit"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">As in <see cref="Add"/> and <see cref="Commit"/>.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var files = new AtomicFiles();
        files.Add(path, content);
        files.Commit();
    }

    /// <summary>Returns true for a path without links that is a device. /dev/shm is a folder of files like any other.</summary>
    public static bool IsDevice(string destination) =>
        (destination.StartsWith("/dev/", StringComparison.Ordinal) && !destination.StartsWith("/dev/shm/", StringComparison.Ordinal))
        || destination.StartsWith("/proc/", StringComparison.Ordinal);

    /// <summary>
    /// Writes <paramref name="content"/> to a temporary file that will become <paramref name="path"/> or, if that is a link, its target.
    /// </summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    public void Add(string path, ReadOnlySpan<byte> content)
    {
        PendingFile file = Open(path);
        file.Write(content);
        file.Complete();
    }

    /// <summary>
    /// Makes a temporary file that will become <paramref name="path"/> or, if that is a link, its target. What is written to the stream,
    /// which belongs to this object, must be flushed before <see cref="Commit"/>.
    /// </summary>
    /// <exception cref="IOException">
    /// The destination is a folder or a device, was added before, or its folder does not exist or cannot be written to; the stream throws
    /// it too.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The destination is read-only, or its folder may not be written to.</exception>
    public Stream Create(string path) => Open(path);

    /// <summary>
    /// Renames every file over its destination, in the order in which they were added. If the system refuses one of the renames, the files
    /// before it are complete and the remaining destinations are unchanged.
    /// </summary>
    /// <exception cref="IOException">A destination cannot be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">A destination may not be replaced.</exception>
    public void Commit()
    {
        foreach (PendingFile file in _pending)
        {
            file.Complete();
        }

        while (_pending.Count > 0)
        {
            _pending[0].Replace();
            _pending.RemoveAt(0);
        }
    }

    /// <summary>Deletes the temporary files that have not been committed.</summary>
    public void Dispose()
    {
        foreach (PendingFile file in _pending)
        {
            try
            {
                file.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Usually another failure is under way, which is the one worth reporting.
            }
        }

        _pending.Clear();
    }

    private PendingFile Open(string path)
    {
        string destination = Destination(path);
        string folder = Path.GetDirectoryName(destination) ?? destination;
        if (Directory.Exists(destination) || Path.EndsInDirectorySeparator(path))
        {
            throw new IOException($"'{path}' is a folder, expected the name of a file to write.");
        }

        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The folder of '{path}' does not exist, expected an existing folder.");
        }

        // Without this check, root would replace /dev/null itself by a file.
        if (IsDevice(destination))
        {
            throw new IOException($"'{path}' is a device, expected the name of a file to write.");
        }

        // A rename needs the permission of the folder alone, so it would replace a read-only file.
        if (File.Exists(destination) && File.GetAttributes(destination).HasFlag(FileAttributes.ReadOnly))
        {
            throw new UnauthorizedAccessException($"'{path}' is read-only, expected a file that can be overwritten.");
        }

        if (_pending.Exists(file => file.Destination == destination))
        {
            throw new IOException($"'{path}' is written twice, expected a different name for each output.");
        }

        var file = PendingFile.Create(path, destination);
        _pending.Add(file);
        return file;
    }
}
