namespace SpanRnn.Cli.CommandLine;

/// <summary>Endings of names, which tell the formats of files.</summary>
internal static class FileEnding
{
    private static readonly string[] _known =
    [
        ".aiff", ".bin", ".ckpt", ".csv", ".flac", ".gguf", ".gz", ".h5", ".hdf5", ".html", ".json", ".keras", ".mat", ".mp3", ".nam",
        ".npy", ".npz", ".ogg", ".onnx", ".pb", ".pickle", ".pkl", ".png", ".pt", ".pth", ".safetensors", ".svg", ".tar", ".tflite",
        ".wav", ".xlsx", ".xml", ".yaml", ".zip",
    ];

    /// <summary>Finds the ending of a name, in lower case; empty if there is none.</summary>
    public static string Of(string path) => Path.GetExtension(path).ToLowerInvariant();

    /// <summary>Checks the name of a file that will be written in one format.</summary>
    /// <param name="symbol">The option.</param>
    /// <param name="path">The name, which may end as it likes but not as a file of another format.</param>
    /// <param name="ending">The usual ending of the format.</param>
    /// <returns>The sentence about a wrong ending, or null. A checkpoint, which is safetensors, may end in .ckpt.</returns>
    public static string? Problem(string symbol, string path, string ending) =>
        Of(path) != ending && _known.Contains(Of(path)) && (Of(path), ending) != (".ckpt", ".safetensors")
            ? $"{symbol} is '{path}', expected a name that ends in {ending}, or in nothing that names another format."
            : null;
}
