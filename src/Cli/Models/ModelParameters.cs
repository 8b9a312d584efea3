using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Cli.Arrays;
using SpanRnn.Cli.Output;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Models;

/// <summary>A model with its parameters, as the commands that compute with it read it.</summary>
internal static class ModelParameters
{
    /// <summary>The parameters of a model; says so on the error stream where they hold NaN or infinity.</summary>
    public static AlignedBuffer<T> ReadParameters<T>(RecurrentModel model, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AlignedBuffer<T> parameters = model.ReadParameters<T>();
        for (int i = 0; i < model.Sources.Length; i++)
        {
            (string name, int[] shape) = Tensor(model, i);
            Span<T> values = model.Spec.Parameters.Slots[i].In(parameters.Span);
            ArrayFile.WarnUnlessFinite<T>($"{model.Name}: tensor '{name}'", shape, values, terminal);
        }

        return parameters;
    }

    /// <summary>The activations of all layers and directions, and of the head.</summary>
    public static IEnumerable<ActivationSpec> Activations(NetworkSpec spec)
    {
        foreach (LayerSpec layer in spec.Layers.ToArray())
        {
            yield return layer.Activation;
            yield return layer.GateActivation;
            yield return layer.OutputActivation;
            if (layer.ReverseActivations is { } reverse)
            {
                yield return reverse.Activation;
                yield return reverse.GateActivation;
                yield return reverse.OutputActivation;
            }
        }

        if (spec.Head is { } head)
        {
            yield return head.Activation;
        }
    }

    /// <summary>Refuses a model that cannot be differentiated.</summary>
    public static void ExpectDerivatives(RecurrentModel model)
    {
        if (Activations(model.Spec).Any(activation => activation.Kind == Activation.HardStep))
        {
            throw new ModelFormatException(model.Name, "the nonlinearity is a hard step, expected one that has a derivative.");
        }
    }

    /// <summary>A parameter as the file has it where it is one whole tensor there, else as the network has it.</summary>
    public static (string Name, int[] Shape) Tensor(RecurrentModel model, int index)
    {
        ParameterSource source = model.Sources[index];
        ParameterSlot slot = model.Spec.Parameters.Slots[index];
        return source.IsWhole ? (source.Name, source.Shape.ToArray()) : (slot.Name, [slot.Rows, slot.Columns]);
    }
}
