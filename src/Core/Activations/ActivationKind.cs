namespace SpanRnn;

/// <summary>
/// Functions of one number: the hard step, the ones that the ONNX standard allows in recurrent layers (up to <see cref="Softplus"/>), and
/// others that networks have between and in their layers. Some have α and β, see <see cref="ActivationSpec"/>.
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

    /// <summary>
    /// y = min(max(a, α), β); dy/da = 1 where α &lt; a &lt; β, else 0. With the usual −1 and 1 it is PyTorch's Hardtanh, with 0 and 6
    /// ReLU6.
    /// </summary>
    Clip,

    /// <summary>y = a·s with s = 1 / (1 + e⁻ᵃ), also named swish; dy/da = s + a·s(1 − s) (Elfwing et al. 2018).</summary>
    Silu,

    /// <summary>y = a·Φ(a) with Φ(a) = (1 + erf(a/√2)) / 2; dy/da = Φ(a) + a·e^(−a²/2) / √(2π) (Hendrycks and Gimpel 2016).</summary>
    Gelu,

    /// <summary>y = a/2·(1 + tanh z) with z = √(2/π)·(a + 0.044715·a³), which is near <see cref="Gelu"/>.</summary>
    GeluTanh,

    /// <summary>y = eᵃ; dy/da = y. Infinity where eᵃ is too large.</summary>
    Exp,

    /// <summary>
    /// y = λ·a where a ≥ 0, else λ·α(eᵃ − 1); dy/da = λ where a &gt; 0, else λ·α·eᵃ. λ = 1.05070098735548… and α = 1.67326324235437… are
    /// fixed (Klambauer et al. 2017).
    /// </summary>
    Selu,

    /// <summary>y = a where a ≥ 0, else α(e^(a/α) − 1); dy/da = 1 where a &gt; 0, else e^(a/α). α &gt; 0 (Barron 2017).</summary>
    Celu,

    /// <summary>
    /// y = a·max(0, min(6, a + 3)) / 6; dy/da = 0 where a ≤ −3, 1 where a ≥ 3, else a/3 + 1/2 (Howard et al. 2019).
    /// </summary>
    HardSwish,

    /// <summary>y = a·tanh(log(1 + eᵃ)); dy/da = t + a(1 − t²) / (1 + e⁻ᵃ) with t = y/a (Misra 2020).</summary>
    Mish,
}
