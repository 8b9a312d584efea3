namespace SpanRnn;

/// <summary>Function of all outputs of a head together. v are the outputs before it.</summary>
public enum Normalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>y = eᵛ / Σ eᵛ.</summary>
    Softmax,

    /// <summary>y = v − log Σ eᵛ.</summary>
    LogSoftmax,
}
