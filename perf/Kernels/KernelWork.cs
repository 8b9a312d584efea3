namespace SpanRnn.Perf;

/// <summary>A case with its memory, ready to be checked and timed.</summary>
internal sealed class KernelWork(Expectation expectation, Contender own) : IDisposable
{
    private readonly List<Contender> _peers = [];
    private readonly List<string> _missing = [];
    private readonly List<IDisposable> _owned = [];
    private double _error;

    /// <summary>Floating-point operations of one call, 0 if they are not counted.</summary>
    public double Operations { get; init; }

    /// <summary>Bytes that one call must read, 0 if they are not counted.</summary>
    public double Bytes { get; init; }

    /// <summary>Limit of the kernel, if it has one.</summary>
    public Limit? Limit { get; init; }

    public void AddPeer(Contender peer) => _peers.Add(peer);

    /// <summary>Adds a peer that is not on this machine.</summary>
    public void AddMissing(string name) => _missing.Add(name);

    /// <summary>Adds an object to dispose of together with the case.</summary>
    public void Own(IDisposable thing) => _owned.Add(thing);

    /// <summary>Runs every contender once and throws if a result is wrong.</summary>
    public void Check(string name)
    {
        own.Run();
        _error = expectation.Check($"{name}: {own.Name}", own.Result!());
        foreach (Contender contender in _peers)
        {
            if (contender.Result is not null)
            {
                contender.Run();
                _ = expectation.Check($"{name}: {contender.Name}", contender.Result());
            }
        }
    }

    /// <summary>Runs SpanRnn's kernel once.</summary>
    public void Run() => own.Run();

    /// <summary>Times all contenders in turn.</summary>
    public KernelTimes Measure(KernelCase of, bool quick)
    {
        List<Action> actions = [own.Run, .. _peers.Select(peer => peer.Run)];
        if (Limit is not null)
        {
            actions.Add(Limit.Run);
        }

        Timing[] timings = quick
            ? Timing.Measure([.. actions], batchMilliseconds: 1, batches: 5)
            : Timing.Measure([.. actions]);
        return new KernelTimes(
            of, timings, [.. _peers.Select(peer => peer.Name)], [.. _missing], Limit, Operations, Bytes, _error);
    }

    public void Dispose()
    {
        Limit?.Memory?.Dispose();
        foreach (IDisposable thing in _owned)
        {
            thing.Dispose();
        }
    }
}
