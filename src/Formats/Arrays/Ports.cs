using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Arrays;

/// <summary>Choices among the ports of a model: the names and layouts of the arrays that it takes and gives.</summary>
internal static class Ports
{
    /// <summary>Finds x or y, the port of a file that is given without a name.</summary>
    public static ModelPort Principal(IReadOnlyList<ModelPort> ports) =>
        ports.FirstOrDefault(port => port.Kind is PortKind.Values or PortKind.Symbols) ?? ports[0];

    /// <summary>Lists the names.</summary>
    public static string[] Names(IEnumerable<ModelPort> ports) => [.. ports.Select(port => port.Name)];

    /// <summary>Lists the ports, x or y first.</summary>
    public static IEnumerable<ModelPort> PrincipalFirst(IReadOnlyList<ModelPort> ports)
    {
        ModelPort first = Principal(ports);
        return ports.Where(port => port != first).Prepend(first);
    }

    /// <summary>Refuses a batch that comes first in a model whose x is not [T, B, …].</summary>
    /// <param name="model">The model.</param>
    /// <param name="batchFirst">True if it comes first.</param>
    /// <param name="choice">What the caller chose it with.</param>
    /// <exception cref="ModelFormatException">The axes of x cannot be exchanged.</exception>
    public static void ExpectTimeMajor(RecurrentModel model, bool batchFirst, string choice)
    {
        ModelPort x = Principal(model.Inputs);
        if (batchFirst && x.BatchFirst() == x)
        {
            throw new ModelFormatException(
                model.Name, $"{x.Name} is {x.Axes}, expected no {choice}, which is for [T, B, ...].");
        }
    }

    /// <summary>Puts the batch of an array first if the caller asks for it.</summary>
    public static ModelPort As(ModelPort port, bool batchFirst) => batchFirst ? port.BatchFirst() : port;
}
