namespace SpanRnn.Formats.Files;

/// <summary>Reads a whole file as bytes.</summary>
internal static class InputFile
{
    /// <summary>Reads the file into an array, which stays the same if the file changes later.</summary>
    /// <exception cref="IOException">The file is missing, is a folder, has 2 GB or more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] Read(string path)
    {
        _ = Length(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>Maps the file, for models. On Windows, where a mapped file cannot be replaced, the file is read into an array.</summary>
    /// <inheritdoc cref="Read"/>
    public static ReadOnlyMemory<byte> Map(string path)
    {
        // A pipe or a device has no length and might never end, so it counts as empty.
        int length = Length(path);
        return length == 0 ? default
            : OperatingSystem.IsWindows() ? File.ReadAllBytes(path)
            : new MappedFile(path, length).Memory;
    }

    private static int Length(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder, expected a file.");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"'{path}' does not exist or cannot be reached, expected a file.", path);
        }

        // A link has a length of its own.
        var info = new FileInfo(path);
        long length = (info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info).Length;
        return length < int.MaxValue
            ? (int)length
            : throw new IOException($"'{path}' has {length} bytes, expected less than {int.MaxValue}.");
    }
}
