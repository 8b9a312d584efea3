using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Formats;

/// <summary>
/// Writes a recurrent network as PyTorch saves it: the state_dict of an nn.RNN, nn.LSTM or nn.GRU, alone or inside a module with an
/// nn.Embedding in front and an nn.Linear on top. Gate orders are the same on both sides, so tensors are copied as they are.
/// </summary>
public static class PyTorchWriter
{
    /// <summary>The safetensors file of a network: F32 from float, F64 from double.</summary>
    /// <param name="spec">
    /// The network. Its recurrent layers must be equal, since a module of PyTorch has one size for all. The names are those of the
    /// recurrent module alone, or, with an embedding or a head, those of a module that holds "embed", "rnn" and "head".
    /// </param>
    /// <param name="parameters">[spec.Parameters.Length] in.</param>
    /// <returns>The bytes of the file; <see cref="RecurrentModel"/> gives back the same network and the same bits.</returns>
    /// <exception cref="ArgumentException">The layers differ, or the length is wrong.</exception>
    public static byte[] ToBytes<T>(NetworkSpec spec, ReadOnlySpan<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (parameters.Length != spec.Parameters.Length)
        {
            throw new ArgumentException(
                $"'parameters' has {parameters.Length} elements, expected {spec.Parameters.Length} = spec.Parameters.Length.",
                nameof(parameters));
        }

        for (int layer = 1; layer < spec.Layers.Length; layer++)
        {
            if (spec.Layers[layer] != spec.Layers[0])
            {
                throw new ArgumentException(
                    $"Layer {layer} is {spec.Layers[layer]}, expected {spec.Layers[0]} as layer 0: a module of PyTorch has equal layers.",
                    nameof(spec));
            }
        }

        var writer = new SafetensorsWriter();
        writer.Metadata["format"] = "pt";
        if (PyTorchOptions.Text(spec) is { } options)
        {
            writer.Metadata[PyTorchOptions.MetadataName] = options;
        }

        if (spec.EmbeddingWeights is { } table)
        {
            writer.Add("embed.weight", [table.Rows, table.Columns], table.In(parameters));
        }

        string prefix = spec.Head is null && spec.Embedding is null ? string.Empty : "rnn.";
        foreach ((int layer, Direction direction, ParameterRole role, ParameterSlot slot) in PyTorchNames.Slots(spec))
        {
            string name = prefix + PyTorchNames.Of(layer, direction, role);
            writer.Add(name, PyTorchNames.Shape(role, slot), slot.In(parameters));
        }

        if (spec.HeadWeights is { } weights)
        {
            writer.Add("head.weight", [weights.Rows, weights.Columns], weights.In(parameters));
        }

        if (spec.HeadBias is { } bias)
        {
            writer.Add("head.bias", [bias.Rows], bias.In(parameters));
        }

        return writer.ToBytes();
    }
}
