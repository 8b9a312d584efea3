using SpanRnn.Core;

namespace SpanRnn.Cells;

/// <summary>One recurrent layer: its cell, its size and its variant. The input size comes from the layer before.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="HiddenSize">H, the number of units per direction.</param>
public sealed record LayerSpec(CellKind Cell, int HiddenSize)
{
    /// <summary>A second set of parameters runs from the end of each sequence to its start; the outputs stand side by side.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Whether there are biases: one on the input side and one on the recurrent side, as in PyTorch.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// LSTM only: the size that h is projected to (PyTorch's proj_size, which it wants below the hidden size); 0 for none.
    /// </summary>
    public int ProjectionSize { get; init; }

    /// <summary>Elman: φ; GRU: the activation of n; LSTM: that of g.</summary>
    public ActivationSpec Activation { get; init; } = Core.Activation.Tanh;

    /// <summary>LSTM: the activation of i, f and o; GRU: of r and z.</summary>
    public ActivationSpec GateActivation { get; init; } = Core.Activation.Sigmoid;

    /// <summary>LSTM only: the activation of c on its way to h.</summary>
    public ActivationSpec OutputActivation { get; init; } = Core.Activation.Tanh;

    /// <summary>LSTM only: i and f see c′, o sees c, each unit its own (Gers and Schmidhuber 2000).</summary>
    public bool Peepholes { get; init; }

    /// <summary>LSTM only: f = 1 − i, gates i g o (Greff et al. 2017).</summary>
    public bool CoupledGates { get; init; }

    /// <summary>Pre-activations are limited to −Clip … Clip before their activation; +∞ for no limit.</summary>
    public double Clip { get; init; } = double.PositiveInfinity;

    /// <summary>The states that sequences start from are parameters.</summary>
    public bool TrainableInitialState { get; init; }

    /// <summary>1, or 2 when bidirectional.</summary>
    public int Directions => Bidirectional ? 2 : 1;

    /// <summary>Numbers in h of one direction: the projection size if there is one, else the hidden size.</summary>
    public int StateSize => ProjectionSize > 0 ? ProjectionSize : HiddenSize;

    /// <summary>Numbers that one step gives to the next layer: h of all directions.</summary>
    public int OutputSize => Directions * StateSize;

    /// <summary>Blocks of H rows in the weights: 1 (Elman), 3 (GRU) or 4 (LSTM).</summary>
    public int Gates => Cell switch
    {
        CellKind.Elman => 1,
        CellKind.Lstm => CoupledGates ? 3 : 4,
        _ => 3,
    };
}
