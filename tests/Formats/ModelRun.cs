namespace SpanRnn.Tests;

/// <summary>One stream of a model through a packed network, step by step.</summary>
internal static class ModelRun
{
    /// <summary>The outputs of every step, one after the other.</summary>
    public static float[] Steps(RecurrentModel model, ReadOnlySpan<float> x)
    {
        var network = new PackedNetwork(model.Spec, model.ReadParameters<float>().Span);
        StreamState state = network.CreateStream();
        int inputs = model.Spec.InputSize;
        int outputs = model.Spec.OutputSize;
        float[] y = new float[x.Length / inputs * outputs];
        for (int step = 0; step < x.Length / inputs; step++)
        {
            state.Step(x.Slice(step * inputs, inputs), y.AsSpan(step * outputs, outputs));
        }

        return y;
    }

    /// <summary>Fails if a difference exceeds the tolerance or is NaN.</summary>
    public static void Agree(ReadOnlySpan<double> expected, ReadOnlySpan<float> got, double tolerance)
    {
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < got.Length; i++)
        {
            if (!(Math.Abs(expected[i] - got[i]) <= tolerance))
            {
                Assert.Fail($"Output {i} is {got[i]}, expected {expected[i]} within {tolerance}.");
            }
        }
    }

    /// <summary>Fails unless reading is refused in one sentence about file m that contains <paramref name="expected"/>.</summary>
    public static void Refuses(Action read, string expected)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(read);
        Assert.StartsWith("m", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", e.Message[^2..], StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
