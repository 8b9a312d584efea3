using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>compare: SpanRnn beside the limits of the machine and beside other libraries.</summary>
internal static class CompareCommand
{
    public static Command Create(TextWriter output, TextWriter error) =>
        new("compare", "Compares SpanRnn with the limits of this machine and with other libraries.")
        {
            CompareKernelsCommand.Create(output, error),
            CompareCellsCommand.Create(output, error),
            CompareTrainingCommand.Create(output, error),
            CompareFormatsCommand.Create(output, error),
        };
}
