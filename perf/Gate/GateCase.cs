namespace SpanRnn.Perf;

/// <summary>A call that the gate times.</summary>
/// <param name="Name">Identifies the case in two revisions; a changed case gets a new name.</param>
/// <param name="IsShort">True if the case is on the short list.</param>
/// <param name="Prepare">Makes everything that the call needs, and returns the call.</param>
internal sealed record GateCase(string Name, bool IsShort, Func<Action> Prepare);
