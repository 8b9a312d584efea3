using System.Diagnostics.CodeAnalysis;

namespace SpanRnn;

/// <summary>What the weights of a <see cref="PackedNetwork"/> are stored in; biases and states are float in all of them.</summary>
public enum WeightPrecision
{
    /// <summary>float: 4 bytes a weight, no error but the rounding of sums.</summary>
    Fp32,

    /// <summary>
    /// bfloat16: 2 bytes a weight, float cut to 8 significant bits and rounded to the nearest; each weight is off by at most 2⁻⁹ of itself.
    /// Sums are those of <see cref="Fp32"/>.
    /// </summary>
    Bf16,

    /// <summary>
    /// int8: 1 byte a weight. Each row of weights, and each vector that it is multiplied by as it comes, is divided by its largest
    /// magnitude / 127 and rounded to the nearest whole number, so each number is off by at most 1/254 of that magnitude; sums of products
    /// are exact in 32 bits.
    /// </summary>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "That is what everybody calls it.")]
    Int8,
}
