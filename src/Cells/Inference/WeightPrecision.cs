using System.Diagnostics.CodeAnalysis;

namespace SpanRnn;

/// <summary>Precision of the weights in a <see cref="PackedNetwork"/>. Biases and states are always float.</summary>
public enum WeightPrecision
{
    /// <summary>float: 4 bytes a weight. The only error is the rounding of sums.</summary>
    Fp32,

    /// <summary>
    /// bfloat16: 2 bytes a weight, a float rounded to the nearest number of 8 significant bits. The error of a weight is at most 2⁻⁹ of
    /// the weight. Sums are computed as in <see cref="Fp32"/>.
    /// </summary>
    Bf16,

    /// <summary>
    /// int8: 1 byte a weight. Each row of weights is divided by 1/127 of its largest magnitude and rounded to the nearest integers. The
    /// same is done at run time to each vector that the row is multiplied by. The error of a number is at most 1/254 of the largest
    /// magnitude. Sums of products are exact in 32 bits.
    /// </summary>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "int8 is the field's word.")]
    Int8,
}
