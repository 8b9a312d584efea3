namespace SpanRnn;

/// <summary>Normalization of the n features of a row.</summary>
public enum FeatureNormalization
{
    /// <summary>y = (x − μ) / √(σ² + ε), where μ is the mean of the row and σ² = Σ (x − μ)² / n (Ba et al. 2016).</summary>
    Layer,

    /// <summary>y = x / √(Σ x² / n + ε) (Zhang and Sennrich 2019).</summary>
    RootMeanSquare,
}
