using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SequenceModelTests
{
    public static TheoryData<TaskKind> Kinds => [.. Enum.GetValues<TaskKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_saved_model_predicts_the_same_and_needs_nothing_else(TaskKind kind)
    {
        using var folder = new TemporaryFolder();
        (SequenceModel model, SequenceFile file) = Trained(kind);
        model.Save(folder.File("m.safetensors"));
        var again = SequenceModel.Load(folder.File("m.safetensors"));

        Assert.Equal(model.Task.ToJson(), again.Task.ToJson());
        Assert.Equal(model.Spec.Layers.ToArray(), again.Spec.Layers.ToArray());
        Assert.Equal((model.Epochs, model.ValidationLoss), (again.Epochs, again.ValidationLoss));
        Assert.Equal(model.Parameters.ToArray(), again.Parameters.ToArray());
        foreach (SequenceRecord record in file.Records)
        {
            SequencePrediction expected = model.Predict(record.Sequence);
            SequencePrediction found = again.Predict(record.Sequence);
            Assert.Equal((expected.Label, expected.Probability, expected.Value), (found.Label, found.Probability, found.Value));
            Assert.Equal(expected.Count, kind switch { TaskKind.Tag => record.Sequence.Length, TaskKind.Regress => 0, _ => 1 });
        }
    }

    /// <summary>The prediction is what the network of the file says, run by the door to all files.</summary>
    [Fact]
    public void A_class_has_the_probability_of_the_network()
    {
        (SequenceModel model, SequenceFile file) = Trained(TaskKind.Classify);
        var network = new PackedNetwork(model.Spec, model.Parameters);
        string sequence = file.Records[0].Sequence;
        int[] symbols = model.Task.Alphabet!.Encode(sequence);
        float[] x = new float[symbols.Length * 4];
        for (int i = 0; i < symbols.Length; i++)
        {
            x[(i * 4) + symbols[i]] = 1;
        }

        var layout = new SequenceLayout();
        layout.Set(symbols.Length, [symbols.Length]);
        float[] y = new float[2];
        network.Run(layout, x, [network.CreateStream()], y, new float[network.RunWorkspaceLength(layout)]);
        double right = Math.Exp(y[1]) / (Math.Exp(y[0]) + Math.Exp(y[1]));

        SequencePrediction prediction = model.Predict(sequence);
        Assert.True(!(Math.Abs(prediction.Probabilities()[1] - right) > 1e-6));
        Assert.Equal(right > 0.5 ? "yes" : "no", prediction.Label);
        Assert.Equal(prediction.Label, prediction.Top(1)[0].Label);
        Assert.Equal(2, prediction.Top(9).Count);
    }

    /// <summary>A text of several blocks is the text step by step.</summary>
    [Fact]
    public void What_comes_next_is_the_same_however_long_the_text_before()
    {
        (SequenceModel model, _) = Trained(TaskKind.Next);
        string text = string.Concat(Enumerable.Repeat("BTXSE", 500));
        StreamState stream = new PackedNetwork(model.Spec, model.Parameters).CreateStream();
        float[] y = new float[model.Task.Labels.Count];
        stream.Step(model.Task.Alphabet!.Size, y);
        foreach (int symbol in model.Task.Alphabet.Encode(text))
        {
            stream.Step(symbol, y);
        }

        Activations.Softmax<float>(y, y);
        float[] found = model.Predict(text).Probabilities().ToArray();
        Assert.All(y.Zip(found), pair => Assert.True(!(Math.Abs(pair.First - pair.Second) > 1e-5)));
        Assert.Equal(1, model.Predict("").Probabilities().ToArray().Sum(), 1e-5);
    }

    [Fact]
    public void A_sequence_that_does_not_fit_is_refused()
    {
        (SequenceModel model, _) = Trained(TaskKind.Classify);

        Assert.StartsWith(
            "The character 'X' at position 3 is not in the alphabet, expected one of ACGT.",
            Assert.Throws<ArgumentException>("sequence", () => model.Predict("ACX")).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The sequence has 0 symbols, expected 1 or more.",
            Assert.Throws<ArgumentException>("sequence", () => model.Predict("")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_task_or_with_a_damaged_one_is_refused()
    {
        using var folder = new TemporaryFolder();
        (SequenceModel model, _) = Trained(TaskKind.Classify);
        ModelFile.Save(folder.File("old.safetensors"), model.Spec, model.Parameters);
        ModelFile.Save(
            folder.File("bad.safetensors"),
            model.Spec,
            model.Parameters,
            metadata: new Dictionary<string, string> { ["spanrnn_task"] = "{}" });
        (SequenceModel other, _) = Trained(TaskKind.Last);
        (SequenceModel next, _) = Trained(TaskKind.Next);
        var layer = new RecurrentLayer(CellKind.Gru, 3) { Bidirectional = true };
        var both = new NetworkSpec(next.Spec.Symbols, layer, new DenseLayer(next.Spec.OutputSize));
        ModelFile.Save(
            folder.File("both.safetensors"),
            both,
            new float[both.Parameters.Length],
            metadata: new Dictionary<string, string> { ["spanrnn_task"] = next.Task.ToJson() });
        ModelFile.Save(
            folder.File("other.safetensors"),
            model.Spec,
            model.Parameters,
            metadata: new Dictionary<string, string> { ["spanrnn_task"] = other.Task.ToJson() });

        Refused(
            "old.safetensors", "the network comes without a task, such as its alphabet and labels; expected a model that was trained on");
        Refused("bad.safetensors", "its task is damaged: ");
        Refused(
            "both.safetensors",
            "the network has a layer that runs from the end, expected only those that can be streamed for the next symbol.");
        Refused("other.safetensors", "the network has 4 inputs, expected 7 for the task.");

        void Refused(string name, string expected)
        {
            ModelFormatException e = Assert.Throws<ModelFormatException>(() => SequenceModel.Load(folder.File(name)));
            Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Labels_of_symbols_are_written_as_the_table_has_them()
    {
        (SequenceModel model, SequenceFile file) = Trained(TaskKind.Tag);
        SequencePrediction prediction = model.Predict(file.Records[0].Sequence);

        Assert.Equal(file.Records[0].Label!.Length, prediction.Label.Length);
        Assert.Equal(prediction.Label[2].ToString(), prediction.Top(1, 2)[0].Label);
        Assert.Equal(
            Enumerable.Range(0, prediction.Count).Min(i => prediction.Top(1, i)[0].Probability), prediction.Probability);
        Assert.Throws<ArgumentOutOfRangeException>(() => prediction.Probabilities(prediction.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => prediction.Top(0));
    }

    internal static (SequenceModel Model, SequenceFile File) Trained(TaskKind kind)
    {
        SequenceFile file = SequenceTrainingTests.FileOf(kind);
        using var training = new SequenceTraining(SequenceTask.Of(file, kind), file, SequenceTrainingTests.Small);
        return (training.Run(), file);
    }
}
