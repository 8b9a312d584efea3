namespace SpanRnn;

/// <summary>
/// The activations of one direction of a layer. An activation that the cell does not have has the default of its namesake.
/// </summary>
/// <param name="Activation">φ, see <see cref="RecurrentLayer.Activation"/>.</param>
/// <param name="GateActivation">γ, see <see cref="RecurrentLayer.GateActivation"/>.</param>
/// <param name="OutputActivation">ψ, see <see cref="RecurrentLayer.OutputActivation"/>.</param>
public readonly record struct LayerActivations(
    ActivationSpec Activation, ActivationSpec GateActivation, ActivationSpec OutputActivation);
