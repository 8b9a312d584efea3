namespace SpanRnn.Tests;

public class RandomSourceTests
{
    // Numbers of splitmix64 from 1234567, computed by its authors' code.
    [Fact]
    public void The_seed_fills_the_state_by_splitmix64() => Assert.Equal(
        [6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL, 4593380528125082431UL],
        new RandomSource(1234567).State.ToArray());

    // Numbers of xoshiro256** from the state 1, 2, 3, 4, computed by its authors' code.
    [Fact]
    public void The_numbers_are_those_of_xoshiro256()
    {
        var random = new RandomSource(0);
        ((ReadOnlySpan<ulong>)[1, 2, 3, 4]).CopyTo(random.State);
        foreach (ulong expected in (ulong[])
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625,
            8476171486693032832, 10595114339597558777, 2904607092377533576,
        ])
        {
            Assert.Equal(expected, random.NextUInt64());
        }
    }

    [Fact]
    public void A_source_starts_again_as_a_new_one()
    {
        var random = new RandomSource(7);
        random.NextNormal();
        random.Restart(42);

        Assert.Equal(new RandomSource(42).State.ToArray(), random.State.ToArray());
        Allocation.AssertNone(() => random.Restart(1, 2));
    }

    [Fact]
    public void Sequences_of_seeds_and_indices_are_all_different()
    {
        var random = new RandomSource(0);
        var firsts = new HashSet<ulong>();
        for (ulong seed = 0; seed < 30; seed++)
        {
            for (ulong index = 0; index < 30; index++)
            {
                random.Restart(seed, index);
                firsts.Add(random.NextUInt64());
            }
        }

        Assert.Equal(900, firsts.Count);
        random.Restart(3, 5);
        ulong[] state = random.State.ToArray();
        random.NextNormal();
        random.Restart(3, 5);
        Assert.Equal(state, random.State.ToArray());
    }

    [Fact]
    public void A_restored_state_continues()
    {
        var random = new RandomSource(42);
        random.NextNormal();
        var other = new RandomSource(0);
        random.State.CopyTo(other.State);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(random.NextNormal(), other.NextNormal());
            Assert.Equal(random.NextInt(1000), other.NextInt(1000));
        }

        Assert.NotEqual(new RandomSource(1).NextUInt64(), new RandomSource(2).NextUInt64());
    }

    [Fact]
    public void Whole_numbers_are_equally_likely()
    {
        var random = new RandomSource(7);
        foreach (int max in (int[])[1, 2, 3, 10, 52])
        {
            int[] counts = new int[max];
            const int Draws = 200_000;
            for (int i = 0; i < Draws; i++)
            {
                counts[random.NextInt(max)]++;
            }

            // χ² of max − 1 degrees of freedom: mean max − 1, variance 2(max − 1).
            double mean = (double)Draws / max;
            double square = counts.Sum(count => (count - mean) * (count - mean) / mean);
            Assert.True(square <= max - 1 + (5 * Math.Sqrt(2 * (max - 1))), $"χ² is {square} for {max}.");
        }
    }

    // 3·2³⁰ results from 2³²: plain scaling would make a third of them twice as likely.
    [Fact]
    public void Large_ranges_are_not_biased()
    {
        var random = new RandomSource(7);
        const int Max = 3 << 29;
        int low = 0;
        const int Draws = 100_000;
        for (int i = 0; i < Draws; i++)
        {
            int value = random.NextInt(Max);
            Assert.InRange(value, 0, Max - 1);
            low += value % 3 == 0 ? 1 : 0;
        }

        Assert.True(Math.Abs(low - (Draws / 3.0)) <= 5 * Math.Sqrt(Draws * 2 / 9.0), $"{low}");
    }

    // The second word of the state alone makes the number: 0 here, which 3 rejects (2³² mod 3 = 1) and 4 does not.
    [Fact]
    public void What_would_bias_is_drawn_again()
    {
        var random = new RandomSource(0);
        ReadOnlySpan<ulong> state = [1UL << 60, 0, 3UL << 50, 5];
        state.CopyTo(random.State);
        random.NextUInt64();
        int second = (int)((random.NextUInt64() >> 32) * 3 >> 32);
        ulong after = random.NextUInt64();

        state.CopyTo(random.State);
        Assert.Equal(second, random.NextInt(3));
        Assert.Equal(after, random.NextUInt64());
        state.CopyTo(random.State);
        Assert.Equal(0, random.NextInt(4));
    }

    [Fact]
    public void No_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomSource(1).NextInt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomSource(1).NextInt(-5));
    }

    [Fact]
    public void Fractions_are_below_one_and_even()
    {
        var random = new RandomSource(7);
        random.State.Fill(ulong.MaxValue);
        double sum = 0, squares = 0;
        const int Draws = 100_000;
        for (int i = 0; i < Draws; i++)
        {
            double value = random.NextDouble();
            Assert.True(value is >= 0 and < 1 && value * Math.ScaleB(1, 53) % 1 == 0, $"{value:r}");
            sum += value;
            squares += value * value;
        }

        Assert.InRange(sum / Draws, 0.495, 0.505);
        Assert.InRange(squares / Draws, 0.328, 0.338);
    }

    [Fact]
    public void Normal_numbers_have_the_moments_and_tails_of_the_normal_distribution()
    {
        var random = new RandomSource(7);
        const int Draws = 200_000;
        double[] x = [.. Enumerable.Range(0, Draws).Select(_ => random.NextNormal())];
        Assert.InRange(x.Average(), -0.012, 0.012);
        Assert.InRange(x.Average(value => value * value), 0.984, 1.016);
        Assert.InRange(x.Average(value => value * value * value), -0.045, 0.045);
        Assert.InRange(x.Average(value => value * value * value * value), 2.89, 3.11);
        Assert.InRange(x.Count(value => Math.Abs(value) > 1) / (double)Draws, 0.3123, 0.3223);
        Assert.InRange(x.Count(value => Math.Abs(value) > 3) / (double)Draws, 0.0021, 0.0033);
    }
}
