using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using SpanRnn.Core;
using SpanRnn.Core.Workers;

namespace SpanRnn;

#pragma warning disable RS0030 // Threads and semaphores are banned everywhere else.

/// <summary>
/// Fixed number of threads that share the work of one call at a time. Results depend neither on the number of threads nor on which thread
/// does which part: each number is computed by one thread in one order.
/// </summary>
/// <remarks>
/// Networks and trainers share the pool that they are constructed with. Of two calls at the same time, the second does its work alone. A
/// thread without work looks for work for about two milliseconds and then sleeps. Threads run in the background, so a program may end
/// without disposing the pool. Only the constructor allocates. Not for a real-time thread: a call waits until the other threads finish
/// their parts.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    // Number of looks for work before a thread sleeps: about two milliseconds. Waking a thread takes as long as a whole phase of a small
    // training step (Elman, 128 units: two threads were 1.45 times as fast as one, and 1.25 times with a tenth of these looks).
    private const int Looks = 20000;

    private readonly SemaphoreSlim _sleep = new(0);

    private int _busy;
    private int _generation;
    private int _sleepers;
    private int _remaining;
    private bool _stopping;
    private Exception? _failure;

    // Current work: its address on the stack of its caller, the method that runs a part of it, and the next part. The number of parts is
    // in the high half of _claims, so that a thread that comes late learns from one read that no part is left.
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

    /// <summary>Number of threads that work, the caller among them.</summary>
    public int Threads { get; }

    /// <summary>Ends the threads; later calls do their work alone.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _stopping, true);
        if (Threads > 1)
        {
            _sleep.Release(Threads - 1);
        }
    }

    /// <summary>Does all parts of <paramref name="work"/>, sharing them with the other threads, and returns when all are done.</summary>
    /// <exception cref="Exception">A part threw it; it is thrown on when all parts are done.</exception>
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

        // The work is a local variable of the caller, and this method returns only when the work is done. Other threads read it in place,
        // and the runtime keeps the references in it up to date, since it is on the caller's stack.
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

    // Does parts until none is left.
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
                    // A caller that publishes work meanwhile may not see this sleeper. The other threads then do all of that work.
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
