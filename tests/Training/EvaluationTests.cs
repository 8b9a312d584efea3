namespace SpanRnn.Tests;

/// <summary>The loss of a whole collection is that of one batch of everything.</summary>
[Trait("Category", "Simd")]
public class EvaluationTests
{
    private static readonly int[] _lengths = [4, 0, 7, 1, 7, 3, 0, 5, 2, 6];

    // Sequences that are evaluated in pieces where the network allows it.
    private static readonly int[] _long = [300, 0, 700, 256, 1, 513];

    [Fact]
    public void Batches_of_any_size_have_the_loss_of_one_batch()
    {
        int differ = 0;
        int count = 0;
        foreach (SequenceProblem problem in TrainerTests.Problems())
        {
            using Trainer<double> trainer = problem.Trainer<double>();
            SequenceData<double> data = problem.Data<double>();
            double expected = trainer.Evaluate(new BatchReader<double>(data, data.Count).Next());
            foreach (int size in (int[])[1, 3, 4, 100])
            {
                Same(problem, expected, trainer.Evaluate(data, size));
            }

            Same(problem, expected, trainer.Evaluate(data));

            // The mean of the batches' means is another number, and the comparison finds it.
            var reader = new BatchReader<double>(data, 4);
            double mean = Enumerable.Range(0, 3).Sum(_ => trainer.Evaluate(reader.Next())) / 3;
            differ += Math.Abs(mean - expected) <= Tolerance(expected) ? 0 : 1;
            count++;
        }

        Assert.Equal(count, differ);
    }

    [Fact]
    public void Long_sequences_have_the_loss_of_whole_ones()
    {
        foreach (SequenceProblem problem in TrainerTests.Problems().Where((_, index) => index % 7 == 0))
        {
            var longer = new SequenceProblem(problem.Spec, problem.Loss, problem.HasSymbols, _long, weighted: problem.Weights is not null);
            using Trainer<double> trainer = longer.Trainer<double>();
            SequenceData<double> data = longer.Data<double>();
            double expected = trainer.Evaluate(new BatchReader<double>(data, data.Count).Next());
            Same(longer, expected, trainer.Evaluate(data, 4));
        }
    }

    [Fact]
    public void Weights_count_over_all_batches()
    {
        var spec = new NetworkSpec(1, new DenseLayer(1));
        var data = new SequenceData<double>(spec, Loss.MeanSquaredError);
        data.Add([0.0, 0], [1.0, 3], [2, 1]);
        data.Add([0.0], [5.0], [0.5]);
        data.Add([0.0], [double.NaN], [0]);
        using var trainer = new Trainer<double>(spec, new Sgd<double>(spec.Parameters.Length), new(Loss.MeanSquaredError));
        trainer.Parameters.Clear();
        Assert.Equal(((2 * 1) + (1 * 9) + (0.5 * 25)) / 3.5, trainer.Evaluate(data, 1), 14);

        var nothing = new SequenceData<double>(spec, Loss.MeanSquaredError);
        nothing.Add([0.0], [5.0], [0]);
        Assert.Equal(0, trainer.Evaluate(nothing, 1));
        data.Add([double.NaN], [5.0]);
        Assert.Equal(double.NaN, trainer.Evaluate(data, 1));
    }

    [Fact]
    public void A_step_reports_the_weight_of_what_it_counts()
    {
        foreach (SequenceProblem problem in TrainerTests.Problems())
        {
            using Trainer<double> trainer = problem.Trainer<double>();
            StepReport report = trainer.Step(new BatchReader<double>(problem.Data<double>(), _lengths.Length).Next());
            double expected = 0;
            for (int sequence = 0; sequence < problem.Lengths.Length; sequence++)
            {
                int length = problem.Lengths[sequence];
                for (int output = 0; output < (problem.Spec.IsManyToOne ? Math.Min(length, 1) : length); output++)
                {
                    expected += problem.Weight(sequence, output);
                }
            }

            Assert.Equal(expected, report.Weight, 12);
        }
    }

    [Fact]
    public void It_changes_nothing_that_training_depends_on()
    {
        foreach (SequenceProblem problem in TrainerTests.Problems().Where((_, index) => index % 3 == 0))
        {
            int chunk = TrainerTests.IsCuttable(problem.Spec) ? 2 : 0;
            var options = new TrainerOptions(problem.Loss) { Dropout = 0.2, RecurrentDropout = 0.2, MeasuresStepNorms = true };
            using Trainer<double> alone = problem.Trainer<double>(options);
            using Trainer<double> evaluated = problem.Trainer<double>(options);
            using Trainer<double> plain = problem.Trainer<double>();
            SequenceData<double> data = problem.Data<double>();
            SequenceData<double> others = new SequenceProblem(problem.Spec, problem.Loss, problem.HasSymbols, _long).Data<double>();
            var reader = new BatchReader<double>(data, 4) { Chunk = chunk, Horizon = 2 * chunk };
            for (int step = 0; step < 6; step++)
            {
                Batch<double> batch = reader.Next();
                double loss = evaluated.Evaluate(others, 4);
                StepReport report = evaluated.Step(batch);
                double[] gradients = evaluated.Gradients.ToArray();
                double[] norms = evaluated.StepNorms.ToArray();
                Assert.True(double.IsFinite(loss));
                evaluated.Evaluate(others, 1);

                Assert.Equal(alone.Step(batch), report);
                Near.Bits<double>($"the parameters of {problem}", alone.Parameters, evaluated.Parameters);
                Assert.Equal(gradients, evaluated.Gradients.ToArray());
                Assert.Equal(norms, evaluated.StepNorms.ToArray());
                Assert.Equal((alone.CarriedSteps, alone.CarriedBatch), (evaluated.CarriedSteps, evaluated.CarriedBatch));
            }

            // Without masks.
            evaluated.Parameters.CopyTo(plain.Parameters);
            Assert.Equal(plain.Evaluate(others, 4), evaluated.Evaluate(others, 4));
        }
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 2));
        var trainer = new Trainer<double>(spec, new Sgd<double>(spec.Parameters.Length), new(Loss.MeanSquaredError));
        var data = new SequenceData<double>(spec, Loss.MeanSquaredError);
        Assert.Throws<ArgumentNullException>(() => trainer.Evaluate((SequenceData<double>)null!));
        Refused<ArgumentException>("'data' has no sequences, expected at least one.", data);
        data.Add([1.0, 2, 3], [1.0, 2]);
        Assert.StartsWith(
            "'batchSize' is 0, expected 1 or more.",
            Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Evaluate(data, 0)).Message,
            StringComparison.Ordinal);
        var labels = new SequenceData<double>(spec, Loss.SoftmaxCrossEntropy);
        labels.Add([1.0, 2, 3], (ReadOnlySpan<int>)[1]);
        Refused<ArgumentException>("'data' is for SoftmaxCrossEntropy, expected MeanSquaredError as the trainer.", labels);
        trainer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => trainer.Evaluate(data));

        void Refused<TException>(string sentence, SequenceData<double> data)
            where TException : Exception =>
            Assert.Equal(sentence, Assert.Throws<TException>(() => trainer.Evaluate(data)).Message.Split(" (Parameter")[0]);
    }

    // Sums of at most some thousand terms in another order.
    private static double Tolerance(double expected) => 1e-11 * Math.Max(1, Math.Abs(expected));

    private static void Same(SequenceProblem problem, double expected, double got) => Assert.True(
        Math.Abs(got - expected) <= Tolerance(expected), $"The loss of {problem} is {got:g17}, expected {expected:g17}.");
}
