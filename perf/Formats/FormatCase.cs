namespace SpanRnn.Perf;

/// <summary>A file to be loaded.</summary>
/// <param name="Name">What it holds and how.</param>
/// <param name="Extension">Of its name.</param>
/// <param name="Spec">The network.</param>
/// <param name="Bytes">The file for parameters of the network.</param>
/// <param name="IsExact">Whether the file has the very numbers, so that the loaded network has to give the very outputs.</param>
internal sealed record FormatCase(
    string Name, string Extension, NetworkSpec Spec, Func<NetworkSpec, float[], byte[]> Bytes, bool IsExact = true);
