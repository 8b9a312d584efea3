using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SequenceEvaluationTests
{
    [Fact]
    public void Figures_of_classes_are_those_of_the_predictions()
    {
        (SequenceModel model, SequenceFile file) = SequenceModelTests.Trained(TaskKind.Classify);
        var evaluation = SequenceEvaluation.Of(model, file);
        int right = file.Records.Count(record => model.Predict(record.Sequence).Label == record.Label);

        Assert.Equal((double)right / file.Records.Count, evaluation.Classification!.Accuracy.Value, 1e-15);
        Assert.Equal(evaluation.Classification.Accuracy, evaluation.Main);
        Assert.Equal("accuracy", evaluation.MainName);
        Assert.Equal(
            ["majority", "1-gram", "2-gram", "3-gram", "4-gram", "5-gram"], evaluation.Baselines.Select(baseline => baseline.Name));
        Assert.Equal(file.Records.Count, evaluation.Sequences);
    }

    [Fact]
    public void Figures_of_symbols_are_those_of_the_predictions_drawn_by_sequence()
    {
        (SequenceModel model, SequenceFile file) = SequenceModelTests.Trained(TaskKind.Tag);
        var evaluation = SequenceEvaluation.Of(model, file);
        int all = file.Records.Sum(record => record.Sequence.Length);
        int right = file.Records.Sum(
            record => model.Predict(record.Sequence).Label.Zip(record.Label!).Count(pair => pair.First == pair.Second));

        Assert.Equal((double)right / all, evaluation.Main.Value, 1e-15);

        // G is G and all else x, which a label behind its symbol tells.
        Assert.Equal(1, Baseline(evaluation, "2-gram").Value);
        Assert.True(Baseline(evaluation, "majority").Value < 1);

        // One sequence, drawn whole, has no interval.
        var one = SequenceEvaluation.Of(model, file.Part([0]));
        Assert.Equal(one.Main.Low, one.Main.High);
        Assert.Empty(one.Baselines);
    }

    [Fact]
    public void The_last_symbol_is_predicted_from_those_before()
    {
        (SequenceModel model, SequenceFile file) = SequenceModelTests.Trained(TaskKind.Last);
        var evaluation = SequenceEvaluation.Of(model, file);
        int right = file.Records.Count(record => model.Predict(record.Sequence[..^1]).Label == record.Sequence[^1..]);

        Assert.Equal((double)right / file.Records.Count, evaluation.Main.Value, 1e-15);
        Assert.Equal(1, Baseline(evaluation, "majority").Value); // E, always
    }

    [Fact]
    public void Bits_are_those_of_the_text_as_a_whole_and_of_sequences_alone()
    {
        (SequenceModel model, SequenceFile file) = SequenceModelTests.Trained(TaskKind.Next);
        Assert.True(model.Task.IsRunningText);
        double bits = 0;
        int count = 0;
        string text = "";
        foreach (SequenceRecord record in file.Records.Take(3))
        {
            foreach (char symbol in record.Sequence + "\n")
            {
                SequencePrediction next = Next(text);
                string label = symbol == '\n' ? SequenceTask.EndText : symbol.ToString();
                bits -= Math.Log2(next.Top(99).Single(pair => pair.Label == label).Probability);
                text += symbol;
                count++;
            }
        }

        Estimate found = SequenceEvaluation.Of(model, file.Part([0, 1, 2])).Likelihood!.BitsPerSymbol;
        Assert.Equal(bits / count, found.Value, 1e-4);

        // The text so far, whose ends of lines are symbols of the network.
        SequencePrediction Next(string before)
        {
            var network = new PackedNetwork(model.Spec, model.Parameters);
            StreamState stream = network.CreateStream();
            float[] y = new float[network.OutputSize];
            stream.Step(model.Task.Alphabet!.Size, y);
            foreach (char symbol in before)
            {
                stream.Step(symbol == '\n' ? model.Task.Alphabet.Size : model.Task.Alphabet.Encode(symbol.ToString())[0], y);
            }

            Activations.Softmax<float>(y, y);
            return new SequencePrediction(model.Task.Labels, y, null);
        }
    }

    [Fact]
    public void An_answer_is_exact_if_its_likeliest_symbols_spell_it()
    {
        SequenceFile train = SequenceTrainingTests.Made(
            [.. Enumerable.Range(0, 200).Select(i => new SequenceRecord(null, i % 2 == 0 ? "a=xy" : "b=zzz", null, i + 2))]);
        using var training = new SequenceTraining(
            SequenceTask.Of(train),
            train,
            SequenceTrainingTests.Small with { Epochs = 30, LearningRate = 0.02, Dropout = 0, RecurrentDropout = 0 });
        SequenceModel model = training.Run();
        SequenceFile test = SequenceTrainingTests.Made(
            [.. "a=xy b=zzz a=zzz b=zz".Split(' ').Select((text, i) => new SequenceRecord(null, text, null, i + 2))]);

        Assert.Equal(
            0.5, SequenceEvaluation.Of(model, test, new SequenceEvaluationOptions { AnswerAfter = "=" }).ExactAnswers!.Value.Value);
        Assert.Equal(
            "made.csv: line 2 has no '?', expected one with the answer behind it.",
            Assert.Throws<ModelFormatException>(
                () => SequenceEvaluation.Of(model, test, new SequenceEvaluationOptions { AnswerAfter = "?" })).Message);
        (SequenceModel other, SequenceFile file) = SequenceModelTests.Trained(TaskKind.Classify);
        Assert.Throws<ArgumentException>(
            "options", () => SequenceEvaluation.Of(other, file, new SequenceEvaluationOptions { AnswerAfter = "=" }));
    }

    [Fact]
    public void Numbers_have_their_errors_beside_the_mean()
    {
        (SequenceModel model, SequenceFile file) = SequenceModelTests.Trained(TaskKind.Regress);
        var evaluation = SequenceEvaluation.Of(model, file, new SequenceEvaluationOptions { Training = file });
        double[] targets =
            [.. file.Records.Select(record => double.Parse(record.Label!, System.Globalization.CultureInfo.InvariantCulture))];
        double[] errors = [.. file.Records.Select((record, i) => model.Predict(record.Sequence).Value!.Value - targets[i])];

        Assert.Equal(Math.Sqrt(errors.Average(error => error * error)), evaluation.Main.Value, 1e-12);
        Assert.Equal(errors.Average(Math.Abs), evaluation.Regression!.MeanAbsolute.Value, 1e-12);
        double mean = targets.Average();
        Assert.Equal(Math.Sqrt(targets.Average(target => (target - mean) * (target - mean))), Baseline(evaluation, "mean").Value, 1e-12);
    }

    /// <summary>Bits of n-grams by hand: a is followed by b always, and b ends the line.</summary>
    [Fact]
    public void Baselines_learn_from_the_training_or_from_other_tenths()
    {
        SequenceFile file = SequenceTrainingTests.Made(
            [.. Enumerable.Range(0, 40).Select(i => new SequenceRecord(null, "ab", null, i + 2))]);
        using var training = new SequenceTraining(SequenceTask.Of(file), file, SequenceTrainingTests.Small with { Epochs = 1 });
        SequenceModel model = training.Run();

        var learned = new NGram(3, 2);
        for (int i = 0; i < 40; i++)
        {
            learned.Learn([2], 0);
            learned.Learn([2, 0], 1);
            learned.Learn([2, 0, 1], 2);
        }

        double expected = -(Math.Log2(learned.Probability([2], 0)) + Math.Log2(learned.Probability([0], 1))
            + Math.Log2(learned.Probability([1], 2))) / 3;
        Assert.Equal(
            expected,
            Baseline(SequenceEvaluation.Of(model, file, new SequenceEvaluationOptions { Training = file }), "2-gram").Value,
            1e-12);
        Assert.True(Baseline(SequenceEvaluation.Of(model, file), "2-gram").Value > expected);
    }

    [Fact]
    public void Cross_validation_tests_every_sequence_once_and_does_not_depend_on_threads()
    {
        SequenceFile file = SequenceTrainingTests.FileOf(TaskKind.Classify);
        var task = SequenceTask.Of(file);
        List<CrossValidationRun> told = [];
        IReadOnlyList<CrossValidationRun> runs = CrossValidation.Of(task, file, 4, 2, SequenceTrainingTests.Small, told.Add);
        IReadOnlyList<CrossValidationRun> same = CrossValidation.Of(task, file, 4, 2, SequenceTrainingTests.Small with { Threads = 3 });

        Assert.Equal(runs, told);
        Assert.Equal([(1ul, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2), (2, 3)], runs.Select(run => (run.Seed, run.Fold)));
        Assert.Equal(2 * file.Records.Count, runs.Sum(run => run.Evaluation.Sequences));
        Assert.Equal(runs.Select(run => (run.Epochs, run.Evaluation.Main)), same.Select(run => (run.Epochs, run.Evaluation.Main)));

        // The fold is what a training by hand on the rest finds.
        Split split = Split.Folds([.. file.Records.Select(record => record.Label)], 4, 1)[2];
        using var training = new SequenceTraining(task, file.Part(split.Train), SequenceTrainingTests.Small);
        var byHand = SequenceEvaluation.Of(training.Run(), file.Part(split.Test), new SequenceEvaluationOptions { Seed = 1 });
        Assert.Equal(byHand.Main, runs[2].Evaluation.Main);

        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => CrossValidation.Of(task, file, 4, 1, SequenceTrainingTests.Small, cancellationToken: stop.Token));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => CrossValidation.Of(task, file, 4, 1, SequenceTrainingTests.Small with { Threads = 2, EmbeddingSize = -1 }));
    }

    [Fact]
    public void A_report_of_numbers_is_that_by_hand()
    {
        var report = new RegressionReport([1, 2, 3], [1, 2, 6], 0);

        Assert.Equal(Math.Sqrt(3), report.RootMeanSquare.Value, 1e-15);
        Assert.Equal(1, report.MeanAbsolute.Value);
        Assert.Equal(1 - (9 / 2.0), report.Explained.Value, 1e-15);
        Assert.True(double.IsNaN(new RegressionReport([2, 2], [2, 2], 0).Explained.Value));
        Assert.Throws<ArgumentException>(() => new RegressionReport([], [], 0));
        Assert.Throws<ArgumentException>(() => new RegressionReport([1], [1, 2], 0));
        Assert.Throws<ArgumentException>(() => new RegressionReport([1], [double.NaN], 0));
    }

    [Fact]
    public void Groups_are_drawn_whole()
    {
        int[] groups = [0, 0, 1, 2, 2, 2];
        Estimate figure = Bootstrap.Of(
            groups,
            counts =>
            {
                Assert.True(counts[0] == counts[1] && counts[3] == counts[4] && counts[4] == counts[5]);
                return counts[0];
            },
            1);

        Assert.Equal(1, figure.Value);
        Assert.True(figure.High > figure.Low);
        Assert.Throws<ArgumentException>(() => Bootstrap.Of([], _ => 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Of([0, -1], _ => 0, 1));
        Assert.Throws<ArgumentException>(() => new ClassificationReport([0, 1], [1, 0, 0, 1], 2, 0, [0]));
    }

    private static Estimate Baseline(SequenceEvaluation evaluation, string name) =>
        evaluation.Baselines.Single(baseline => baseline.Name == name).Figure;
}
