namespace SpanRnn.Perf;

/// <summary>What the machine can do at most, measured in turn with the kernel that it bounds.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Run">Does it once.</param>
/// <param name="Amount">Bytes or operations of one run.</param>
/// <param name="OfBytes">Whether <paramref name="Amount"/> counts bytes.</param>
/// <param name="Memory">What it reads.</param>
internal sealed record Limit(string Name, Action Run, double Amount, bool OfBytes, IDisposable? Memory = null);
