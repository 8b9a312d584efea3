namespace SpanRnn.Tests;

/// <summary>Whole arrays through a model, by the library.</summary>
[Trait("Category", "Simd")]
public class ModelRunnerTests
{
    private const int Steps = 5;
    private const int Batch = 3;

    private static readonly NetworkSpec _spec = new(2, new RecurrentLayer(CellKind.Lstm, 4), new DenseLayer(3));

    [Fact]
    public void Arrays_give_the_numbers_of_streams()
    {
        RecurrentModel model = Model(_spec);
        float[] x = Numbers(Steps * Batch * 2);

        NpyArray y = new ModelRunner(model).Run(NpyArray.From<float>([Steps, Batch, 2], x));

        Assert.Equal([Steps, Batch, 3], y.Shape.ToArray());
        Assert.Equal("y", y.Name);
        Assert.Equal(Streamed(model, x, [Steps, Steps, Steps]), y.ToSingles());
    }

    [Fact]
    public void Rows_beyond_a_length_are_zeros_and_not_read()
    {
        RecurrentModel model = Model(_spec);
        float[] x = Numbers(Steps * Batch * 2);
        for (int step = 0; step < Steps; step++)
        {
            x[((step * Batch) + 1) * 2] = step < 2 ? x[((step * Batch) + 1) * 2] : float.NaN;
        }

        var warnings = new List<string>();
        IReadOnlyDictionary<string, NpyArray> outputs = new ModelRunner(model) { Warn = warnings.Add }.Run(new Dictionary<string, NpyArray>
        {
            ["x"] = NpyArray.From<float>([Steps, Batch, 2], x),
            ["lengths"] = NpyArray.From<int>([Batch], [Steps, 2, 0]),
        });

        Assert.Equal(Streamed(model, x, [Steps, 2, 0]), outputs["y"].ToSingles());
        Assert.Equal(["y", "hn", "cn"], outputs.Keys);
        Assert.Equal([1, Batch, 4], outputs["hn"].Shape.ToArray());
        Assert.Equal(new float[4], outputs["hn"].ToSingles()[8..]);
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_run_may_go_on_from_the_states_of_another()
    {
        var runner = new ModelRunner(Model(_spec));
        float[] x = Numbers(Steps * Batch * 2);
        float[] whole = runner.Run(NpyArray.From<float>([Steps, Batch, 2], x)).ToSingles();

        IReadOnlyDictionary<string, NpyArray> first = runner.Run(
            new Dictionary<string, NpyArray> { ["x"] = NpyArray.From<float>([2, Batch, 2], x.AsSpan(0, 2 * Batch * 2)) });
        IReadOnlyDictionary<string, NpyArray> second = runner.Run(new Dictionary<string, NpyArray>
        {
            ["x"] = NpyArray.From<float>([Steps - 2, Batch, 2], x.AsSpan(2 * Batch * 2)),
            ["h0"] = first["hn"],
            ["c0"] = first["cn"],
        });

        Assert.Equal(whole.AsEnumerable(), first["y"].ToSingles().Concat(second["y"].ToSingles()));
    }

    [Fact]
    public void The_batch_may_come_first()
    {
        RecurrentModel model = Model(_spec);
        float[] x = Numbers(Batch * 2);
        var runner = new ModelRunner(model) { BatchFirst = true };

        NpyArray y = runner.Run(NpyArray.From<float>([Batch, 1, 2], x));

        Assert.Equal([Batch, 1, 3], y.Shape.ToArray());
        Assert.Equal(new ModelRunner(model).Run(NpyArray.From<float>([1, Batch, 2], x)).ToSingles(), y.ToSingles());
    }

    [Fact]
    public void Symbols_are_whole_numbers()
    {
        RecurrentModel model = Model(new NetworkSpec(new EmbeddingSpec(6, 3), new RecurrentLayer(CellKind.GruResetAfter, 4)));
        StreamState stream = model.Pack().CreateStream();
        float[] expected = new float[2 * 4];
        stream.Step(5, expected.AsSpan(0, 4));
        stream.Step(0, expected.AsSpan(4, 4));

        Assert.Equal(expected, new ModelRunner(model).Run(NpyArray.From<long>([2, 1], [5, 0])).ToSingles());
        Refused(model, NpyArray.From<long>([2, 1], [6, 0], "s.npy"), "s.npy: the symbol at [0, 0] is 6, expected 0 to 5.");
    }

    [Fact]
    public void Arrays_that_do_not_fit_are_named()
    {
        RecurrentModel model = Model(_spec);

        Refused(model, NpyArray.From<float>([4, 3], new float[12], "x"), "x: the shape is [4, 3] (rank 2), expected rank 3 [T, B, 2].");
        Refused(model, NpyArray.From<float>([4, 3, 1], new float[12], "x"), "x: the shape is [4, 3, 1], expected [T, B, 2]");
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => new ModelRunner(model).Run(new Dictionary<string, NpyArray>
        {
            ["x"] = NpyArray.From<float>([1, 1, 2], new float[2]),
            ["lengths"] = NpyArray.From<int>([1], [2]),
        }));
        Assert.StartsWith("lengths: the length of sequence 0 is 2, expected 0 to 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("inputs' has the name 'z', expected one of x, lengths, h0, c0.", Names("x", "z"), StringComparison.Ordinal);
        Assert.Contains("'inputs' has no x, expected an array of that name.", Names("h0"), StringComparison.Ordinal);

        string Names(params string[] names) => Assert.Throws<ArgumentException>(() => new ModelRunner(model).Run(
            names.ToDictionary(name => name, _ => NpyArray.From<float>([1, 1, 2], new float[2])))).Message;
    }

    [Fact]
    public void Zeros_come_first_only_where_the_file_has_them()
    {
        Assert.Contains(
            "expected no Prewarm",
            Assert.Throws<ModelFormatException>(() => new ModelRunner(Model(_spec)) { Prewarm = true }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void NaN_in_an_input_is_a_warning()
    {
        var warnings = new List<string>();

        new ModelRunner(Model(_spec)) { Warn = warnings.Add }.Run(NpyArray.From<float>([1, 1, 2], [0, float.NaN]));

        Assert.Equal(["warning: x holds NaN at [0, 0, 1]; 1 of its 2 numbers is not finite, "
            + "and results computed from them may not be finite either."], warnings);
    }

    private static void Refused(RecurrentModel model, NpyArray x, string expected) => Assert.StartsWith(
        expected, Assert.Throws<ModelFormatException>(() => new ModelRunner(model).Run(x)).Message, StringComparison.Ordinal);

    // y of every sequence step by step, zeros beyond its length.
    private static float[] Streamed(RecurrentModel model, float[] x, int[] lengths)
    {
        PackedNetwork network = model.Pack();
        float[] y = new float[Steps * Batch * 3];
        for (int sequence = 0; sequence < Batch; sequence++)
        {
            StreamState stream = network.CreateStream();
            for (int step = 0; step < lengths[sequence]; step++)
            {
                int row = (step * Batch) + sequence;
                stream.Step(x.AsSpan(row * 2, 2), y.AsSpan(row * 3, 3));
            }
        }

        return y;
    }

    private static RecurrentModel Model(NetworkSpec spec)
    {
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(5));
        return ModelFile.Load(ModelFile.ToBytes<float>("m.safetensors", spec, parameters, null, batchFirst: false), "m");
    }

    private static float[] Numbers(int count)
    {
        float[] numbers = new float[count];
        new RandomSource(6).Fill(numbers, -1, 1);
        return numbers;
    }
}
