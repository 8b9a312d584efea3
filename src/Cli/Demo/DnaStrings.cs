using System.Buffers;

namespace SpanRnn.Cli.Demo;

/// <summary>The task of the demo: does a string over A, C, G, T have at least three G?</summary>
internal static class DnaStrings
{
    public const string Alphabet = "ACGT";

    private const int NeededG = 3;

    private static readonly SearchValues<char> _letters = SearchValues.Create(Alphabet);

    /// <summary>Finds the first character that is not in the alphabet; −1 if there is none.</summary>
    public static int IndexOfOther(string text) => text.AsSpan().IndexOfAnyExcept(_letters);

    /// <summary>Draws a string; characters and lengths are all equally likely.</summary>
    public static string Draw(RandomSource random, int shortest, int longest)
    {
        int length = shortest + random.NextInt(longest - shortest + 1);
        return string.Create(length, random, (text, source) =>
        {
            foreach (ref char letter in text)
            {
                letter = Alphabet[source.NextInt(Alphabet.Length)];
            }
        });
    }

    /// <summary>Answers the question of the task.</summary>
    public static bool HasThreeG(ReadOnlySpan<char> text) => text.Count('G') >= NeededG;

    /// <summary>Writes one character as a network reads it: x [4], one of them 1.</summary>
    public static void Encode(char letter, Span<float> x)
    {
        x.Clear();
        x[Alphabet.IndexOf(letter)] = 1;
    }

    /// <summary>Fills a batch with strings, each of its own length.</summary>
    /// <param name="texts">N strings.</param>
    /// <param name="batch">Inputs [T, N, 4], written up to the length of each string, and targets [N], 1 for yes.</param>
    public static void Encode(IReadOnlyList<string> texts, Batch<float> batch)
    {
        int[] lengths = [.. texts.Select(text => text.Length)];
        batch.Set(lengths.Max(), lengths);
        for (int b = 0; b < texts.Count; b++)
        {
            for (int t = 0; t < texts[b].Length; t++)
            {
                Encode(texts[b][t], batch.Inputs.Slice(((t * texts.Count) + b) * Alphabet.Length, Alphabet.Length));
            }

            batch.Targets[b] = HasThreeG(texts[b]) ? 1 : 0;
        }
    }
}
