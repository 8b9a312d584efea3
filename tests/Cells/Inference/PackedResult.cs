namespace SpanRnn.Tests;

/// <summary>Results of a <see cref="PackedRun"/>: y as the engine lays it out, and the final state of each sequence.</summary>
internal sealed record PackedResult(float[] Y, float[][] States)
{
    /// <summary>Fails unless all numbers are the same to the bit, but for the sign of zero.</summary>
    public void AssertSame(string what, PackedResult other)
    {
        Near.Same<float>($"y {what}", Y, other.Y);
        Assert.Equal(States.Length, other.States.Length);
        for (int b = 0; b < States.Length; b++)
        {
            Near.Same<float>($"state of sequence {b} {what}", States[b], other.States[b]);
        }
    }
}
