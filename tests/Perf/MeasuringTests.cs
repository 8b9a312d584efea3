using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>The instruments, as far as they do not depend on a clock.</summary>
public class MeasuringTests
{
    [Fact]
    public void Allocation_is_counted_for_each_call()
    {
        object? kept = null;
        Timing[] timings = Timing.Measure([() => { }, () => kept = new long[4]], batchMilliseconds: 0.1, batches: 3);

        Assert.NotNull(kept);
        Assert.Equal(0, timings[0].Allocated);
        Assert.InRange(timings[1].Allocated, 32, 64);
    }

    [Fact]
    public void A_timing_keeps_its_batches()
    {
        var timing = Timing.Measure(() => Thread.SpinWait(10), batchMilliseconds: 0.1, batches: 5);

        Assert.Equal(5, timing.Batches.Length);
        double[] times = [.. timing.Batches.Select(batch => batch.Value).Order()];
        Assert.Equal(times[0], timing.Minimum);
        Assert.Equal(times[2], timing.Median);
        Assert.Equal(1, Timing.Ratio(timing, timing));
    }

    [Fact]
    public unsafe void Memory_starts_on_a_huge_page_and_is_zero()
    {
        using var small = new PagedMemory(5000, hugePages: false);
        using var huge = new PagedMemory(5 << 20, hugePages: true);

        Assert.Equal(0u, (nuint)small.Pointer % (2 << 20));
        Assert.Equal(0u, (nuint)huge.Pointer % (2 << 20));
        Assert.Equal(0, small.HugeBytes);
        Assert.InRange(huge.HugeBytes, 0, 6 << 20);
        Assert.False(new ReadOnlySpan<byte>(huge.Pointer, 5 << 20).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Sizes_of_caches_are_read()
    {
        using var folder = new TemporaryFolder();
        (string Level, string Type, string Size)[] caches =
            [("1", "Data", "48K"), ("1", "Instruction", "64K"), ("2", "Unified", "2048K"), ("3", "Unified", "105M")];
        for (int i = 0; i < caches.Length; i++)
        {
            string index = Directory.CreateDirectory(folder.File($"index{i}")).FullName;
            File.WriteAllText(Path.Combine(index, "level"), caches[i].Level + "\n");
            File.WriteAllText(Path.Combine(index, "type"), caches[i].Type + "\n");
            File.WriteAllText(Path.Combine(index, "size"), caches[i].Size + "\n");
        }

        Assert.Equal(new CacheSizes(48 << 10, 2 << 20, 105 << 20), CacheSizes.Read(folder.Path));
    }

    [Fact]
    public void Sizes_that_no_one_tells_are_guessed() => Assert.Equal(CacheSizes.Fallback, CacheSizes.Read("no/such/folder"));
}
