namespace SpanRnn.Core;

/// <summary>A function of one number. Each derivative is taken from the output y, so no pre-activation has to be kept.</summary>
public enum Activation
{
    /// <summary>y = a; dy/da = 1.</summary>
    Identity,

    /// <summary>y = 1 / (1 + e⁻ᵃ); dy/da = y(1 − y).</summary>
    Sigmoid,

    /// <summary>y = tanh a; dy/da = 1 − y².</summary>
    Tanh,

    /// <summary>y = max(a, 0); dy/da = 1 where y &gt; 0, else 0 (PyTorch's choice at a = 0).</summary>
    Relu,

    /// <summary>y = 1 where a &gt; 0, else 0. For forward use: it has no derivative to learn from.</summary>
    HardStep,
}
