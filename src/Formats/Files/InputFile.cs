namespace SpanRnn.Formats;

/// <summary>A whole file as bytes.</summary>
internal static class InputFile
{
    /// <summary>The file in an array, which stays as it is whatever becomes of the file.</summary>
    /// <exception cref="IOException">The file is missing, is a folder, has 2 GB or more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] Read(string path)
    {
        _ = Length(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>
    /// The file as a <see cref="MappedFile"/>, for models; on Windows, where nobody may replace what is mapped, in an array.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static ReadOnlyMemory<byte> Map(string path)
    {
        // A pipe or a device has no length and might never end: it is as good as empty.
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
