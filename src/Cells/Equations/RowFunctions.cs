using System.Diagnostics;
using System.Numerics;
using SpanRnn.Cells.Description;

namespace SpanRnn.Cells.Equations;

/// <summary>Choice of the equation for a layer without a matrix, which both engines ask.</summary>
internal static class RowFunctions
{
    /// <summary>Creates the equation of <paramref name="layer"/>.</summary>
    public static RowFunction<T> Create<T>(StackLayer layer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => layer.Spec switch
        {
            AffineLayer => new AffineFunction<T>(),
            NormalizationLayer normalization => new NormalizationFunction<T>(normalization),
            ActivationLayer activation => new ActivationFunction<T>(new DenseOutput(activation.Activation, activation.Normalization)),
            PReluLayer => new PReluFunction<T>(),
            MergeLayer merge => new MergeFunction<T>(merge.Merge),
            _ => throw new UnreachableException(),
        };
}
