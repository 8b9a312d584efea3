using System.Numerics;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Formats.PyTorch;

/// <summary>
/// Writes a network as PyTorch saves it: the state_dict of an nn.RNN, nn.LSTM or nn.GRU, alone or inside a module with an nn.Embedding in
/// front and an nn.Linear on top. Layers that one module of PyTorch cannot hold are written as a ModuleList. Gate orders are the same on
/// both sides, so the numbers do not change.
/// </summary>
internal static class PyTorchWriter
{
    /// <summary>Makes the safetensors file of a network.</summary>
    /// <param name="spec">
    /// The network. If its recurrent layers are equal and nothing but a linear head is above them, the names are the names of one recurrent
    /// module or, with an embedding or a head, of a module that holds "embed", "rnn" and "head". Else "layers" is a list with a module for
    /// each layer that has parameters, but for a dense layer on top, "head", and the metadata describes the network.
    /// </param>
    /// <param name="parameters">[spec.Parameters.Length] in.</param>
    /// <param name="type">How numbers are stored, rounded to the nearest; null for F32 from float and F64 from double.</param>
    /// <param name="metadata">Text that is kept beside the network, by name; null for none.</param>
    /// <returns>
    /// The bytes of the file. A reader of them gets back the same network and, if <paramref name="type"/> holds them, the same bits.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The length is wrong, <paramref name="type"/> cannot hold a number, or a name of the metadata is one of the network's own.
    /// </exception>
    public static byte[] ToBytes<T>(
        NetworkSpec spec,
        ReadOnlySpan<T> parameters,
        ElementType? type = null,
        IReadOnlyDictionary<string, string>? metadata = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (parameters.Length != spec.Parameters.Length)
        {
            throw new ArgumentException(
                $"'parameters' has {parameters.Length} elements, expected {spec.Parameters.Length} = spec.Parameters.Length.",
                nameof(parameters));
        }

        var writer = new SafetensorsWriter();
        writer.Metadata["format"] = "pt";
        if (PyTorchOptions.Text(spec) is { } options)
        {
            writer.Metadata[PyTorchOptions.MetadataName] = options;
        }

        foreach ((string name, string text) in metadata ?? new Dictionary<string, string>())
        {
            if (name == PyTorchOptions.MetadataName || !writer.Metadata.TryAdd(name, text))
            {
                throw new ArgumentException(
                    $"'metadata' has the name '{name}', which the network uses; expected another.", nameof(metadata));
            }
        }

        foreach (PyTorchNames.Place place in PyTorchNames.Places(spec, PyTorchNames.Modules(spec)))
        {
            writer.Add(place.Name, place.Shape, place.Slot.In(parameters), type);
        }

        return writer.ToBytes();
    }
}
