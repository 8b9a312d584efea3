using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <content>Affine layers that are folded into the matrix above them.</content>
public sealed partial class PackedNetwork
{
    /// <summary>
    /// Folds scales and shifts into the matrix above: W·(s ⊙ x + t) + b = (W·diag s)·x + (b + W·t), computed in double and rounded once.
    /// </summary>
    /// <param name="parameters">[Spec.Parameters.Length] in.</param>
    /// <param name="folded">[layers] out: true for each affine layer that is folded.</param>
    /// <returns>The parameters themselves, or a changed copy.</returns>
    private ReadOnlySpan<float> Fold(ReadOnlySpan<float> parameters, Span<bool> folded)
    {
        float[]? changed = null;
        for (int i = 0; i < Spec.Layers.Length - 1; i++)
        {
            if (CanFold(i))
            {
                float[] copy = [.. changed is null ? parameters : changed];
                folded[i] = Fold(i, copy);
                changed = folded[i] ? copy : changed;
            }
        }

        return changed is null ? parameters : changed;
    }

    // A row of int8 weights has one scale: with features of very different size, all but the largest would lose their digits. A skip from
    // the layer above needs the affine layer's own output.
    private bool CanFold(int layer) => Precision != WeightPrecision.Int8
        && Spec.Layers[layer] is AffineLayer affine
        && !_isSkipStart[layer + 1]
        && Spec.Layers[layer + 1] switch
        {
            RecurrentLayer above => above.Bias || !affine.Shift,
            DenseLayer above => above.Bias || !affine.Shift,
            _ => false,
        };

    // False if a number would no longer be finite.
    private bool Fold(int layer, Span<float> parameters)
    {
        StackLayer affine = Spec.Stack[layer];
        ReadOnlySpan<float> scale = affine.Scale is null ? default : affine.Scale.In(parameters);
        ReadOnlySpan<float> shift = affine.Shift is null ? default : affine.Shift.In(parameters);
        foreach (Direction direction in Spec.Layers[layer + 1].Directions)
        {
            ParameterSlot weights = Spec.Slot(layer + 1, direction, ParameterRole.InputWeights)!;
            Span<float> bias = Spec.Slot(layer + 1, direction, ParameterRole.InputBias) is { } slot ? slot.In(parameters) : default;
            for (int row = 0; row < weights.Rows; row++)
            {
                Span<float> w = weights.In(parameters).Slice(row * weights.Columns, weights.Columns);
                double sum = bias.IsEmpty ? 0 : bias[row];
                for (int column = 0; column < w.Length; column++)
                {
                    sum += shift.IsEmpty ? 0 : (double)w[column] * shift[column];
                    w[column] = scale.IsEmpty ? w[column] : (float)((double)w[column] * scale[column]);
                    if (!float.IsFinite(w[column]))
                    {
                        return false;
                    }
                }

                if (!bias.IsEmpty)
                {
                    bias[row] = (float)sum;
                }

                if (!float.IsFinite((float)sum))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
