using Xunit.Abstractions;

namespace SpanRnn.Tests;

/// <summary>The recurrent layer of a speech detector that is in use, LSTM 128 on 128, over a minute of speech at each precision.</summary>
public class SileroPrecisionTests(ITestOutputHelper output)
{
    /// <summary>The states within 1e-4 of full scale and the probabilities within 1e-4: the tolerances of the case.</summary>
    [CasesFact]
    public void Single_precision_is_what_is_expected()
    {
        SileroRecording recording = SileroRecording.OfCases.Value;
        float[] h = Run(recording, WeightPrecision.Fp32, out float[] c);
        int size = SileroRecording.Size;
        double fullScale = Math.Max(1, recording.States.Max(Math.Abs));
        for (int i = 0; i < recording.States.Length; i++)
        {
            int chunk = i / (2 * size);
            float actual = (i / size % 2 == 0 ? h : c)[(chunk * size) + (i % size)];
            double expected = recording.States[i];
            Assert.True(Math.Abs(actual - expected) <= 1e-4 * fullScale, $"State {i} is {actual}, expected {expected}.");
        }

        double worst = 0;
        for (int chunk = 0; chunk < recording.Chunks; chunk++)
        {
            double difference = Math.Abs(recording.Probability(h.AsSpan(chunk * size, size)) - recording.Probabilities[chunk]);
            Assert.True(difference <= 1e-4, $"The probability of chunk {chunk} is off by {difference}, expected at most 1e-4.");
            worst = Math.Max(worst, difference);
        }

        output.WriteLine($"Fp32: largest difference of a probability {worst:g3} over {recording.Chunks} chunks.");
    }

    /// <summary>
    /// All h, whose full scale is 1, are within the bound at bf16. At int8 all but one in a thousand are, and the rest within 0.1: in a few
    /// moments of the minute a few units multiply their inputs, and weights alone of 9 bits would still leave 0.04 there. The probability,
    /// which is the output of the detector, is always within the bound, and no decision changes.
    /// </summary>
    [CasesTheory]
    [InlineData(WeightPrecision.Bf16, 1e-2, 1e-2)]
    [InlineData(WeightPrecision.Int8, 3e-2, 1e-1)]
    public void Rounded_weights_keep_h_and_every_decision(WeightPrecision precision, double bound, double largest)
    {
        SileroRecording recording = SileroRecording.OfCases.Value;
        int size = SileroRecording.Size;
        float[] expected = Run(recording, WeightPrecision.Fp32, out _);
        float[] actual = Run(recording, precision, out _);
        double worst = 0;
        double sum = 0;
        double worstProbability = 0;
        int otherDecisions = 0;
        int beyond = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(actual[i] - expected[i]);
            worst = difference <= worst ? worst : difference;
            sum += difference * difference;
            beyond += difference < bound ? 0 : 1;
        }

        for (int chunk = 0; chunk < recording.Chunks; chunk++)
        {
            double probability = recording.Probability(actual.AsSpan(chunk * size, size));
            worstProbability = Math.Max(worstProbability, Math.Abs(probability - recording.Probabilities[chunk]));
            otherDecisions += probability > 0.5 != recording.Probabilities[chunk] > 0.5 ? 1 : 0;
        }

        output.WriteLine(
            $"{precision}: largest difference of h {worst:g3}, root of the mean square {Math.Sqrt(sum / expected.Length):g3}, beyond "
            + $"{bound} in {beyond} of {expected.Length}; of a probability {worstProbability:g3}; "
            + $"{otherDecisions} of {recording.Chunks} decisions at 0.5 are others.");
        Assert.True(worst < largest, $"h is off by {worst}, expected less than {largest}.");
        Assert.True(beyond <= expected.Length / 1000, $"{beyond} of {expected.Length} h are off by {bound} or more, expected 1 in 1000.");
        Assert.True(worstProbability < bound, $"A probability is off by {worstProbability}, expected less than {bound}.");
        Assert.Equal(0, otherDecisions);
        Assert.True(worst > bound / 100, $"h is off by {worst}, as if nothing had been rounded.");
    }

    private static float[] Run(SileroRecording recording, WeightPrecision precision, out float[] c)
    {
        StreamState state = new PackedNetwork(recording.Spec, recording.Parameters, precision).CreateStream();
        StateSlot cell = recording.Spec.State(0, Direction.Forward, StateKind.Cell)!;
        float[] h = new float[recording.X.Length];
        c = new float[h.Length];
        for (int start = 0; start < h.Length; start += SileroRecording.Size)
        {
            state.Step(recording.X.AsSpan(start, SileroRecording.Size), h.AsSpan(start, SileroRecording.Size));
            state.Values(cell).CopyTo(c.AsSpan(start));
        }

        return h;
    }
}
