using System.Globalization;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Formats;

/// <summary>
/// What the modules of torch.nn call their tensors: weight_ih_l0, bias_hh_l2_reverse; in a single cell without "_l0". Those that they do
/// not have are named alike: weight_ph (peepholes), h0 and c0 (trained initial states).
/// </summary>
internal static class PyTorchNames
{
    private const string LayerMark = "_l";
    private const string ReverseMark = "_reverse";

    // By ParameterRole.
    private static readonly string[] _roles = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr", "weight_ph", "h0", "c0"];

    /// <summary>The name without the prefix of its module.</summary>
    public static string Of(ParameterRole role) => _roles[(int)role];

    /// <inheritdoc cref="Of(ParameterRole)"/>
    public static string Of(int layer, Direction direction, ParameterRole role) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Of(role)}{LayerMark}{layer}{(direction == Direction.Reverse ? ReverseMark : string.Empty)}");

    /// <summary>Whether the tensor is a bias.</summary>
    public static bool IsBias(ParameterRole role) => role is ParameterRole.InputBias or ParameterRole.RecurrentBias;

    /// <summary>Whether the tensor is a state that sequences start from.</summary>
    public static bool IsStart(ParameterRole role) => role is ParameterRole.InitialHidden or ParameterRole.InitialCell;

    /// <summary>Biases and states are vectors, all others matrices.</summary>
    public static int[] Shape(ParameterRole role, ParameterSlot slot) =>
        IsBias(role) || IsStart(role) ? [slot.Length] : [slot.Rows, slot.Columns];

    /// <summary>The slots of the recurrent layers, in their order.</summary>
    public static IEnumerable<(int Layer, Direction Direction, ParameterRole Role, ParameterSlot Slot)> Slots(NetworkSpec spec)
    {
        for (int layer = 0; layer < spec.Layers.Length; layer++)
        {
            for (Direction direction = Direction.Forward; (int)direction < spec.Layers[layer].Directions; direction++)
            {
                for (ParameterRole role = ParameterRole.InputWeights; role <= ParameterRole.InitialCell; role++)
                {
                    if (spec.Slot(layer, direction, role) is { } slot)
                    {
                        yield return (layer, direction, role, slot);
                    }
                }
            }
        }
    }

    /// <summary>Takes a name apart; null where it is none of a recurrent module.</summary>
    public static Parts? Parse(string name)
    {
        int start = name.LastIndexOf('.') + 1;
        ReadOnlySpan<char> leaf = name.AsSpan(start);
        for (ParameterRole role = ParameterRole.InputWeights; role <= ParameterRole.InitialCell; role++)
        {
            if (!leaf.StartsWith(Of(role)))
            {
                continue;
            }

            string prefix = name[..start];
            ReadOnlySpan<char> suffix = leaf[Of(role).Length..];
            if (suffix.IsEmpty)
            {
                return new Parts(prefix, role, 0, Direction.Forward, IsCell: true);
            }

            Direction direction = suffix.EndsWith(ReverseMark) ? Direction.Reverse : Direction.Forward;
            ReadOnlySpan<char> digits = direction == Direction.Reverse ? suffix[..^ReverseMark.Length] : suffix;

            // Written back and compared, so that "_l01" or "_l+1" is no second name of layer 1.
            return digits.StartsWith(LayerMark)
                && int.TryParse(digits[LayerMark.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int layer)
                && leaf.SequenceEqual(Of(layer, direction, role))
                ? new Parts(prefix, role, layer, direction, IsCell: false)
                : null;
        }

        return null;
    }

    /// <summary>What a name says.</summary>
    /// <param name="Prefix">The path of the module with its last full stop, or nothing.</param>
    /// <param name="Role">Which tensor.</param>
    /// <param name="Layer">Index of the layer.</param>
    /// <param name="Direction">Its direction.</param>
    /// <param name="IsCell">The name is that of a cell, without a layer.</param>
    public readonly record struct Parts(string Prefix, ParameterRole Role, int Layer, Direction Direction, bool IsCell);
}
