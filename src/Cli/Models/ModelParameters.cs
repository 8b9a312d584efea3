using System.Numerics;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Models;

/// <summary>Parameters of a model.</summary>
internal static class ModelParameters
{
    /// <summary>Reads the parameters. Warns of NaN and infinity, and of parameters that are all zero.</summary>
    public static AlignedBuffer<T> Read<T>(RecurrentModel model, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AlignedBuffer<T> parameters = model.ReadParameters<T>();
        for (int i = 0; i < model.Sources.Length; i++)
        {
            (string name, int[] shape) = Tensor(model, i);
            Span<T> values = model.Spec.Parameters.Slots[i].In(parameters.Span);
            ArrayContent.WarnUnlessFinite<T>($"{model.Name}: tensor '{name}'", shape, values, terminal.Notice);
        }

        if (model.Spec.Parameters.Count > 0 && parameters.Span.IndexOfAnyExcept(T.Zero) < 0)
        {
            terminal.Notice(
                $"warning: {model.Name}",
                $": all {Amount.Of(model.Spec.Parameters.Count)} parameters are zero, expected a trained model.");
        }

        return parameters;
    }

    /// <summary>Describes a parameter as the file has it if it is one whole tensor there, else as the network has it.</summary>
    public static (string Name, int[] Shape) Tensor(RecurrentModel model, int index)
    {
        ParameterSource source = model.Sources[index];
        ParameterSlot slot = model.Spec.Parameters.Slots[index];
        return source.IsWhole ? (source.Name, source.Shape.ToArray()) : (slot.Name, [slot.Rows, slot.Columns]);
    }
}
