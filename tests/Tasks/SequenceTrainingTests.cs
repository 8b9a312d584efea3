using System.Text;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SequenceTrainingTests
{
    public static TheoryData<TaskKind> Kinds => [.. Enum.GetValues<TaskKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_seed_gives_the_same_bits_for_any_threads_and_another_seed_others(TaskKind kind)
    {
        float[] one = Trained(kind, seed: 3, threads: 1);

        Assert.Equal(one, Trained(kind, seed: 3, threads: 2));
        Assert.NotEqual(one, Trained(kind, seed: 4, threads: 1));

        static float[] Trained(TaskKind kind, ulong seed, int threads)
        {
            SequenceFile file = FileOf(kind);
            using var training = new SequenceTraining(SequenceTask.Of(file, kind), file, Small with { Seed = seed, Threads = threads });
            return training.Run().Parameters.ToArray();
        }
    }

    /// <summary>A minute of training at most: a network learns what it is shown, and says so on sequences that it has not seen.</summary>
    [Fact]
    public void A_letter_is_counted()
    {
        SequenceFile train = Made(MadeSequences.AtLeast(1500, 'G', 3, 1));
        SequenceFile test = Made(MadeSequences.AtLeast(500, 'G', 3, 2));
        using var training = new SequenceTraining(
            SequenceTask.Of(train), train, new SequenceTrainingOptions { HiddenSize = 16, Epochs = 12, Readout = new FinalStateLayer() });
        var evaluation = SequenceEvaluation.Of(training.Run(), test, new SequenceEvaluationOptions { Training = train });

        Assert.InRange(evaluation.Classification!.Accuracy.Value, 0.97, 1);
        Assert.InRange(evaluation.Baselines.Single(baseline => baseline.Name == "majority").Figure.Value, 0.5, 0.97);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_run_that_stopped_goes_on_with_the_same_bits(TaskKind kind)
    {
        using var folder = new TemporaryFolder();
        SequenceFile file = FileOf(kind);
        var task = SequenceTask.Of(file, kind);
        List<EpochReport> whole = [];
        using var uninterrupted = new SequenceTraining(task, file, Small with { Epoch = whole.Add });
        SequenceModel expected = uninterrupted.Run();

        // Stopped by the third epoch: after its model, before or after its checkpoint.
        foreach (bool before in new[] { true, false })
        {
            SequenceTraining? running = null;
            using var stop = new CancellationTokenSource();
            using SequenceTraining first = running = new SequenceTraining(task, file, Small with
            {
                Epoch = report =>
                {
                    if (report.IsBest)
                    {
                        running!.Best!.Save(folder.File("best.safetensors"));
                    }

                    if (running!.Epochs == 3)
                    {
                        stop.Cancel();
                    }

                    if (running.Epochs < 3 || !before)
                    {
                        running.SaveCheckpoint(folder.File("c"));
                    }
                },
            });
            Assert.Throws<OperationCanceledException>(() => first.Run(stop.Token));

            List<EpochReport> rest = [];
            using var second = new SequenceTraining(task, file, Small with { Epoch = rest.Add, Threads = 2 });
            second.Resume(folder.File("c"), SequenceModel.Load(folder.File("best.safetensors")));
            SequenceModel model = second.Run();

            Assert.Equal(expected.Parameters.ToArray(), model.Parameters.ToArray());
            Assert.Equal((expected.Epochs, expected.ValidationLoss), (model.Epochs, model.ValidationLoss));
            Assert.Equal(whole[^1].TrainingLoss, rest[^1].TrainingLoss);
        }
    }

    [Fact]
    public void The_best_epoch_is_kept_and_patience_ends_the_run()
    {
        // Labels at random: the validation loss soon grows.
        var random = new RandomSource(5);
        SequenceFile file = Made([.. MadeSequences.AtLeast(60, 'G', 3, 1)
            .Select(record => record with { Label = random.NextInt(2).ToString(System.Globalization.CultureInfo.InvariantCulture) })]);
        List<EpochReport> epochs = [];
        using var training = new SequenceTraining(SequenceTask.Of(file), file, Small with
        {
            Epochs = 500,
            Patience = 4,
            Validation = 0.3,
            LearningRate = 0.02,
            Epoch = epochs.Add,
        });
        SequenceModel best = training.Run();

        Assert.Equal(epochs.Min(epoch => epoch.ValidationLoss), best.ValidationLoss);
        Assert.Equal(best.Epochs + 4, epochs.Count);
        Assert.True(training.IsDone);
        Assert.Equal(best.ValidationLoss, epochs[(int)best.Epochs - 1].ValidationLoss);
        Assert.True(epochs[(int)best.Epochs - 1].IsBest);
    }

    [Fact]
    public void Validation_is_a_share_of_each_class_a_file_or_nothing()
    {
        SequenceFile file = Made(MadeSequences.AtLeast(100, 'G', 3, 1));
        var task = SequenceTask.Of(file);
        using var usual = new SequenceTraining(task, file, Small with { Validation = null });
        using var none = new SequenceTraining(task, file, Small with { Validation = 0 });
        using var own = new SequenceTraining(task, file, Small with { ValidationFile = Made(MadeSequences.AtLeast(7, 'G', 3, 2)) });

        Assert.Equal((90, 10), (usual.Training.Records.Count, usual.Validation!.Records.Count));
        Assert.Equal(
            file.Records.Order(Comparer<SequenceRecord>.Create((a, b) => a.Line - b.Line)),
            usual.Training.Records.Concat(usual.Validation.Records).OrderBy(record => record.Line));
        Assert.Null(none.Validation);
        Assert.Equal((100, 7), (own.Training.Records.Count, own.Validation!.Records.Count));
        Assert.Equal(Small.Epochs!.Value, none.Run().Epochs);
    }

    [Fact]
    public void The_end_of_a_running_text_is_its_validation_and_all_of_the_rest_is_trained_on()
    {
        string lines = string.Concat(Enumerable.Range(0, 10).Select(i => $"line {i}\n"));
        var file = SequenceFile.Parse("a.txt", Encoding.UTF8.GetBytes(lines));
        using var training = new SequenceTraining(SequenceTask.Of(file), file, Small with { Validation = 0.2 });
        Assert.Equal((8, 2), (training.Training.Records.Count, training.Validation!.Records.Count));
        Assert.Equal("line 8", training.Validation.Records[0].Sequence);

        var one = SequenceFile.Parse("a.fa", Encoding.UTF8.GetBytes($">x\n{string.Concat(Enumerable.Repeat("ACGT", 500))}\n"));
        using var cut = new SequenceTraining(SequenceTask.Of(one), one, Small with { Validation = 0.1 });
        Assert.Equal(1800, Assert.Single(cut.Training.Records).Sequence.Length);
        Assert.Equal(200, Assert.Single(cut.Validation!.Records).Sequence.Length);
    }

    [Fact]
    public void A_model_is_where_another_training_starts()
    {
        SequenceFile file = FileOf(TaskKind.Classify);
        var task = SequenceTask.Of(file);
        using var first = new SequenceTraining(task, file, Small);
        SequenceModel start = first.Run();
        using var second = new SequenceTraining(
            start.Task, file, new SequenceTrainingOptions { Start = start, Epochs = 1, LearningRate = 0 });

        Assert.Equal(start.Parameters.ToArray(), second.Run().Parameters.ToArray());
        Assert.Same(start.Spec, second.Spec);
    }

    [Fact]
    public void Wrong_choices_are_refused()
    {
        SequenceFile classes = FileOf(TaskKind.Classify);
        SequenceFile text = FileOf(TaskKind.Next);
        SequenceFile numbers = FileOf(TaskKind.Regress);
        Refused(text, TaskKind.Next, Small with { Bidirectional = true }, "'options.Bidirectional' is true");
        Refused(text, TaskKind.Next, Small with { Readout = new PoolLayer(Pooling.Mean) }, "'options.Readout' is given with Next");
        Refused(numbers, TaskKind.Regress, Small with { EmbeddingSize = 3 }, "'options.EmbeddingSize' is given with numbers");
        using var training = new SequenceTraining(SequenceTask.Of(classes), classes, Small);
        SequenceModel model = training.Run();
        Refused(text, TaskKind.Next, new SequenceTrainingOptions { Start = model }, "'options.Start' has ");
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => new SequenceTraining(
            SequenceTask.Of(classes), classes, Small with { Readout = new StepLayer(29) }).Dispose());
        Assert.Contains("symbols, expected at least 30 for the position that is read.", e.Message, StringComparison.Ordinal);
        Assert.Contains(": line ", e.Message, StringComparison.Ordinal);

        static void Refused(SequenceFile file, TaskKind kind, SequenceTrainingOptions options, string expected) => Assert.StartsWith(
            expected,
            Assert.Throws<ArgumentException>(() => new SequenceTraining(SequenceTask.Of(file, kind), file, options).Dispose()).Message,
            StringComparison.Ordinal);
    }

    internal static SequenceTrainingOptions Small => new() { HiddenSize = 6, Epochs = 6, Validation = 0.2, BatchSize = 8, Seed = 1 };

    /// <summary>A small file of a task.</summary>
    internal static SequenceFile FileOf(TaskKind kind) => kind switch
    {
        TaskKind.Regress => Made(MadeSequences.AddingProblem(60, 6, 1)),
        TaskKind.Last => Made(MadeSequences.EmbeddedReber(60, 1)),
        TaskKind.Next => SequenceFile.Parse(
            "a.txt", Encoding.UTF8.GetBytes(string.Join('\n', MadeSequences.EmbeddedReber(60, 1).Select(record => record.Sequence)))),
        TaskKind.Tag => Made([.. MadeSequences.AtLeast(60, 'G', 3, 1)
            .Select(record => record with { Label = record.Sequence.Replace('A', 'x').Replace('C', 'x').Replace('T', 'x') })]),
        _ => Made(MadeSequences.AtLeast(60, 'G', 3, 1)),
    };

    internal static SequenceFile Made(SequenceRecord[] records)
    {
        var writer = new StringWriter();
        SequenceTable.Write(writer, records);
        return SequenceFile.Parse("made.csv", Encoding.UTF8.GetBytes(writer.ToString()));
    }
}
