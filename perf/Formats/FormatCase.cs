namespace SpanRnn.Perf;

/// <summary>A file to load.</summary>
/// <param name="Name">Format and content.</param>
/// <param name="Extension">Extension of the file's name.</param>
/// <param name="Spec">The network.</param>
/// <param name="Bytes">Makes the file from parameters of the network.</param>
/// <param name="IsExact">True if the file holds the same numbers, so that the loaded network must compute the same outputs.</param>
internal sealed record FormatCase(
    string Name, string Extension, NetworkSpec Spec, Func<NetworkSpec, float[], byte[]> Bytes, bool IsExact = true);
