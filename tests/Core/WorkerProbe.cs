using System.Diagnostics;
using SpanRnn.Core.Workers;

namespace SpanRnn.Tests;

/// <summary>Gathers all threads of a pool at once, with the bytes that each has allocated so far.</summary>
internal sealed class WorkerProbe(WorkerPool pool)
{
    private readonly Thread?[] _threads = new Thread?[pool.Threads];
    private readonly long[] _allocated = new long[pool.Threads];

    /// <summary>All threads, with the caller's.</summary>
    public IReadOnlyList<Thread> Threads => [.. Gather().Keys];

    /// <summary>Fails if a thread other than the caller's allocates during the action.</summary>
    /// <remarks>
    /// It must do so in each of five attempts: a collection that another thread's garbage starts is sometimes counted as an allocation of a
    /// thread (<see cref="Allocation"/>), while allocations of the action always are. <see cref="Allocation"/> covers the caller's thread.
    /// </remarks>
    public void AssertNone(Action action, string what)
    {
        // Once before, so that the probe's own allocations on its first visit are not counted.
        Gather();
        string? found = string.Empty;
        for (int attempt = 0; attempt < 5 && found is not null; attempt++)
        {
            Dictionary<Thread, long> before = Gather();
            action();
            found = null;
            foreach ((Thread thread, long allocated) in Gather())
            {
                if (thread != Thread.CurrentThread && allocated != before[thread])
                {
                    found = $"{thread.Name} allocated {allocated - before[thread]} bytes";
                }
            }
        }

        Assert.True(found is null, $"{what}: {found}, expected 0.");
    }

    /// <summary>Runs the action on every thread.</summary>
    public void OnAll(Action action) => Gather(action);

    // Parts that end only when every thread is in one. A thread that falls asleep just then misses a call, so try again.
    private Dictionary<Thread, long> Gather(Action? action = null)
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            Array.Clear(_threads);
            var meeting = new Meeting(_threads, _allocated, action);
            pool.Run(ref meeting, pool.Threads);
            if (_threads.Distinct().Count(thread => thread is not null) == pool.Threads)
            {
                return Enumerable.Range(0, pool.Threads).ToDictionary(i => _threads[i]!, i => _allocated[i]);
            }
        }

        throw new InvalidOperationException($"Fewer than {pool.Threads} threads met in 100 attempts.");
    }

    private readonly struct Meeting(Thread?[] threads, long[] allocated, Action? action) : IWork
    {
        private static readonly long _patience = Stopwatch.Frequency / 5;

        public void Run(int part)
        {
            allocated[part] = GC.GetAllocatedBytesForCurrentThread();
            action?.Invoke();
            Volatile.Write(ref threads[part], Thread.CurrentThread);
            long start = Stopwatch.GetTimestamp();
            while (Array.IndexOf(threads, null) >= 0 && Stopwatch.GetTimestamp() - start < _patience)
            {
                Thread.Yield();
            }
        }
    }
}
