namespace SpanRnn.Perf;

/// <summary>Something that the gate times.</summary>
/// <param name="Name">By which two revisions know it as the same; a changed case gets a new name.</param>
/// <param name="IsShort">Whether it is on the short list.</param>
/// <param name="Prepare">Makes all that the call needs, and gives the call.</param>
internal sealed record GateCase(string Name, bool IsShort, Func<Action> Prepare);
