namespace SpanRnn.Formats.Files;

/// <summary>
/// A file that is read once, from its start to its end, in pieces, into memory that the reader owns. A file that changes meanwhile is
/// refused: its length and the time of its last change are compared before and after. Bytes that a caller has in memory are a file too.
/// </summary>
internal sealed class InputFile : IDisposable
{
    // Enough for every format to show itself, with the name of the first entry of an archive.
    private const int HeadLength = 512;

    private const int PipePiece = 1 << 16;

    private readonly FileStream? _stream;
    private readonly ReadOnlyMemory<byte> _head;
    private readonly long _length;
    private readonly DateTime _changed;
    private long _position;

    private InputFile(ReadOnlyMemory<byte> bytes, string name) => (_head, _length, Name) = (bytes, bytes.Length, name);

    private InputFile(FileStream stream, string path)
    {
        (_stream, Name) = (stream, path);
        (_length, _changed) = Measure(stream);
        byte[] head = new byte[HeadLength];
        _head = head.AsMemory(0, stream.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false));
    }

    /// <summary>The file as messages call it.</summary>
    public string Name { get; }

    /// <summary>The first bytes, which tell the format.</summary>
    public ReadOnlySpan<byte> Head => _head.Span[..Math.Min(_head.Length, HeadLength)];

    /// <summary>Makes a file of bytes in memory, which <see cref="ReadAll"/> does not copy.</summary>
    public static InputFile Of(ReadOnlyMemory<byte> bytes, string name) => new(bytes, name);

    /// <summary>Opens a file or a pipe.</summary>
    /// <exception cref="IOException">The file is missing, is a folder or a device, has 2 GB or more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static InputFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder, expected a file.");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"'{path}' does not exist or cannot be reached, expected a file.", path);
        }

        // Other programs may write the file or replace it: whether they did is checked at the end.
        var stream = new FileStream(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        try
        {
            // A device might never end. A pipe cannot be sought.
            if (stream.CanSeek && stream.Length == 0 && AtomicFiles.IsDevice(AtomicFiles.Destination(path)))
            {
                throw new IOException($"'{path}' is a device, expected a file.");
            }

            return stream.CanSeek && stream.Length >= int.MaxValue
                ? throw new IOException($"'{path}' has {stream.Length} bytes, expected less than {int.MaxValue}.")
                : new InputFile(stream, path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <inheritdoc cref="Open"/>
    public static ReadOnlyMemory<byte> Read(string path)
    {
        using InputFile file = Open(path);
        return file.ReadAll();
    }

    /// <summary>Reads the whole file into one array. Nothing was read before.</summary>
    /// <exception cref="IOException">The file changed while it was read, has 2 GB or more, or cannot be read.</exception>
    public ReadOnlyMemory<byte> ReadAll()
    {
        if (_stream is null)
        {
            return _head;
        }

        if (!_stream.CanSeek)
        {
            // A pipe does not say its length.
            using var all = new MemoryStream();
            byte[] piece = new byte[PipePiece];
            for (int count = Read(piece); count > 0; count = Read(piece))
            {
                all.Write(piece, 0, count);
            }

            return all.GetBuffer().AsMemory(0, (int)all.Length);
        }

        // Not cleared, so that it takes its memory page by page, as it is read into.
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)_length);
        for (int count = 0; count < bytes.Length;)
        {
            count += Read(bytes.AsSpan(count));
        }

        // The end is yet to be seen: a file that grew has more.
        Span<byte> beyond = stackalloc byte[1];
        ExpectUnchanged(Read(beyond) == 0);
        return bytes;
    }

    /// <summary>Reads the next bytes.</summary>
    /// <returns>How many they are: 0 only at the end, or for an empty span.</returns>
    /// <exception cref="IOException">The file ends and changed while it was read, or cannot be read.</exception>
    public int Read(Span<byte> bytes)
    {
        int count;
        if (_position < _head.Length)
        {
            count = Math.Min(bytes.Length, _head.Length - (int)_position);
            _head.Span.Slice((int)_position, count).CopyTo(bytes);
        }
        else
        {
            count = _stream?.Read(bytes) ?? 0;
        }

        _position += count;
        if (count == 0 && bytes.Length > 0)
        {
            ExpectUnchanged(_stream is not { CanSeek: true } || _position == _length);
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    private static (long Length, DateTime Changed) Measure(FileStream stream) => stream.CanSeek
        ? (RandomAccess.GetLength(stream.SafeFileHandle), File.GetLastWriteTimeUtc(stream.SafeFileHandle))
        : default;

    private void ExpectUnchanged(bool isWhole)
    {
        if (!isWhole || (_stream is not null && Measure(_stream) != (_length, _changed)))
        {
            throw new IOException($"'{Name}' changed while it was read, expected a file that stays as it is.");
        }
    }
}
