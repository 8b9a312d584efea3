namespace SpanRnn;

/// <summary>
/// Functions of one number: the ones that the ONNX standard allows in recurrent layers, and the hard step. Some have α and β, see
/// <see cref="ActivationSpec"/>.
/// </summary>
public enum ActivationKind
{
    /// <summary>y = a; dy/da = 1.</summary>
    Identity,

    /// <summary>y = 1 / (1 + e⁻ᵃ); dy/da = y(1 − y).</summary>
    Sigmoid,

    /// <summary>y = tanh a; dy/da = 1 − y².</summary>
    Tanh,

    /// <summary>y = max(a, 0); dy/da = 1 where y &gt; 0, else 0 (PyTorch's choice at a = 0).</summary>
    Relu,

    /// <summary>y = 1 where a &gt; 0, else 0. For forward use only: it has no derivative to learn from.</summary>
    HardStep,

    /// <summary>y = α·a + β; dy/da = α.</summary>
    Affine,

    /// <summary>y = a where a ≥ 0, else α·a; dy/da = 1 where a &gt; 0, else α.</summary>
    LeakyRelu,

    /// <summary>y = a where a ≥ α, else 0; dy/da = 1 where a &gt; α, else 0.</summary>
    ThresholdedRelu,

    /// <summary>y = α·tanh(β·a); dy/da = α·β·(1 − tanh²(β·a)).</summary>
    ScaledTanh,

    /// <summary>y = max(0, min(1, α·a + β)); dy/da = α where 0 &lt; y &lt; 1, else 0.</summary>
    HardSigmoid,

    /// <summary>y = a where a ≥ 0, else α(eᵃ − 1); dy/da = 1 where a &gt; 0, else α·eᵃ (Clevert et al. 2016).</summary>
    Elu,

    /// <summary>y = a / (1 + |a|); dy/da = 1 / (1 + |a|)².</summary>
    Softsign,

    /// <summary>y = log(1 + eᵃ); dy/da = 1 / (1 + e⁻ᵃ).</summary>
    Softplus,
}
