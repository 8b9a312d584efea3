using System.Buffers;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Cli.Demo;

/// <summary>The task of the demo: does a string over A, C, G, T hold at least three G?</summary>
internal static class DnaStrings
{
    public const string Alphabet = "ACGT";

    private const int NeededG = 3;

    private static readonly SearchValues<char> _letters = SearchValues.Create(Alphabet);

    /// <summary>Index of the first character that is none of the alphabet, or −1.</summary>
    public static int FirstStranger(string text) => text.AsSpan().IndexOfAnyExcept(_letters);

    /// <summary>A string of random characters and of a random length, all equally likely.</summary>
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

    /// <summary>The answer.</summary>
    public static bool HasThreeG(ReadOnlySpan<char> text) => text.Count('G') >= NeededG;

    /// <summary>One character as a network reads it: x [4], one of them 1.</summary>
    public static void Encode(char letter, Span<float> x)
    {
        x.Clear();
        x[Alphabet.IndexOf(letter)] = 1;
    }

    /// <summary>A batch of strings, each of its own length.</summary>
    /// <param name="texts">N strings.</param>
    /// <param name="layout">Set to their lengths.</param>
    /// <param name="x">[T, N, 4] out up to the length of each; T is the longest.</param>
    /// <param name="targets">[N] out, 1 where the answer is yes.</param>
    public static void Encode(IReadOnlyList<string> texts, SequenceLayout layout, Span<float> x, Span<float> targets)
    {
        int[] lengths = [.. texts.Select(text => text.Length)];
        layout.Set(lengths.Max(), lengths);
        for (int b = 0; b < texts.Count; b++)
        {
            for (int t = 0; t < texts[b].Length; t++)
            {
                Encode(texts[b][t], x.Slice(((t * texts.Count) + b) * Alphabet.Length, Alphabet.Length));
            }

            targets[b] = HasThreeG(texts[b]) ? 1 : 0;
        }
    }
}
