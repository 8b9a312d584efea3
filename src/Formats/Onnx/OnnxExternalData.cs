using SpanRnn.Formats.Files;

namespace SpanRnn.Formats.Onnx;

/// <summary>Tensors in other files, which must be in the model's own folder.</summary>
/// <param name="file">The model as messages call it.</param>
/// <param name="folder">Its folder; null for a model that was not read from a file.</param>
/// <param name="limits">The limits of the model.</param>
internal sealed class OnnxExternalData(string file, string? folder, OnnxLimits limits)
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);

    /// <summary>Reads part of a file in the folder.</summary>
    /// <param name="tensor">The tensor as messages call it.</param>
    /// <param name="location">The path in the folder, as it is in the model.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="length">The number of bytes.</param>
    public ReadOnlyMemory<byte> Read(string tensor, string location, long start, long length)
    {
        if (!_files.TryGetValue(location, out ReadOnlyMemory<byte> bytes))
        {
            bytes = Open(tensor, location);
            _files.Add(location, bytes);
        }

        return start <= bytes.Length && length <= bytes.Length - start
            ? bytes.Slice((int)start, (int)length)
            : throw new ModelFormatException(
                file, $"{tensor} is {length} bytes from {start} of {ModelFormatException.Quote(location)}, which has {bytes.Length}.");
    }

    private ReadOnlyMemory<byte> Open(string tensor, string location)
    {
        string quoted = ModelFormatException.Quote(location);
        if (folder is null)
        {
            throw new ModelFormatException(
                file, $"{tensor} is in another file, {quoted}, expected it in the model, which was not read from a folder.");
        }

        string[] parts = location.Split('/', '\\');
        if (location.Contains('\0') || location.Contains(':') || parts.Any(part => part is "" or "." or ".."))
        {
            throw new ModelFormatException(file, $"{tensor} is in {quoted}, expected a file in the folder of the model.");
        }

        string path = Path.Combine([folder, .. parts]);
        try
        {
            string inside = Resolve(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
            if (!Resolve(path).StartsWith(inside, StringComparison.Ordinal))
            {
                throw new ModelFormatException(
                    file, $"{tensor} is in {quoted}, which is a link to outside the folder of the model, expected a file in it.");
            }

            ReadOnlyMemory<byte> bytes = InputFile.Read(path);
            limits.Extend(bytes.Length);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ModelFormatException(file, $"{tensor} is in {quoted}, expected a file that can be read: {e.Message}");
        }
    }

    // Resolves the links in all parts of a path.
    private static string Resolve(string path)
    {
        const int Links = 40;
        for (int i = 0; i < Links; i++)
        {
            string? replaced = null;
            for (string? part = path; part is not null && replaced is null; part = Path.GetDirectoryName(part))
            {
                FileSystemInfo info = Directory.Exists(part) ? new DirectoryInfo(part) : new FileInfo(part);
                if (info.LinkTarget is { } target)
                {
                    string full = Path.GetFullPath(target, Path.GetDirectoryName(part)!);
                    replaced = Path.GetFullPath(full + path[part.Length..]);
                }
            }

            if (replaced is null)
            {
                return path;
            }

            path = replaced;
        }

        throw new IOException($"'{path}' has too many links.");
    }
}
