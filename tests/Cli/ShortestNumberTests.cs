using System.Globalization;
using SpanRnn.Cli.Encode;

namespace SpanRnn.Tests;

public class ShortestNumberTests
{
    [Fact]
    public void Numbers_are_written_as_ToString_does()
    {
        var random = new Random(1);
        char[] text = new char[ShortestNumber.Longest];
        float[] special =
        [
            0, -0f, 1, -1, 0.5f, 0.1f, 0.3f, 1e-4f, MathF.BitDecrement(1e-4f), MathF.BitDecrement(1), 1f / 512, 257f / 512, 3f / 4096,
            float.Epsilon, float.MaxValue, -1.2345678e-38f, float.NaN, float.NegativeInfinity,
        ];
        float[] states = [.. Enumerable.Range(0, 200_000).Select(_ => ((random.NextSingle() * 2) - 1) * MathF.Pow(10, -random.Next(5)))];
        float[] few = [.. Enumerable.Range(1, 9999).Select(i => i / 10000f)];
        float[] binary = [.. Enumerable.Range(1, 8191).Select(i => i / 8192f)];
        float[] any = [.. Enumerable.Range(0, 50_000).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))];
        foreach (float value in (float[])[.. special, .. states, .. few, .. binary, .. any])
        {
            int count = ShortestNumber.Write(value, text);
            string expected = value.ToString(CultureInfo.InvariantCulture);
            Assert.True(expected == new string(text, 0, count), $"{expected} is written as {new string(text, 0, count)}.");
        }
    }
}
