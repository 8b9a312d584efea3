using System.Runtime.CompilerServices;
using SpanRnn.Core.Workers;

namespace SpanRnn.Tests;

/// <summary>Every part is done once, by any thread; a part may throw, two callers may meet, and the pool may be gone.</summary>
public class WorkerPoolTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public static TheoryData<int> ThreadCounts => [1, 2, 3, 7];

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Does_every_part_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        Assert.Equal(threads, pool.Threads);
        foreach (int parts in new[] { 0, 1, 2, 3, threads - 1, threads, threads + 1, 64, 1000 })
        {
            var work = new Count(new int[parts]);
            pool.Run(ref work, parts);
            Assert.All(work.Done, done => Assert.Equal(1, done));
        }
    }

    // Each run ends before the next begins, so a late thread that works on the wrong run does a part twice, or leaves one out.
    [Theory]
    [InlineData(2, 20000)]
    [InlineData(7, 3000)]
    public void Thousands_of_tiny_runs_do_every_part_once(int threads, int runs)
    {
        using var pool = new WorkerPool(threads);
        var random = new Random(1);
        int[] done = new int[16];
        for (int run = 1; run <= runs; run++)
        {
            int parts = random.Next(2, done.Length + 1);
            Array.Clear(done);
            var work = new Count(done);
            pool.Run(ref work, parts);
            for (int part = 0; part < done.Length; part++)
            {
                Assert.True(done[part] == (part < parts ? 1 : 0), $"run {run}: part {part} of {parts} was done {done[part]} times.");
            }

            if (run % 500 == 0)
            {
                // Long enough for the threads to fall asleep.
                Thread.Sleep(2);
            }
        }
    }

    // Work of other types and spans from the stack and from arrays that a collection moves meanwhile.
    [Fact]
    public void Spans_in_the_work_follow_what_a_collection_moves()
    {
        using var pool = new WorkerPool(3);
        bool stop = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: true);
                Thread.Yield();
            }
        });
        collector.Start();
        try
        {
            Span<int> onStack = stackalloc int[6];
            for (int run = 0; run < 300; run++)
            {
                int[] before = new int[run % 7];
                int[] source = [.. Enumerable.Range(run, 3000)];
                var sums = new Sums { Source = source, Result = onStack, Parts = onStack.Length };
                pool.Run(ref sums, onStack.Length);
                var squares = new Doubles { Values = source.AsSpan(), Parts = 5 };
                pool.Run(ref squares, 5);
                int sum = 0;
                foreach (int part in onStack)
                {
                    sum += part;
                }

                Assert.Equal((3000 * run) + (3000 * 2999 / 2) + before.Length - (run % 7), sum);
                Assert.Equal([.. Enumerable.Range(run, 3000).Select(i => 2 * i)], source);
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
        }
    }

    [Fact]
    public void All_threads_work_and_the_caller_is_one_of_them()
    {
        foreach (int threads in new[] { 1, 2, 7 })
        {
            using var pool = new WorkerPool(threads);
            IReadOnlyList<Thread> met = new WorkerProbe(pool).Threads;
            Assert.Equal(threads, met.Count);
            Assert.Contains(Thread.CurrentThread, met);
            Assert.All(met, thread => Assert.True(thread == Thread.CurrentThread || thread.IsBackground));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void What_a_part_throws_reaches_the_caller_when_all_parts_are_over(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int run = 0; run < 200; run++)
        {
            var work = new Throwing(new int[20], run % 20, [0]);
            InvalidTimeZoneException failure = Assert.Throws<InvalidTimeZoneException>(() => pool.Run(ref work, 20));
            Assert.Equal(0, Volatile.Read(ref work.Inside[0]));
            Assert.Equal($"part {run % 20}", failure.Message);
            Assert.Contains(nameof(Throwing), failure.StackTrace, StringComparison.Ordinal);
            Assert.All(work.Done, done => Assert.Equal(1, done));

            // The next run does not hear of it.
            var count = new Count(new int[9]);
            pool.Run(ref count, 9);
            Assert.All(count.Done, done => Assert.Equal(1, done));
        }
    }

    [Fact]
    public void Parts_that_all_throw_give_one_exception()
    {
        using var pool = new WorkerPool(3);
        var work = new Throwing(new int[20], -1, [0]);
        Assert.Throws<InvalidTimeZoneException>(() => pool.Run(ref work, 20));
        Assert.Equal(0, work.Inside[0]);
        var count = new Count(new int[9]);
        pool.Run(ref count, 9);
        Assert.All(count.Done, done => Assert.Equal(1, done));
    }

    [Fact]
    public void What_a_part_throws_without_other_threads_reaches_the_caller_too()
    {
        using var pool = new WorkerPool(1);
        var work = new Throwing(new int[3], 1, [0]);
        Assert.Equal("part 1", Assert.Throws<InvalidTimeZoneException>(() => pool.Run(ref work, 3)).Message);
        Assert.Equal(0, work.Inside[0]);
    }

    [Fact]
    public void Of_two_callers_the_second_works_alone()
    {
        using var pool = new WorkerPool(3);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var first = new Waiting(entered, leave, new int[4]);
        var caller = new Thread(() => pool.Run(ref first, 4));
        caller.Start();
        Assert.True(entered.Wait(_patience));

        var second = new Who(new Thread?[50]);
        pool.Run(ref second, 50);
        Assert.All(second.By, thread => Assert.Same(Thread.CurrentThread, thread));

        Assert.True(caller.IsAlive);
        leave.Set();
        Assert.True(caller.Join(_patience));
        Assert.All(first.Done, done => Assert.Equal(1, done));
    }

    [Fact]
    public void Many_callers_at_once_each_get_all_their_parts()
    {
        using var pool = new WorkerPool(2);
        Exception? failure = null;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(caller => new Thread(() =>
        {
            try
            {
                for (int run = 0; run < 2000; run++)
                {
                    int parts = 2 + ((run + caller) % 5);
                    var work = new Count(new int[parts]);
                    pool.Run(ref work, parts);
                    Assert.All(work.Done, done => Assert.Equal(1, done));
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }))];
        Array.ForEach(callers, caller => caller.Start());
        Array.ForEach(callers, caller => caller.Join());
        Assert.Null(failure);
    }

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Work_within_work_is_done_by_the_thread_that_asks(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int run = 0; run < 200; run++)
        {
            var outer = new Nested(pool, new int[5 * 6], new int[5]);
            pool.Run(ref outer, 5);
            Assert.All(outer.Done, done => Assert.Equal(1, done));
            Assert.All(outer.Strangers, strangers => Assert.Equal(0, strangers));
        }
    }

    [Fact]
    public void After_Dispose_the_threads_end_and_calls_work_alone()
    {
        var pool = new WorkerPool(3);
        IReadOnlyList<Thread> threads = new WorkerProbe(pool).Threads;
        pool.Dispose();
        Assert.All(threads, thread => Assert.True(thread == Thread.CurrentThread || thread.Join(_patience)));
        var work = new Who(new Thread?[8]);
        pool.Run(ref work, 8);
        Assert.All(work.By, thread => Assert.Same(Thread.CurrentThread, thread));
        Assert.Equal(3, pool.Threads);
        pool.Dispose();
    }

    [Fact]
    public void Threads_that_sleep_end_too()
    {
        var pool = new WorkerPool(4);
        IReadOnlyList<Thread> threads = new WorkerProbe(pool).Threads;
        Thread.Sleep(20);
        pool.Dispose();
        Assert.All(threads, thread => Assert.True(thread == Thread.CurrentThread || thread.Join(_patience)));
    }

    [Fact]
    public void Dispose_during_a_run_lets_it_finish()
    {
        for (int run = 0; run < 50; run++)
        {
            var pool = new WorkerPool(3);
            var work = new Disposing(pool, new int[30]);
            pool.Run(ref work, 30);
            Assert.All(work.Done, done => Assert.Equal(1, done));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Refuses_a_number_of_threads(int threads)
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(threads));
        Assert.Equal("threads", e.ParamName);
        Assert.Contains(threads.ToString(), e.Message, StringComparison.Ordinal);
    }

    private readonly struct Count(int[] done) : IWork
    {
        public int[] Done => done;

        public void Run(int part) => Interlocked.Increment(ref done[part]);
    }

    private readonly struct Who(Thread?[] by) : IWork
    {
        public Thread?[] By => by;

        public void Run(int part) => by[part] = Thread.CurrentThread;
    }

    private ref struct Sums : IWork
    {
        public required ReadOnlySpan<int> Source;
        public required Span<int> Result;
        public required int Parts;

        public readonly void Run(int part)
        {
            Result[part] = 0;
            for (int i = part; i < Source.Length; i += Parts)
            {
                Result[part] += Source[i];
            }
        }
    }

    private ref struct Doubles : IWork
    {
        public required Span<int> Values;
        public required int Parts;

        public readonly void Run(int part)
        {
            for (int i = part; i < Values.Length; i += Parts)
            {
                Values[i] *= 2;
            }
        }
    }

    /// <summary>Throws at one part, or at all for −1; Inside counts the parts in progress.</summary>
    private readonly struct Throwing(int[] done, int at, int[] inside) : IWork
    {
        public int[] Done => done;

        public int[] Inside => inside;

        // The stack trace names it, so it is not inlined.
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Run(int part)
        {
            Interlocked.Increment(ref inside[0]);
            Interlocked.Increment(ref done[part]);
            try
            {
                Thread.SpinWait(part * 20);
                if (part == at || at < 0)
                {
                    throw new InvalidTimeZoneException($"part {part}");
                }
            }
            finally
            {
                Interlocked.Decrement(ref inside[0]);
            }
        }
    }

    /// <summary>Stays in part 0 until it is released.</summary>
    private readonly struct Waiting(ManualResetEventSlim entered, ManualResetEventSlim leave, int[] done) : IWork
    {
        public int[] Done => done;

        public void Run(int part)
        {
            Interlocked.Increment(ref done[part]);
            if (part == 0)
            {
                entered.Set();
                Assert.True(leave.Wait(_patience));
            }
        }
    }

    private readonly struct Nested(WorkerPool pool, int[] done, int[] strangers) : IWork
    {
        public int[] Done => done;

        public int[] Strangers => strangers;

        public void Run(int part)
        {
            var inner = new Inner(done.AsMemory(part * 6, 6), Thread.CurrentThread, strangers, part);
            pool.Run(ref inner, 6);
        }

        private readonly struct Inner(Memory<int> done, Thread asker, int[] strangers, int outer) : IWork
        {
            public void Run(int part)
            {
                done.Span[part]++;
                if (Thread.CurrentThread != asker)
                {
                    Interlocked.Increment(ref strangers[outer]);
                }
            }
        }
    }

    private readonly struct Disposing(WorkerPool pool, int[] done) : IWork
    {
        public int[] Done => done;

        public void Run(int part)
        {
            Interlocked.Increment(ref done[part]);
            if (part == 7)
            {
                pool.Dispose();
            }
        }
    }
}
