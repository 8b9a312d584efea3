namespace SpanRnn.Cells.Description;

/// <summary>An activation of a network, with its place.</summary>
/// <param name="Place">The place as messages name it: "Layer 0" in either direction.</param>
/// <param name="Activation">The activation with its parameters.</param>
internal readonly record struct NetworkActivation(string Place, ActivationSpec Activation);
