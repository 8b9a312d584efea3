namespace SpanRnn.Formats;

/// <summary>A whole file as bytes.</summary>
internal static class InputFile
{
    /// <exception cref="IOException">The file is missing, is a folder, has 2 GB or more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder, expected a file.");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"'{path}' does not exist or cannot be reached, expected a file.", path);
        }

        long length = new FileInfo(path).Length;
        return length < int.MaxValue
            ? File.ReadAllBytes(path)
            : throw new IOException($"'{path}' has {length} bytes, expected less than {int.MaxValue}.");
    }
}
