using SpanRnn.Cells.Description;
using SpanRnn.Core.Initialization;

namespace SpanRnn;

/// <summary>Recurrent layer: its cell, its size and its variant.</summary>
/// <remarks>
/// <para>An LSTM has the pre-activations a = W·x + b + U·h′ + d. φ is <see cref="Activation"/>, γ is <see cref="GateActivation"/> and ψ is
/// <see cref="OutputActivation"/>; their defaults are tanh, σ and tanh. p are the peepholes, if there are any.</para>
/// <para>i = γ(a_i + p_i ⊙ c′); f = γ(a_f + p_f ⊙ c′), or 1 − i if the gates are coupled; c = f ⊙ c′ + i ⊙ φ(a_g);
/// h = γ(a_o + p_o ⊙ c) ⊙ ψ(c).</para>
/// <para>A GRU has γ in place of σ and φ in place of tanh. An Elman layer has φ. With a <see cref="Clip"/>, the argument of every γ and φ
/// is limited to ±clip; c is not limited (as ONNX Runtime reads the ONNX standard).</para>
/// <para>Standard layers are the fast ones. They have the default activations (an Elman layer may have identity, sigmoid, tanh, ReLU or
/// hard step) and no other variant. All other layers run the same equations and choose the activation for each register of units.</para>
/// </remarks>
/// <param name="Cell">The cell.</param>
/// <param name="HiddenSize">H, the number of units per direction.</param>
public sealed record RecurrentLayer(CellKind Cell, int HiddenSize) : LayerSpec
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
    /// True if there are biases: one on the input side and one on the recurrent side, as in PyTorch.
    /// </summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// LSTM only: the size that h is projected to; 0 for none. It is PyTorch's proj_size, which must be below the hidden size there.
    /// </summary>
    public int ProjectionSize { get; init; }

    /// <summary>Elman: φ. GRU: the activation of n. LSTM: the activation of g.</summary>
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

    /// <summary>Blocks of H rows in the weights: 1 (Elman), 3 (GRU, or an LSTM with coupled gates) or 4 (LSTM).</summary>
    /// <exception cref="InvalidOperationException">The cell is not defined.</exception>
    public int Gates => Cell switch
    {
        CellKind.Elman => 1,
        CellKind.Lstm => CoupledGates ? 3 : 4,
        CellKind.GruResetAfter or CellKind.GruResetBefore => 3,
        _ => throw new InvalidOperationException($"The cell is {(int)Cell}, expected one of CellKind's."),
    };

    /// <inheritdoc/>
    internal override string? NeedsWholeSequences =>
        Bidirectional ? "runs in both directions" : Reverse ? "runs in reverse" : null;

    /// <inheritdoc/>
    internal override ReadOnlySpan<Direction> Directions => Bidirectional ? [Direction.Forward, Direction.Reverse]
        : Reverse ? [Direction.Reverse]
        : [Direction.Forward];

    /// <summary>The layer with the activations of one of its directions.</summary>
    internal RecurrentLayer For(Direction direction) => direction == Direction.Reverse && ReverseActivations is { } own
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

    /// <inheritdoc/>
    internal override IEnumerable<(StateKind Kind, int Size)> StatesOf(int inputSize) => Cell == CellKind.Lstm
        ? [(StateKind.Hidden, StateSize), (StateKind.Cell, HiddenSize)]
        : [(StateKind.Hidden, StateSize)];

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => OutputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below)
    {
        if (!Enum.IsDefined(Cell))
        {
            return $"Cell is {(int)Cell}, expected one of CellKind's";
        }

        if (HiddenSize < 1 || ProjectionSize < 0)
        {
            return HiddenSize < 1
                ? $"HiddenSize is {HiddenSize}, expected 1 or more"
                : $"ProjectionSize is {ProjectionSize}, expected 0 or more";
        }

        if ((long)Gates * HiddenSize > int.MaxValue)
        {
            return $"HiddenSize is {HiddenSize} in a cell of {Gates} gates, expected at most {int.MaxValue} rows of weights";
        }

        return Cell == CellKind.Lstm || ProjectionSize == 0
            ? ActivationProblem() ?? ReverseProblem() ?? VariantProblem() ?? below.WithoutSteps("a recurrent layer")
            : $"{Cell} with a projection to {ProjectionSize}, expected 0: only LSTMs project";
    }

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize)
    {
        int rows = Gates * HiddenSize;
        yield return (ParameterRole.InputWeights, rows, inputSize);
        yield return (ParameterRole.RecurrentWeights, rows, StateSize);
        if (Bias)
        {
            yield return (ParameterRole.InputBias, rows, 1);
            yield return (ParameterRole.RecurrentBias, rows, 1);
        }

        if (ProjectionSize > 0)
        {
            yield return (ParameterRole.ProjectionWeights, ProjectionSize, HiddenSize);
        }

        if (Peepholes)
        {
            yield return (ParameterRole.Peepholes, Gates - 1, HiddenSize);
        }

        if (TrainableInitialState)
        {
            yield return (ParameterRole.InitialHidden, 1, StateSize);
            if (Cell == CellKind.Lstm)
            {
                yield return (ParameterRole.InitialCell, 1, HiddenSize);
            }
        }
    }

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction)
    {
        RecurrentLayer layer = For(direction);
        return Cell switch
        {
            CellKind.Elman => [layer.Activation],
            CellKind.Lstm => [layer.Activation, layer.GateActivation, layer.OutputActivation],
            _ => [layer.Activation, layer.GateActivation],
        };
    }

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
        ParameterSlot input = slot(ParameterRole.InputWeights)!;
        ParameterSlot recurrent = slot(ParameterRole.RecurrentWeights)!;
        for (int gate = 0; gate < Gates; gate++)
        {
            Span<T> rows = input.In(parameters).Slice(gate * HiddenSize * input.Columns, HiddenSize * input.Columns);
            Initializers.GlorotUniform(rows, input.Columns, HiddenSize, random);
            rows = recurrent.In(parameters).Slice(gate * HiddenSize * recurrent.Columns, HiddenSize * recurrent.Columns);
            Initializers.Orthogonal(rows, HiddenSize, recurrent.Columns, random);
        }

        if (slot(ParameterRole.ProjectionWeights) is { } projection)
        {
            Initializers.GlorotUniform(projection.In(parameters), projection.Columns, projection.Rows, random);
        }

        if (this is { Cell: CellKind.Lstm, CoupledGates: false, Bias: true })
        {
            // Gate order i f g o.
            slot(ParameterRole.InputBias)!.In(parameters).Slice(HiddenSize, HiddenSize).Fill(T.One);
        }
    }

    private string? ReverseProblem()
    {
        if (ReverseActivations is not null)
        {
            if (!Bidirectional)
            {
                return "ReverseActivations in a layer of one direction, expected none: that direction has Activation and its like";
            }

            if (For(Direction.Reverse).ActivationProblem() is { } reverse)
            {
                return $"ReverseActivations: {reverse}";
            }
        }

        return Reverse && Bidirectional
            ? "Reverse and Bidirectional, expected at most one: a bidirectional layer runs both ways as it is"
            : null;
    }

    private string? VariantProblem()
    {
        if (Peepholes && Cell != CellKind.Lstm)
        {
            return $"{Cell} with peepholes, expected none: only LSTMs have a c to see";
        }

        if (CoupledGates && Cell != CellKind.Lstm)
        {
            return $"{Cell} with coupled gates, expected none: only LSTMs have an input and a forget gate";
        }

        return Clip > 0
            ? null
            : FormattableString.Invariant($"Clip is {Clip}, expected a number above 0, or infinity for no limit");
    }

    private string? ActivationProblem()
    {
        string? problem = ActivationSpec.Problem(nameof(Activation), Activation)
            ?? ActivationSpec.Problem(nameof(GateActivation), GateActivation)
            ?? ActivationSpec.Problem(nameof(OutputActivation), OutputActivation);
        if (problem is not null)
        {
            return problem;
        }

        if (GateActivation != ActivationKind.Sigmoid && Cell == CellKind.Elman)
        {
            return $"GateActivation is {GateActivation.Kind}, expected Sigmoid: {Cell} has no gates";
        }

        return OutputActivation != ActivationKind.Tanh && Cell != CellKind.Lstm
            ? $"OutputActivation is {OutputActivation.Kind}, expected Tanh: only LSTMs have one, not {Cell}"
            : null;
    }
}
