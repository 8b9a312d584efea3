namespace SpanRnn.Perf;

/// <summary>Upper limit of the machine, measured in turn with the kernel that it bounds.</summary>
/// <param name="Name">Name of the limiting resource.</param>
/// <param name="Run">Does the work once.</param>
/// <param name="Amount">Bytes or operations of one run.</param>
/// <param name="OfBytes">True if <paramref name="Amount"/> counts bytes.</param>
/// <param name="Memory">Memory that a run reads.</param>
internal sealed record Limit(string Name, Action Run, double Amount, bool OfBytes, IDisposable? Memory = null);
