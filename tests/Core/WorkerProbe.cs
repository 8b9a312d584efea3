using System.Diagnostics;
using SpanRnn.Core;

namespace SpanRnn.Tests;

/// <summary>Gets hold of all threads of a pool at once, and of what each has allocated so far.</summary>
internal sealed class WorkerProbe(WorkerPool pool)
{
    private readonly Thread?[] _threads = new Thread?[pool.Threads];
    private readonly long[] _allocated = new long[pool.Threads];
    private readonly Dictionary<Thread, long> _before = [];

    /// <summary>The threads, the caller's among them.</summary>
    public IReadOnlyList<Thread> Threads => [.. Gather().Keys];

    /// <summary>Remembers what each thread has allocated.</summary>
    public void Start()
    {
        // Twice, so that what the probe itself allocates on its first visit is behind it.
        Gather();
        _before.Clear();
        foreach ((Thread thread, long allocated) in Gather())
        {
            _before.Add(thread, allocated);
        }
    }

    /// <summary>Fails if a thread has allocated since.</summary>
    public void AssertNothingSince(string what)
    {
        foreach ((Thread thread, long allocated) in Gather())
        {
            // The caller's own thread allocates in the test; what its calls allocate is for Allocation to say.
            if (thread != Thread.CurrentThread)
            {
                long bytes = allocated - _before[thread];
                Assert.True(bytes == 0, $"{what}: {thread.Name} allocated {bytes} bytes, expected 0.");
            }
        }
    }

    /// <summary>Has every thread do it.</summary>
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
