using SpanRnn.Tasks.Baselines;

namespace SpanRnn.Tasks;

/// <summary>
/// Model of sequences that counts which symbol follows the last 0 to n − 1 symbols: what a network must beat. Predictions back off to the
/// longest context that was learned; probabilities are those of Witten and Bell (1991).
/// </summary>
/// <remarks>Learning belongs to one thread; afterwards any number of threads may predict.</remarks>
public sealed class NGram
{
    /// <summary>Largest n.</summary>
    public const int LargestOrder = 5;

    // Contexts of 0 to 4 symbols by their key.
    private readonly Dictionary<UInt128, Followers> _followers = [];

    /// <summary>Makes a model that has learned nothing.</summary>
    /// <param name="symbols">Number of symbols, at least 1.</param>
    /// <param name="order">n, from 1 (no context) to <see cref="LargestOrder"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public NGram(int symbols, int order)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(symbols, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, LargestOrder);
        (Symbols, Order) = (symbols, order);
    }

    /// <summary>Number of symbols.</summary>
    public int Symbols { get; }

    /// <summary>n: contexts have up to n − 1 symbols.</summary>
    public int Order { get; }

    /// <summary>Learns every symbol of a sequence from those before it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not from 0 to <see cref="Symbols"/> − 1.</exception>
    public void Learn(ReadOnlySpan<int> sequence)
    {
        Check(sequence, nameof(sequence));
        for (int i = 0; i < sequence.Length; i++)
        {
            Count(sequence[..i], sequence[i]);
        }
    }

    /// <summary>Learns that a symbol followed a context, and nothing of the context itself.</summary>
    /// <param name="context">All symbols before it; the last n − 1 count.</param>
    /// <param name="symbol">The symbol.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number that counts is not from 0 to <see cref="Symbols"/> − 1.</exception>
    public void Learn(ReadOnlySpan<int> context, int symbol)
    {
        context = context[^Longest(context)..];
        Check(context, nameof(context));
        Check([symbol], nameof(symbol));
        Count(context, symbol);
    }

    /// <summary>
    /// Predicts the symbol that follows: the one that most often followed the longest end of <paramref name="context"/> that was learned,
    /// of equally frequent ones the one that was learned first; 0 if nothing was learned.
    /// </summary>
    /// <param name="context">All symbols so far; the last n − 1 count.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number that counts is not from 0 to <see cref="Symbols"/> − 1.</exception>
    public int Predict(ReadOnlySpan<int> context)
    {
        context = context[^Longest(context)..];
        Check(context, nameof(context));
        for (int length = Longest(context); length >= 0; length--)
        {
            if (_followers.TryGetValue(Key(context[^length..]), out Followers? followers))
            {
                return followers.Likeliest;
            }
        }

        return 0;
    }

    /// <summary>
    /// Computes the probability that a symbol follows: p_c(s) = (n(c, s) + t(c)·p_d(s)) / (n(c) + t(c)), where n counts what followed the
    /// context c, t(c) counts the different symbols that did, and d is c without its first symbol; below the empty context all are equally
    /// likely. Never 0.
    /// </summary>
    /// <param name="context">All symbols so far; the last n − 1 count.</param>
    /// <param name="symbol">The symbol.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number that counts is not from 0 to <see cref="Symbols"/> − 1.</exception>
    public double Probability(ReadOnlySpan<int> context, int symbol)
    {
        context = context[^Longest(context)..];
        Check(context, nameof(context));
        Check([symbol], nameof(symbol));
        return Interpolated(context, symbol);
    }

    /// <summary>Computes Σ ln p over the symbols of a sequence, for a <see cref="LikelihoodReport"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not from 0 to <see cref="Symbols"/> − 1.</exception>
    public double LogLikelihood(ReadOnlySpan<int> sequence)
    {
        Check(sequence, nameof(sequence));
        double sum = 0;
        for (int i = 0; i < sequence.Length; i++)
        {
            sum += Math.Log(Interpolated(sequence[..i], sequence[i]));
        }

        return sum;
    }

    // The length is in front, since symbol 0 is not nothing.
    private static UInt128 Key(ReadOnlySpan<int> context)
    {
        UInt128 key = (uint)context.Length;
        foreach (int symbol in context)
        {
            key = (key << 31) | (uint)symbol;
        }

        return key;
    }

    private int Longest(ReadOnlySpan<int> context) => Math.Min(context.Length, Order - 1);

    private double Interpolated(ReadOnlySpan<int> context, int symbol)
    {
        double p = 1.0 / Symbols;
        for (int length = 0; length <= Longest(context); length++)
        {
            if (_followers.TryGetValue(Key(context[^length..]), out Followers? followers))
            {
                p = (followers.Count(symbol) + (followers.Different * p)) / (followers.Total + followers.Different);
            }
        }

        return p;
    }

    private void Count(ReadOnlySpan<int> context, int symbol)
    {
        for (int length = 0; length <= Longest(context); length++)
        {
            UInt128 key = Key(context[^length..]);
            if (!_followers.TryGetValue(key, out Followers? followers))
            {
                _followers.Add(key, followers = new Followers());
            }

            followers.Add(symbol);
        }
    }

    private void Check(ReadOnlySpan<int> symbols, string name)
    {
        foreach (int symbol in symbols)
        {
            if ((uint)symbol >= (uint)Symbols)
            {
                throw new ArgumentOutOfRangeException(name, $"'{name}' has {symbol}, expected 0 to {Symbols - 1}.");
            }
        }
    }
}
