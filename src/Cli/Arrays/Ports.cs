namespace SpanRnn.Cli.Arrays;

/// <summary>Choices among the ports of a model: the names and layouts of the arrays that it takes and gives.</summary>
internal static class Ports
{
    /// <summary>Finds x or y, the port of a file that is given without a name.</summary>
    public static ModelPort Principal(IReadOnlyList<ModelPort> ports) =>
        ports.FirstOrDefault(port => port.Kind is PortKind.Values or PortKind.Symbols) ?? ports[0];

    /// <summary>Lists the names.</summary>
    public static string[] Names(IEnumerable<ModelPort> ports) => [.. ports.Select(port => port.Name)];

    /// <summary>Puts the batch of an array first if --batch-first asks for it.</summary>
    public static ModelPort As(ModelPort port, bool batchFirst) => batchFirst ? port.BatchFirst() : port;
}
