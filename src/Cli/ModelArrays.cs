using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>The arrays of a model as the command line names and lays them out.</summary>
internal static class ModelArrays
{
    /// <summary>x or y: the array that is meant where a file has no name.</summary>
    public static ModelPort Principal(IReadOnlyList<ModelPort> ports) =>
        ports.FirstOrDefault(port => port.Kind is PortKind.Values or PortKind.Symbols) ?? ports[0];

    /// <summary>Their names.</summary>
    public static string[] Names(IEnumerable<ModelPort> ports) => [.. ports.Select(port => port.Name)];

    /// <summary>The files of a model's inputs; there has to be one for x.</summary>
    public static Dictionary<string, string> Files(RecurrentModel model, NamedFiles inputs) =>
        inputs.Resolve(Names(model.Inputs), Principal(model.Inputs).Name, needed: true);

    /// <summary>An array with its batch first where that is asked for.</summary>
    public static ModelPort As(ModelPort port, bool batchFirst) => batchFirst ? port.BatchFirst() : port;

    /// <summary>Refuses --batch-first for a model whose x has no steps before a batch to exchange.</summary>
    public static void ExpectTimeMajor(RecurrentModel model, bool batchFirst)
    {
        ModelPort x = Principal(model.Inputs);
        if (batchFirst && x.BatchFirst() == x)
        {
            throw new ModelFormatException(model.Name, $"{x.Name} is {x.Axes}, expected no --batch-first, which is for [T, B, ...].");
        }
    }
}
