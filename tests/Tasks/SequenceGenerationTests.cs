using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SequenceGenerationTests
{
    [Fact]
    public void A_text_is_what_the_network_predicts_step_by_step()
    {
        (SequenceModel model, _) = SequenceModelTests.Trained(TaskKind.Next);
        var options = new GenerationOptions { Prime = "BT", Length = 60, Sampler = new SymbolSampler { Temperature = 0 } };
        string written = string.Concat(model.Generate(options));

        Assert.Equal(60, written.Length);
        string text = "BT";
        foreach (char symbol in written.TakeWhile(symbol => symbol != '\n'))
        {
            Assert.Equal(symbol.ToString(), model.Predict(text).Label);
            text += symbol;
        }

        Assert.Equal(written, string.Concat(model.Generate(options with { Seed = 9 })));
        var random = new GenerationOptions { Length = 200, Seed = 1 };
        Assert.Equal(string.Concat(model.Generate(random)), string.Concat(model.Generate(random)));
        Assert.NotEqual(string.Concat(model.Generate(random)), string.Concat(model.Generate(random with { Seed = 2 })));
    }

    [Fact]
    public void A_sequence_that_stands_alone_ends_and_a_stop_symbol_ends_any_text()
    {
        SequenceFile file = SequenceTrainingTests.Made(
            [.. Enumerable.Range(0, 60).Select(i => new SequenceRecord(null, "abc", null, i + 2))]);
        using var training = new SequenceTraining(SequenceTask.Of(file), file, SequenceTrainingTests.Small with
        {
            Epochs = 40,
            LearningRate = 0.02,
            Dropout = 0,
            RecurrentDropout = 0,
        });
        SequenceModel model = training.Run();

        var likeliest = new SymbolSampler { Temperature = 0 };
        Assert.Equal(["a", "b", "c"], model.Generate(new GenerationOptions { Sampler = likeliest }));
        Assert.Equal(["a", "b"], model.Generate(new GenerationOptions { Sampler = likeliest, Stop = "b" }));
        Assert.Equal(["c"], model.Generate(new GenerationOptions { Sampler = likeliest, Prime = "ab" }));
        Assert.Empty(model.Generate(new GenerationOptions { Length = 0 }));
    }

    [Fact]
    public void Wrong_choices_are_refused_before_anything_is_written()
    {
        (SequenceModel model, _) = SequenceModelTests.Trained(TaskKind.Next);
        (SequenceModel other, _) = SequenceModelTests.Trained(TaskKind.Classify);

        Assert.Throws<InvalidOperationException>(() => other.Generate());
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Generate(new GenerationOptions { Length = -1 }));
        Assert.StartsWith(
            "In the prime, the character 'x' at position 2 is not in the alphabet",
            Assert.Throws<ArgumentException>(() => model.Generate(new GenerationOptions { Prime = "Bx" })).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The stop symbol is 'x', expected one of the alphabet or <end>.",
            Assert.Throws<ArgumentException>(() => model.Generate(new GenerationOptions { Stop = "x" })).Message,
            StringComparison.Ordinal);
    }

    public static TheoryData<TaskKind, Pooling?> Encodings
    {
        get
        {
            TheoryData<TaskKind, Pooling?> data = [];
            foreach (TaskKind kind in Enum.GetValues<TaskKind>())
            {
                foreach (Pooling? pooling in new Pooling?[] { null, Pooling.Mean, Pooling.Maximum })
                {
                    data.Add(kind, pooling);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_vector_is_that_of_the_sequence_alone(TaskKind kind, Pooling? pooling)
    {
        (SequenceModel model, SequenceFile file) = SequenceModelTests.Trained(kind);
        var encoder = new SequenceEncoder(model, pooling: pooling);
        var alone = new SequenceEncoder(model, pooling: pooling);
        string[] sequences = [.. file.Records.Select(record => record.Sequence)];
        float[] vectors = new float[sequences.Length * encoder.Size];
        encoder.Encode(sequences, vectors);

        bool bothWays = kind is TaskKind.Classify or TaskKind.Regress or TaskKind.Tag;
        Assert.Equal(bothWays ? 12 : 6, encoder.Size);
        for (int i = 0; i < sequences.Length; i++)
        {
            float[] one = new float[encoder.Size];
            alone.Encode([sequences[i]], one);
            Assert.All(one.Zip(vectors[(i * encoder.Size)..]), pair => Assert.True(!(Math.Abs(pair.First - pair.Second) > 1e-5)));
        }

        Assert.Contains(vectors, value => value != 0);
    }

    /// <summary>The final state of the forward direction is that of a stream, the other one that of the reversed sequence.</summary>
    [Fact]
    public void A_vector_is_the_state_of_the_network()
    {
        (SequenceModel model, _) = SequenceModelTests.Trained(TaskKind.Next);
        StreamState stream = new PackedNetwork(model.Spec, model.Parameters).CreateStream();
        float[] y = new float[model.Task.Labels.Count];
        stream.Step(model.Task.Alphabet!.Size, y);
        foreach (int symbol in model.Task.Alphabet.Encode("BTXSE"))
        {
            stream.Step(symbol, y);
        }

        float[] vector = new float[6];
        new SequenceEncoder(model).Encode(["BTXSE"], vector);
        float[] state = stream.Values(model.Spec.States[0]).ToArray();
        Assert.All(state.Zip(vector), pair => Assert.True(!(Math.Abs(pair.First - pair.Second) > 1e-6)));
    }

    [Fact]
    public void Wrong_sequences_and_layers_are_refused()
    {
        (SequenceModel model, _) = SequenceModelTests.Trained(TaskKind.Classify);
        var encoder = new SequenceEncoder(model);

        Assert.StartsWith(
            "In the sequence 1, the character 'X' at position 2 is not in the alphabet",
            Assert.Throws<ArgumentException>("sequences", () => encoder.Encode(["A", "AX"], new float[24])).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The sequence 0 has no symbol, expected one.",
            Assert.Throws<ArgumentException>("sequences", () => encoder.Encode([""], new float[12])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("vectors", () => encoder.Encode(["A"], new float[11]));
        Assert.Throws<ArgumentOutOfRangeException>("layer", () => new SequenceEncoder(model, 1));
        Assert.Throws<ArgumentOutOfRangeException>("layer", () => new SequenceEncoder(model, -1));
    }
}
