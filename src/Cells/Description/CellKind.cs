namespace SpanRnn;

/// <summary>What a layer computes. ⊙ is the product element by element, σ the sigmoid, h′ and c′ the states of the step before.</summary>
public enum CellKind
{
    /// <summary>
    /// h = φ(W·x + b + U·h′ + d), φ any <see cref="ActivationKind"/> (Elman 1990; PyTorch's nn.RNN).
    /// </summary>
    Elman,

    /// <summary>
    /// i, f, o = σ(a_i), σ(a_f), σ(a_o), g = tanh(a_g) with a = W·x + b + U·h′ + d; c = f ⊙ c′ + i ⊙ g; h = o ⊙ tanh(c), or its
    /// projection P·(o ⊙ tanh(c)) (Hochreiter and Schmidhuber 1997, forget gate of Gers et al. 2000, projection of Sak et al. 2014).
    /// Gate order i f g o.
    /// </summary>
    Lstm,

    /// <summary>
    /// r, z = σ(W·x + b + U·h′ + d); n = tanh(W·x + b + r ⊙ (U·h′ + d)); h = (1 − z) ⊙ n + z ⊙ h′ (Cho et al. 2014 in the form of
    /// cuDNN and PyTorch, reset after the product). Gate order r z n.
    /// </summary>
    GruResetAfter,

    /// <summary>
    /// r, z = σ(W·x + b + U·h′ + d); n = tanh(W·x + b + U·(r ⊙ h′) + d); h = (1 − z) ⊙ n + z ⊙ h′ (Cho et al. 2014, reset before the
    /// product). Gate order r z n. Where z and 1 − z are the other way round, see <see cref="NetworkSpec.NegateUpdateGates{T}"/>.
    /// </summary>
    GruResetBefore,

    /// <summary>y = φ(W·x + b): a layer without recurrence and without state, on every step for itself.</summary>
    Dense,
}
