using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class GradientOverTimeTests
{
    /// <summary>Central differences of the loss of the last output, number by number of the input.</summary>
    [Theory]
    [InlineData(CellKind.Elman)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.GruResetAfter)]
    public void Norms_are_those_of_central_differences(CellKind cell)
    {
        var file = SequenceFile.Made(MadeSequences.AtLeast(4, 'G', 6, 1));
        SequenceModel model = Random(file, TaskKind.Classify, cell, new FinalStateLayer());
        double[] found = GradientOverTime.Of(model, file);
        double[] sums = new double[found.Length];
        int[] counts = new int[found.Length];
        foreach (SequenceRecord record in file.Records)
        {
            int[] symbols = model.Task.Alphabet!.Encode(record.Sequence);
            for (int step = 0; step < symbols.Length; step++)
            {
                double sum = 0;
                for (int i = 0; i < 4; i++)
                {
                    const double Move = 1e-5;
                    double above = Loss(symbols, record.Label!, step, i, Move);
                    double difference = (above - Loss(symbols, record.Label!, step, i, -Move)) / (2 * Move);
                    sum += difference * difference;
                }

                sums[symbols.Length - 1 - step] += Math.Sqrt(sum);
                counts[symbols.Length - 1 - step]++;
            }
        }

        double largest = found.Max();
        for (int distance = 0; distance < found.Length; distance++)
        {
            double expected = sums[distance] / counts[distance];
            Assert.True(!(Math.Abs(found[distance] - expected) > 1e-7 * largest), $"{found[distance]} at {distance}, expected {expected}");
        }

        double Loss(int[] symbols, string label, int moved, int number, double by)
        {
            var network = new Network<double>(model.Spec);
            var layout = new SequenceLayout();
            layout.Set(symbols.Length, [symbols.Length]);
            double[] x = new double[symbols.Length * 4];
            for (int i = 0; i < symbols.Length; i++)
            {
                x[(i * 4) + symbols[i]] = 1;
            }

            x[(moved * 4) + number] += by;
            double[] y = new double[2];
            double[] parameters = [.. model.Parameters.ToArray().Select(value => (double)value)];
            network.Forward(
                parameters,
                layout,
                x,
                new double[network.StateLength(1)],
                y,
                new double[network.TapeLength(layout)],
                new double[network.WorkspaceLength(layout)]);
            return Activations.LogSumExp<double>(y) - y[label == "yes" ? 1 : 0];
        }
    }

    /// <summary>A unit that is multiplied by one weight at every step: the gradient falls by it.</summary>
    [Fact]
    public void A_gradient_falls_by_the_weight_of_the_unit()
    {
        var file = SequenceFile.Made(
            [.. Enumerable.Range(0, 30).Select(i => new SequenceRecord(null, "0:1 1:0 0:0 1:1 0:0", $"{i / 7.0}", i + 2))]);
        var task = SequenceTask.Of(file);
        var layer = new RecurrentLayer(CellKind.Elman, 1) { Activation = ActivationKind.Identity };
        var spec = new NetworkSpec(2, layer, new FinalStateLayer(), new DenseLayer(1));
        float[] parameters = new float[spec.Parameters.Length];
        Array.Fill(parameters, 0.5f);
        double[] norms = GradientOverTime.Of(new SequenceModel(task, spec, parameters), file);

        Assert.Equal(5, norms.Length);
        Assert.All(norms.Zip(norms.Skip(1)), pair => Assert.Equal(0.5, pair.Second / pair.First, 1e-12));
    }

    [Fact]
    public void The_last_symbol_has_a_gradient_and_tasks_without_one_answer_are_refused()
    {
        (SequenceModel last, SequenceFile file) = SequenceModelTests.Trained(TaskKind.Last);
        Assert.Equal(file.Records.Max(record => record.Sequence.Length) - 1, GradientOverTime.Of(last, file).Length);

        (SequenceModel next, SequenceFile text) = SequenceModelTests.Trained(TaskKind.Next);
        Assert.Throws<ArgumentException>("model", () => GradientOverTime.Of(next, text));
    }

    private static SequenceModel Random(SequenceFile file, TaskKind kind, CellKind cell, LayerSpec readout)
    {
        var task = SequenceTask.Of(file, kind);
        var spec = new NetworkSpec(4, new RecurrentLayer(cell, 5), readout, new DenseLayer(2));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(2));
        return new SequenceModel(task, spec, parameters);
    }
}
