using System.Globalization;
using System.Text;

namespace SpanRnn.Tasks;

/// <summary>
/// Problems whose data are made from a seed, the same on every machine. Lines of the records are those of the table that
/// <see cref="SequenceTable.Write"/> makes of them.
/// </summary>
public static class MadeSequences
{
    // Symbols that may follow each state of Reber's grammar (1967), and where each leads; the last state is the end.
    private static readonly (char Symbol, int To)[][] _reber =
    [
        [('B', 1)],
        [('T', 2), ('P', 3)],
        [('S', 2), ('X', 4)],
        [('T', 3), ('V', 5)],
        [('X', 3), ('S', 6)],
        [('P', 4), ('V', 6)],
        [('E', 7)],
        [],
    ];

    /// <summary>
    /// Makes sums a+b=c as text, every number with its last digit first: 12 + 9 is "21+9=12". Then each digit of c follows from two digits
    /// and a carry. All a and b are equally likely.
    /// </summary>
    /// <param name="count">Number of sequences, 0 or more.</param>
    /// <param name="digits">Most digits of a and b, 1 to 9.</param>
    /// <param name="seed">Any number.</param>
    /// <returns>The sequences, without labels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static SequenceRecord[] Addition(int count, int digits, ulong seed)
    {
        CheckRange(digits, 1, 9, nameof(digits));
        int numbers = 1;
        for (int i = 0; i < digits; i++)
        {
            numbers *= 10;
        }

        return Make(count, seed, random =>
        {
            int a = random.NextInt(numbers);
            int b = random.NextInt(numbers);
            return ($"{Reversed(a)}+{Reversed(b)}={Reversed(a + b)}", null);
        });
    }

    /// <summary>
    /// Makes strings of the embedded Reber grammar (Smith and Zipser 1989): B, then T or P, a string of Reber's grammar, the same T or P
    /// again, E. Whoever predicts the second-last symbol must keep the second one. Both symbols of a choice are equally likely.
    /// </summary>
    /// <param name="count">Number of sequences, 0 or more.</param>
    /// <param name="seed">Any number.</param>
    /// <returns>The sequences, without labels.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 0.</exception>
    public static SequenceRecord[] EmbeddedReber(int count, ulong seed) => Make(count, seed, random =>
    {
        char outer = "TP"[random.NextInt(2)];
        StringBuilder text = new StringBuilder("B").Append(outer);
        for (int state = 0; _reber[state].Length > 0;)
        {
            (char symbol, state) = _reber[state][random.NextInt(_reber[state].Length)];
            text.Append(symbol);
        }

        return (text.Append(outer).Append('E').ToString(), null);
    });

    /// <summary>
    /// Makes the adding problem (Hochreiter and Schmidhuber 1997): of T numbers from 0 to 1 two are marked, one in each half, and the label
    /// is their sum. A sequence has the words "0.25:0" or, where marked, "0.25:1"; numbers have four decimals.
    /// </summary>
    /// <param name="count">Number of sequences, 0 or more.</param>
    /// <param name="length">T, 2 to 100,000.</param>
    /// <param name="seed">Any number.</param>
    /// <returns>The sequences with their labels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static SequenceRecord[] AddingProblem(int count, int length, ulong seed)
    {
        const int One = 10_000;
        CheckRange(length, 2, 100_000, nameof(length));
        return Make(count, seed, random =>
        {
            // Whole numbers of 1/10,000, so that the sum of the numbers as written is exact.
            int[] numbers = new int[length];
            for (int i = 0; i < length; i++)
            {
                numbers[i] = random.NextInt(One + 1);
            }

            int half = length / 2;
            int first = random.NextInt(half);
            int second = half + random.NextInt(length - half);
            string text = string.Join(' ', numbers.Select((number, i) => $"{Decimal(number)}:{(i == first || i == second ? 1 : 0)}"));
            return (text, Decimal(numbers[first] + numbers[second]));
        });

        static string Decimal(int number) => ((decimal)number / One).ToString("0.0000", CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Makes strings over A, C, G and T of 10 to 40 letters, each length and letter equally likely; the label is "yes" if a letter occurs
    /// often enough, else "no".
    /// </summary>
    /// <param name="count">Number of sequences, 0 or more.</param>
    /// <param name="letter">The letter: A, C, G or T.</param>
    /// <param name="least">How often it must occur, 1 to 40.</param>
    /// <param name="seed">Any number.</param>
    /// <returns>The sequences with their labels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or the letter is another one.</exception>
    public static SequenceRecord[] AtLeast(int count, char letter, int least, ulong seed)
    {
        const string Letters = "ACGT";
        const int Shortest = 10;
        const int Longest = 40;
        CheckRange(least, 1, Longest, nameof(least));
        if (!Letters.Contains(letter, StringComparison.Ordinal))
        {
            throw new ArgumentOutOfRangeException(nameof(letter), $"'letter' is '{letter}', expected one of {Letters}.");
        }

        return Make(count, seed, random =>
        {
            char[] text = new char[Shortest + random.NextInt(Longest - Shortest + 1)];
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = Letters[random.NextInt(Letters.Length)];
            }

            return (new string(text), text.Count(c => c == letter) >= least ? "yes" : "no");
        });
    }

    private static SequenceRecord[] Make(int count, ulong seed, Func<RandomSource, (string Sequence, string? Label)> draw)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var random = new RandomSource(seed);
        var records = new SequenceRecord[count];
        for (int i = 0; i < count; i++)
        {
            (string sequence, string? label) = draw(random);
            records[i] = new SequenceRecord(null, sequence, label, i + 2);
        }

        return records;
    }

    private static string Reversed(int number)
    {
        char[] digits = number.ToString(CultureInfo.InvariantCulture).ToCharArray();
        Array.Reverse(digits);
        return new string(digits);
    }

    private static void CheckRange(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, $"'{name}' is {value}, expected {least} to {most}.");
        }
    }
}
