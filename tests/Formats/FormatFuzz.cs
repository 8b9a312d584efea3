using SpanRnn.Formats;

namespace SpanRnn.Tests;

/// <summary>Feeds a reader with damaged files; <see cref="ModelFormatException"/> alone may leave it.</summary>
internal static class FormatFuzz
{
    /// <summary>Reads <paramref name="count"/> mutants of <paramref name="original"/>; returns how many were refused.</summary>
    public static int Run(byte[] original, int lengthStart, int lengthBytes, int count, Action<byte[]> read)
    {
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            // One seed per mutant, so that a failure can be repeated alone.
            var random = new Random(i);
            byte[] mutant = Mutate(original, lengthStart, lengthBytes, random);
            try
            {
                read(mutant);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutant {i} made the reader throw {e}");
            }
        }

        return refused;
    }

    private static byte[] Mutate(byte[] original, int lengthStart, int lengthBytes, Random random)
    {
        const string Symbols = "{}[]()\"':,.-+\\0123456789eE TFnu\n";
        List<byte> bytes = [.. original];
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > lengthStart + lengthBytes; i--)
        {
            int position = random.Next(bytes.Count);
            int run = Math.Min(random.Next(1, 9), bytes.Count - position);
            switch (random.Next(6))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)Symbols[random.Next(Symbols.Length)];
                    break;
                case 2:
                    bytes.RemoveRange(position, bytes.Count - position);
                    break;
                case 3:
                    bytes.RemoveRange(position, run);
                    break;
                case 4:
                    bytes.InsertRange(position, bytes.GetRange(position, run));
                    break;
                default:
                    bytes[lengthStart + random.Next(lengthBytes)] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }
}
