using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>A model with its parameters, as the commands that compute with it read it.</summary>
internal static class ModelFile
{
    /// <summary>The parameters of a model; says so on the error stream where they hold NaN or infinity.</summary>
    public static AlignedBuffer<T> ReadParameters<T>(PyTorchModel model, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AlignedBuffer<T> parameters = model.ReadParameters<T>();
        for (int i = 0; i < model.Tensors.Length; i++)
        {
            SafetensorsTensor tensor = model.Tensors[i];
            Span<T> values = model.Spec.Parameters.Slots[i].In(parameters.Span);
            NumberFile.WarnUnlessFinite<T>($"{model.Name}: tensor '{tensor.Name}'", tensor.Shape, values, terminal);
        }

        return parameters;
    }
}
