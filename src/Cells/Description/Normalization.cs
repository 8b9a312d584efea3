namespace SpanRnn;

/// <summary>What is done to all outputs of a head together.</summary>
public enum Normalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>y = eᵛ / Σ eᵛ.</summary>
    Softmax,

    /// <summary>y = v − log Σ eᵛ.</summary>
    LogSoftmax,
}
