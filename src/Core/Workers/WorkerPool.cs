using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using SpanRnn.Core;
using SpanRnn.Core.Workers;

namespace SpanRnn;

#pragma warning disable RS0030 // Threads, and what they wait on, are banned everywhere else.

/// <summary>
/// A fixed number of threads that share the work of one call at a time. Results never depend on how many there are, nor on which of
/// them does what: work is cut so that each number is computed by one thread in one order.
/// </summary>
/// <remarks>
/// Belongs to the networks and trainers that were given it. Of two calls at the same time the second does its work alone. Threads that
/// have nothing to do look for work for some two milliseconds, then sleep; they run in the background, so a program may end without
/// disposing. Nothing but the constructor allocates. Not for a real-time thread: a call waits for the other threads to finish their
/// parts.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    // Looks for work before a thread sleeps: about two milliseconds. To wake one takes as long as a whole phase of a small training step
    // (Elman, 128 units: with a tenth of this two threads were 1.25 times as fast as one, with this 1.45).
    private const int Looks = 20000;

    private readonly SemaphoreSlim _sleep = new(0);

    private int _busy;
    private int _generation;
    private int _sleepers;
    private int _remaining;
    private bool _stopping;
    private Exception? _failure;

    // What is being done: where the work lies on its caller's stack, how a part of it is run, and the next part, with the number of
    // parts in the high half, so that a thread that comes late sees from one read that there is nothing left.
    private void* _work;
    private delegate*<void*, int, void> _run;
    private long _claims;

    /// <summary>Starts the threads. Allocates.</summary>
    /// <param name="threads">1 or more; the thread that makes a call is one of them.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1 or above 1024.</exception>
    public WorkerPool(int threads)
    {
        Guard.Positive(threads);
        Guard.AtMost(threads, 1024, "the threads of one pool");
        Threads = threads;
        for (int i = 1; i < threads; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"SpanRnn worker {i}" }.Start();
        }
    }

    /// <summary>How many threads work, the caller among them.</summary>
    public int Threads { get; }

    /// <summary>Ends the threads; calls after it do their work alone.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _stopping, true);
        if (Threads > 1)
        {
            _sleep.Release(Threads - 1);
        }
    }

    /// <summary>Does all parts of <paramref name="work"/>, sharing them with the other threads, and returns when all are done.</summary>
    /// <exception cref="Exception">What a part threw, once no part is being done any more.</exception>
    internal void Run<TWork>(ref TWork work, int parts)
        where TWork : struct, IWork, allows ref struct
    {
        if (parts <= 1 || Threads == 1 || Volatile.Read(ref _stopping) || Interlocked.Exchange(ref _busy, 1) != 0)
        {
            for (int part = 0; part < parts; part++)
            {
                work.Run(part);
            }

            return;
        }

        // The work is a local of the caller, who stays in this method until it is done: other threads read it where it is, and the
        // references in it are kept up to date with that caller's stack.
        _work = Unsafe.AsPointer(ref work);
        _run = &Run<TWork>;
        _failure = null;
        Volatile.Write(ref _remaining, parts);
        Volatile.Write(ref _claims, (long)parts << 32);
        Interlocked.Increment(ref _generation);
        int sleepers = Interlocked.Exchange(ref _sleepers, 0);
        if (sleepers > 0)
        {
            _sleep.Release(sleepers);
        }

        Claim();
        SpinWait wait = default;
        while (Volatile.Read(ref _remaining) > 0)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        Exception? failure = _failure;
        Volatile.Write(ref _busy, 0);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static void Run<TWork>(void* work, int part)
        where TWork : struct, IWork, allows ref struct => Unsafe.AsRef<TWork>(work).Run(part);

    // Parts, until there are none.
    private void Claim()
    {
        while (true)
        {
            long claim = Interlocked.Increment(ref _claims) - 1;
            int part = (int)claim;
            if (part >= (int)(claim >> 32))
            {
                return;
            }

            try
            {
                _run(_work, part);
            }
            catch (Exception e)
            {
                _failure = e;
            }

            Interlocked.Decrement(ref _remaining);
        }
    }

    private void Work()
    {
        int seen = 0;
        while (!Volatile.Read(ref _stopping))
        {
            int looks = 0;
            while (Volatile.Read(ref _generation) == seen && !Volatile.Read(ref _stopping))
            {
                if (looks++ < Looks)
                {
                    Thread.SpinWait(8);
                }
                else
                {
                    // Who publishes meanwhile may not see this sleeper: then the others do all of that work.
                    Interlocked.Increment(ref _sleepers);
                    _sleep.Wait();
                    looks = 0;
                }
            }

            seen = Volatile.Read(ref _generation);
            Claim();
        }
    }
}
