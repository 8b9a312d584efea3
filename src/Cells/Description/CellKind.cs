namespace SpanRnn;

/// <summary>
/// The equations of a layer. ⊙ is the product element by element, σ is the sigmoid, and h′ and c′ are the states of the step before.
/// </summary>
public enum CellKind
{
    /// <summary>
    /// h = φ(W·x + b + U·h′ + d), where φ is any <see cref="ActivationKind"/> (Elman 1990; PyTorch's nn.RNN).
    /// </summary>
    Elman,

    /// <summary>
    /// i, f, o = σ(a_i), σ(a_f), σ(a_o), g = tanh(a_g) with a = W·x + b + U·h′ + d; c = f ⊙ c′ + i ⊙ g; h = o ⊙ tanh(c). A layer
    /// with a projection P has h = P·(o ⊙ tanh(c)). (Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000 and the
    /// projection of Sak et al. 2014.) Gate order i f g o.
    /// </summary>
    Lstm,

    /// <summary>
    /// r, z = σ(W·x + b + U·h′ + d); n = tanh(W·x + b + r ⊙ (U·h′ + d)); h = (1 − z) ⊙ n + z ⊙ h′ (Cho et al. 2014 with
    /// the reset after the product, as in cuDNN and PyTorch). Gate order r z n.
    /// </summary>
    GruResetAfter,

    /// <summary>PyTorch's GRU: another name of <see cref="GruResetAfter"/>.</summary>
    Gru = GruResetAfter,

    /// <summary>
    /// r, z = σ(W·x + b + U·h′ + d); n = tanh(W·x + b + U·(r ⊙ h′) + d); h = (1 − z) ⊙ n + z ⊙ h′ (Cho et al. 2014 with
    /// the reset before the product). Gate order r z n. If parameters are for the other convention of z and 1 − z, see
    /// <see cref="NetworkSpec.NegateUpdateGates{T}"/>.
    /// </summary>
    GruResetBefore = GruResetAfter + 1,
}
