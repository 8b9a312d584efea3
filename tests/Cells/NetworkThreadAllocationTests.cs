using System.Numerics;
using SpanRnn.Cells.Training;
using SpanRnn.Core.Workers;

namespace SpanRnn.Tests;

/// <summary>Neither the caller nor any thread of the pool allocates, with dropout and step norms too.</summary>
[Trait("Category", "Simd")]
public sealed class NetworkThreadAllocationTests : IDisposable
{
    private readonly WorkerPool _pool = new(3);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void A_run_of_a_pool_allocates_nothing()
    {
        var probe = new WorkerProbe(_pool);
        int[] done = new int[8];
        var work = new Count(done);
        Allocation.AssertNone(() => _pool.Run(ref work, 8));
        probe.AssertNone(
            () =>
            {
                for (int run = 0; run < 100; run++)
                {
                    _pool.Run(ref work, 8);
                }
            },
            "100 runs");
    }

    [Fact]
    public void Forward_and_backward_allocate_nothing()
    {
        var probe = new WorkerProbe(_pool);
        foreach (NetworkSpec spec in Variants.All)
        {
            Trains<float>(spec, probe);
            Trains<double>(spec, probe);
        }
    }

    [Fact]
    public void The_probe_sees_what_a_thread_of_the_pool_allocates()
    {
        var probe = new WorkerProbe(_pool);
        probe.AssertNone(() => { }, "nothing");
        Assert.ThrowsAny<Exception>(() => probe.AssertNone(() => probe.OnAll(() => GC.KeepAlive(new byte[1])), "an array of one byte"));
    }

    private void Trains<T>(NetworkSpec spec, WorkerProbe probe)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var run = new NetworkRun<T>(spec, 4, [2, 4, 0, 3, 1], _pool);
        var dropout = new Dropout<T>(spec, 0.2, 0.3);
        run.Dropout = dropout;
        run.StepNorms = new double[spec.Layers.Length * 4];
        spec.Initialize<T>(run.Parameters, new RandomSource(1));
        Array.Clear(run.DY);
        Array.Clear(run.DState);
        long step = 0;
        Action train = () =>
        {
            dropout.Draw(run.Layout, 1, step++);
            run.Forward();
            run.Backward();
        };
        Allocation.AssertNone(train, $"Training of {spec.Layers[0]}");
        probe.AssertNone(train, $"Training of {spec.Layers[0]}");
    }

    private readonly struct Count(int[] done) : IWork
    {
        public void Run(int part) => Interlocked.Increment(ref done[part]);
    }
}
