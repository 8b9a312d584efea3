namespace SpanRnn.Formats.Model;

/// <summary>Batch normalization of inference: fixed statistics as the scale and the shift of an affine layer.</summary>
internal static class BatchStatistics
{
    /// <summary>
    /// Computes both by <see cref="AffineLayer.FromStatistics"/>, as numbers that are in no file. All sources have one size.
    /// </summary>
    /// <param name="gamma">γ, or null for ones.</param>
    /// <param name="beta">β, or null for zeros.</param>
    /// <param name="mean">The mean of each feature.</param>
    /// <param name="variance">The variance of each feature.</param>
    /// <param name="epsilon">ε, added to each variance.</param>
    /// <param name="fail">Makes an error of the layer from what is wrong with it.</param>
    /// <exception cref="ModelFormatException">The statistics give no finite scale and shift.</exception>
    public static (ParameterSource Scale, ParameterSource Shift) ScaleAndShift(
        ParameterSource? gamma,
        ParameterSource? beta,
        ParameterSource mean,
        ParameterSource variance,
        double epsilon,
        Func<string, ModelFormatException> fail)
    {
        float[] means = Values(mean);
        float[] scale = new float[means.Length];
        float[] shift = new float[means.Length];
        try
        {
            AffineLayer.FromStatistics(means, Values(variance), epsilon, Values(gamma), Values(beta), scale, shift);
        }
        catch (ArgumentException e)
        {
            throw fail($"has statistics without a scale and a shift: {ModelFormatException.Sentence(e).TrimEnd('.')}");
        }

        return (
            ParameterSource.Of(string.Empty, scale, scale.Length, 1), ParameterSource.Of(string.Empty, shift, shift.Length, 1));
    }

    private static float[] Values(ParameterSource? source)
    {
        float[] values = new float[source is null ? 0 : source.Rows * source.Columns];
        source?.CopyTo<float>(values);
        return values;
    }
}
