using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Random numbers from a seed, the same on every machine and runtime: xoshiro256** (Blackman and Vigna 2018), whose state splitmix64 fills
/// from the seed.
/// </summary>
/// <remarks>
/// It is a class, since a copy would repeat the numbers. A source belongs to one thread at a time. All methods allocate nothing.
/// </remarks>
public sealed class RandomSource
{
    private readonly ulong[] _state = new ulong[4];

    /// <summary>Starts the sequence of <paramref name="seed"/>.</summary>
    /// <param name="seed">Any number.</param>
    public RandomSource(ulong seed) => Restart(seed);

    /// <summary>Starts the sequence of <paramref name="seed"/>, as a new source does.</summary>
    /// <param name="seed">Any number.</param>
    public void Restart(ulong seed)
    {
        foreach (ref ulong word in _state.AsSpan())
        {
            seed += 0x9E3779B97F4A7C15;
            ulong z = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            word = z ^ (z >> 31);
        }
    }

    /// <summary>
    /// Starts one of the many sequences of a seed. The numbers for a step or an epoch are then a function of the seed and the index alone,
    /// whatever was drawn before.
    /// </summary>
    /// <param name="seed">Any number.</param>
    /// <param name="index">Index of the sequence.</param>
    public void Restart(ulong seed, ulong index)
    {
        // The seed is hashed first: otherwise seeds s and s + 1 would have the same sequences, one index apart.
        Restart(seed);
        Restart(NextUInt64() + index);
    }

    /// <summary>
    /// The whole state, [4]: save it and write it back to continue. It may not be four zeros, after which only zeros follow.
    /// </summary>
    public Span<ulong> State => _state;

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong[] s = _state;
        ulong result = BitOperations.RotateLeft(s[1] * 5, 7) * 9;
        ulong t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = BitOperations.RotateLeft(s[3], 45);
        return result;
    }

    /// <summary>Whole number from 0 to <paramref name="exclusiveMax"/> − 1, all equally likely (Lemire 2019).</summary>
    /// <param name="exclusiveMax">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is below 1.</exception>
    public int NextInt(int exclusiveMax)
    {
        Guard.Positive(exclusiveMax);

        // x·max / 2³² with x of 32 bits. A product whose low half is below 2³² mod max is drawn again: it would make some results likelier.
        uint max = (uint)exclusiveMax;
        ulong product = (NextUInt64() >> 32) * max;
        if ((uint)product < max)
        {
            uint excess = (0 - max) % max;
            while ((uint)product < excess)
            {
                product = (NextUInt64() >> 32) * max;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>Number from 0 to below 1: a multiple of 2⁻⁵³, all equally likely.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Independent numbers, equally likely from <paramref name="low"/> to <paramref name="high"/>. Allocates nothing.</summary>
    /// <param name="span">[n] out.</param>
    /// <param name="low">The lowest number, finite.</param>
    /// <param name="high">The highest number, finite and not below <paramref name="low"/>.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">A bound is not finite, or the bounds are the wrong way round.</exception>
    public void Fill<T>(Span<T> span, double low, double high)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        if (!double.IsFinite(double.CreateTruncating(T.CreateTruncating(low))))
        {
            throw new ArgumentOutOfRangeException(nameof(low), $"'low' is {low}, expected a finite {typeof(T).Name}.");
        }

        if (!(high >= low && double.IsFinite(high - low) && double.IsFinite(double.CreateTruncating(T.CreateTruncating(high)))))
        {
            throw new ArgumentOutOfRangeException(
                nameof(high), $"'high' is {high}, expected a finite {typeof(T).Name}, 'low' = {low} or more, at a finite distance.");
        }

        foreach (ref T value in span)
        {
            value = T.CreateTruncating(low + ((high - low) * NextDouble()));
        }
    }

    /// <summary>
    /// Normal number of mean 0 and variance 1 by the polar method (Marsaglia and Bray 1964). The second number of each pair is dropped,
    /// since it would otherwise be a part of the state.
    /// </summary>
    public double NextNormal()
    {
        double x, square;
        do
        {
            x = (2 * NextDouble()) - 1;
            double y = (2 * NextDouble()) - 1;
            square = (x * x) + (y * y);
        }
        while (square is 0 or >= 1);

        return x * Math.Sqrt(-2 * Math.Log(square) / square);
    }
}
