namespace SpanRnn;

/// <summary>One layer: its cell, its size and its variant. The input size comes from the layer before.</summary>
/// <remarks>
/// <para>The variants of an LSTM, its pre-activations a = W·x + b + U·h′ + d, φ, γ and ψ being <see cref="ActivationKind"/>,
/// <see cref="GateActivation"/> and <see cref="OutputActivation"/>, tanh, σ and tanh by default, and p the peepholes, where it has
/// them:</para>
/// <para>i = γ(a_i + p_i ⊙ c′); f = γ(a_f + p_f ⊙ c′), or 1 − i where coupled; c = f ⊙ c′ + i ⊙ φ(a_g);
/// h = γ(a_o + p_o ⊙ c) ⊙ ψ(c).</para>
/// <para>A GRU has γ for σ and φ for tanh, an Elman layer φ. With a <see cref="Clip"/>, every γ and φ is of its argument limited to
/// ±clip; c is not limited (as ONNX Runtime reads its standard).</para>
/// <para>A dense layer is y = φ(W·x + b) with the φ of <see cref="ActivationKind"/>, which is tanh by default here as well: one without an
/// activation wants <c>Activation = ActivationKind.Identity</c>. It has no variant but φ and <see cref="Bias"/>.</para>
/// <para>Layers with the default activations, or Elman layers with one of identity, sigmoid, tanh, ReLU and hard step, that have no
/// other variant, are the fast ones. All others run the same equations and choose for each register of units.</para>
/// </remarks>
/// <param name="Cell">The cell.</param>
/// <param name="HiddenSize">H, the number of units per direction.</param>
public sealed record LayerSpec(CellKind Cell, int HiddenSize)
{
    /// <summary>A second set of parameters runs from the end of each sequence to its start; the outputs stand side by side.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>
    /// The only set of parameters runs from the end of each sequence to its start; it and its states are those of
    /// <see cref="Direction.Reverse"/>.
    /// </summary>
    public bool Reverse { get; init; }

    /// <summary>
    /// Whether there are biases: one on the input side and one on the recurrent side, as in PyTorch; of a dense layer the first alone.
    /// </summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// LSTM only: the size that h is projected to (PyTorch's proj_size, which it wants below the hidden size); 0 for none.
    /// </summary>
    public int ProjectionSize { get; init; }

    /// <summary>Elman, dense: φ; GRU: the activation of n; LSTM: that of g.</summary>
    public ActivationSpec Activation { get; init; } = ActivationKind.Tanh;

    /// <summary>LSTM: the activation of i, f and o; GRU: of r and z.</summary>
    public ActivationSpec GateActivation { get; init; } = ActivationKind.Sigmoid;

    /// <summary>LSTM only: the activation of c on its way to h.</summary>
    public ActivationSpec OutputActivation { get; init; } = ActivationKind.Tanh;

    /// <summary>Bidirectional layers only: the activations of the reverse direction; null for those of the forward one.</summary>
    public LayerActivations? ReverseActivations { get; init; }

    /// <summary>LSTM only: i and f see c′, o sees c, each unit its own (Gers and Schmidhuber 2000).</summary>
    public bool Peepholes { get; init; }

    /// <summary>LSTM only: f = 1 − i, gates i g o (Greff et al. 2017).</summary>
    public bool CoupledGates { get; init; }

    /// <summary>Pre-activations, peepholes included, are limited to −Clip … Clip before their activation; +∞ for no limit.</summary>
    public double Clip { get; init; } = double.PositiveInfinity;

    /// <summary>The states that sequences start from are parameters.</summary>
    public bool TrainableInitialState { get; init; }

    /// <summary>1, or 2 when bidirectional.</summary>
    public int DirectionCount => Bidirectional ? 2 : 1;

    /// <summary>Numbers in h of one direction: the projection size if there is one, else the hidden size.</summary>
    public int StateSize => ProjectionSize > 0 ? ProjectionSize : HiddenSize;

    /// <summary>Numbers that one step gives to the next layer: h of all directions.</summary>
    public int OutputSize => DirectionCount * StateSize;

    /// <summary>Blocks of H rows in the weights: 1 (Elman, dense), 3 (GRU, or an LSTM with coupled gates) or 4 (LSTM).</summary>
    public int Gates => Cell switch
    {
        CellKind.Elman or CellKind.Dense => 1,
        CellKind.Lstm => CoupledGates ? 3 : 4,
        _ => 3,
    };

    /// <summary>Whether there are recurrent weights and a state.</summary>
    public bool IsRecurrent => Cell != CellKind.Dense;

    /// <summary>The directions that it walks, in the order in which they stand in its output.</summary>
    internal ReadOnlySpan<Direction> Directions => Bidirectional ? [Direction.Forward, Direction.Reverse]
        : Reverse ? [Direction.Reverse]
        : [Direction.Forward];

    /// <summary>The layer as one of its directions sees it: with that one's activations.</summary>
    internal LayerSpec For(Direction direction) => direction == Direction.Reverse && ReverseActivations is { } own
        ? this with
        {
            Activation = own.Activation,
            GateActivation = own.GateActivation,
            OutputActivation = own.OutputActivation,
            ReverseActivations = null,
        }
        : this;

    /// <summary>Whether the equations are those that are compiled ahead: see the remarks. Asked of one direction.</summary>
    internal bool IsStandard => !Peepholes
        && !CoupledGates
        && double.IsPositiveInfinity(Clip)
        && (Cell == CellKind.Elman
            ? Activation.Kind <= ActivationKind.HardStep
            : Activation.Kind == ActivationKind.Tanh
                && GateActivation.Kind == ActivationKind.Sigmoid
                && OutputActivation.Kind == ActivationKind.Tanh);
}
