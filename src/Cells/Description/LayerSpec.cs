namespace SpanRnn;

/// <summary>One layer: its cell, its size and its variant. Its input size comes from the layer below.</summary>
/// <remarks>
/// <para>An LSTM has the pre-activations a = W·x + b + U·h′ + d. φ is <see cref="Activation"/>, γ is <see cref="GateActivation"/> and ψ is
/// <see cref="OutputActivation"/>; their defaults are tanh, σ and tanh. p are the peepholes, if there are any.</para>
/// <para>i = γ(a_i + p_i ⊙ c′); f = γ(a_f + p_f ⊙ c′), or 1 − i if the gates are coupled; c = f ⊙ c′ + i ⊙ φ(a_g);
/// h = γ(a_o + p_o ⊙ c) ⊙ ψ(c).</para>
/// <para>A GRU has γ in place of σ and φ in place of tanh. An Elman layer has φ. With a <see cref="Clip"/>, the argument of every γ and φ
/// is limited to ±clip; c is not limited (as ONNX Runtime reads the ONNX standard).</para>
/// <para>A dense layer is y = φ(W·x + b). Its φ is <see cref="Activation"/> and tanh by default too, so a dense layer without an activation
/// needs <c>Activation = ActivationKind.Identity</c>. It has no variants other than φ and <see cref="Bias"/>.</para>
/// <para>Standard layers are the fast ones. They have the default activations (an Elman layer may have identity, sigmoid, tanh, ReLU or
/// hard step) and no other variant. All other layers run the same equations and choose the activation for each register of units.</para>
/// </remarks>
/// <param name="Cell">The cell.</param>
/// <param name="HiddenSize">H, the number of units per direction.</param>
public sealed record LayerSpec(CellKind Cell, int HiddenSize)
{
    /// <summary>
    /// True if a second set of parameters runs from the end of each sequence to its start. The outputs are side by side, forward first.
    /// </summary>
    public bool Bidirectional { get; init; }

    /// <summary>
    /// True if the only set of parameters runs from the end of each sequence to its start. Its parameters and states have the direction
    /// <see cref="Direction.Reverse"/>.
    /// </summary>
    public bool Reverse { get; init; }

    /// <summary>
    /// True if there are biases: one on the input side and one on the recurrent side, as in PyTorch. A dense layer has the first only.
    /// </summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// LSTM only: the size that h is projected to; 0 for none. It is PyTorch's proj_size, which must be below the hidden size there.
    /// </summary>
    public int ProjectionSize { get; init; }

    /// <summary>Elman, dense: φ. GRU: the activation of n. LSTM: the activation of g.</summary>
    public ActivationSpec Activation { get; init; } = ActivationKind.Tanh;

    /// <summary>LSTM: the activation of i, f and o. GRU: the activation of r and z.</summary>
    public ActivationSpec GateActivation { get; init; } = ActivationKind.Sigmoid;

    /// <summary>LSTM only: ψ, the activation of c in the equation of h.</summary>
    public ActivationSpec OutputActivation { get; init; } = ActivationKind.Tanh;

    /// <summary>Bidirectional layers only: the activations of the reverse direction; null if they are those of forward.</summary>
    public LayerActivations? ReverseActivations { get; init; }

    /// <summary>LSTM only: true if i and f see c′ and o sees c, each unit its own c (Gers and Schmidhuber 2000).</summary>
    public bool Peepholes { get; init; }

    /// <summary>LSTM only: true if f = 1 − i and the gates are i g o (Greff et al. 2017).</summary>
    public bool CoupledGates { get; init; }

    /// <summary>Limit of pre-activations, peepholes included, before their activation: −Clip … Clip. +∞ for no limit.</summary>
    public double Clip { get; init; } = double.PositiveInfinity;

    /// <summary>True if the initial states of sequences are parameters.</summary>
    public bool TrainableInitialState { get; init; }

    /// <summary>Number of directions: 1, or 2 if the layer is bidirectional.</summary>
    public int DirectionCount => Bidirectional ? 2 : 1;

    /// <summary>Numbers in h of one direction: the projection size if there is one, else the hidden size.</summary>
    public int StateSize => ProjectionSize > 0 ? ProjectionSize : HiddenSize;

    /// <summary>Numbers in the output of one step: h of all directions.</summary>
    public int OutputSize => DirectionCount * StateSize;

    /// <summary>Blocks of H rows in the weights: 1 (Elman, dense), 3 (GRU, or an LSTM with coupled gates) or 4 (LSTM).</summary>
    /// <exception cref="InvalidOperationException">The cell is not defined.</exception>
    public int Gates => Cell switch
    {
        CellKind.Elman or CellKind.Dense => 1,
        CellKind.Lstm => CoupledGates ? 3 : 4,
        CellKind.GruResetAfter or CellKind.GruResetBefore => 3,
        _ => throw new InvalidOperationException($"The cell is {(int)Cell}, expected one of CellKind's."),
    };

    /// <summary>True if there are recurrent weights and a state.</summary>
    public bool IsRecurrent => Cell != CellKind.Dense;

    /// <summary>The directions of the layer in the order of its output.</summary>
    internal ReadOnlySpan<Direction> Directions => Bidirectional ? [Direction.Forward, Direction.Reverse]
        : Reverse ? [Direction.Reverse]
        : [Direction.Forward];

    /// <summary>The layer with the activations of one of its directions.</summary>
    internal LayerSpec For(Direction direction) => direction == Direction.Reverse && ReverseActivations is { } own
        ? this with
        {
            Activation = own.Activation,
            GateActivation = own.GateActivation,
            OutputActivation = own.OutputActivation,
            ReverseActivations = null,
        }
        : this;

    /// <summary>
    /// True if the layer is standard: its equations are compiled ahead, see the remarks. It is asked of the layer of one direction.
    /// </summary>
    internal bool IsStandard => !Peepholes
        && !CoupledGates
        && double.IsPositiveInfinity(Clip)
        && (Cell == CellKind.Elman
            ? Activation.Kind <= ActivationKind.HardStep
            : Activation.Kind == ActivationKind.Tanh
                && GateActivation.Kind == ActivationKind.Sigmoid
                && OutputActivation.Kind == ActivationKind.Tanh);
}
