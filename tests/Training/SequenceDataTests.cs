namespace SpanRnn.Tests;

/// <summary>Collections from whole arrays, collections that are divided, and what the first sequence decides.</summary>
public class SequenceDataTests
{
    private static readonly NetworkSpec _spec = new(3, new RecurrentLayer(CellKind.Elman, 2));

    private static readonly NetworkSpec _embedded = new(new EmbeddingSpec(4, 3), new RecurrentLayer(CellKind.Elman, 2));

    private static readonly int[] _lengths = [4, 0, 7, 1, 7, 3];

    private static readonly bool[] _both = [false, true];

    [Fact]
    public void Whole_arrays_are_their_sequences_one_by_one()
    {
        foreach (SequenceProblem problem in Problems())
        {
            Assert.Equal(Text(problem.Data<double>()), Text(Whole(problem, problem.Weights is null ? null : WeightOf)));
            double WeightOf(int sequence, int output) => problem.Weights![sequence] switch
            {
                [] => 1,
                [double one] => one,
                double[] own => own[output],
            };
        }
    }

    [Fact]
    public void A_weight_of_whole_arrays_may_be_that_of_a_sequence()
    {
        foreach (SequenceProblem problem in Problems().Where(problem => problem.Weights is null))
        {
            double[] weights = [.. _lengths.Select((_, sequence) => 0.5 + sequence)];
            SequenceData<double> one = Whole(problem, null, weights);
            SequenceData<double> each = Whole(problem, (sequence, _) => weights[sequence]);
            Assert.Equal(Text(each), Text(one));
            Assert.NotEqual(Text(problem.Data<double>()), Text(one));
        }
    }

    [Fact]
    public void Whole_arrays_of_wrong_lengths_are_refused_and_nothing_is_added()
    {
        SequenceLayout layout = Layout(2, [2, 1]);
        var targets = new SequenceData<double>(_spec, Loss.MeanSquaredError);
        Assert.Throws<ArgumentNullException>(() => targets.AddBatch(null!, new double[12], new double[8]));
        Refused<ArgumentException>(
            () => targets.AddBatch(layout, new double[11], new double[8]),
            "'x' has 11 elements, expected 12 = layout.Steps × layout.Batch × Spec.InputSize.");
        Refused<ArgumentException>(
            () => targets.AddBatch(layout, new double[12], new double[4]),
            "'targets' has 4 elements, expected 8 = layout.Steps × layout.Batch × Spec.OutputSize.");
        Refused<ArgumentException>(
            () => targets.AddBatch(layout, new int[3], new double[8]),
            "'symbols' has 3 elements, expected 4 = layout.Steps × layout.Batch.");
        Refused<ArgumentException>(
            () => targets.AddBatch(layout, new double[12], new double[8], new double[3]),
            "'weights' has 3 elements, expected 4 = layout.Steps × layout.Batch, or layout.Batch, or 0.");
        Refused<ArgumentException>(
            () => targets.AddBatch(layout, new double[12], new int[4]),
            "'labels' of sequence 0 holds labels, expected targets for this loss.");

        // The second sequence is wrong, so the first is not added either.
        Refused<ArgumentOutOfRangeException>(
            () => targets.AddBatch(layout, new double[12], new double[8], [1, -0.5]),
            "'weights' has the weight -0.5 at step 0 of sequence 1, expected a finite number, 0 or more.");
        var labels = new SequenceData<double>(_spec, Loss.SoftmaxCrossEntropy);
        Refused<ArgumentOutOfRangeException>(
            () => labels.AddBatch(layout, new int[4], [0, 2, 0, 9]),
            "'labels' has the label 2 at step 0 of sequence 1, expected 0 to 1, or below 0 for none.");
        Refused<ArgumentOutOfRangeException>(
            () => labels.AddBatch(layout, [0, 0, 3, 9], new int[4]),
            "'symbols' has the symbol 3 at step 1 of sequence 0, expected 0 to 2.");
        var ofWhole = new SequenceData<double>(
            new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 2), new FinalStateLayer()), Loss.SoftmaxCrossEntropy);
        Refused<ArgumentException>(
            () => ofWhole.AddBatch(layout, new int[4], new int[4]), "'labels' has 4 elements, expected 2 = layout.Batch.");
        Refused<ArgumentException>(
            () => ofWhole.AddBatch(layout, new int[4], new int[2], new double[4]),
            "'weights' has 4 elements, expected 2 = layout.Batch, or 0.");
        Assert.Equal((0, 0, 0), (targets.Count, labels.Count, ofWhole.Count));

        // Padding is not read, and the index of a sequence is that in the collection.
        labels.AddBatch(layout, [0, 1, 2, 9], [0, 1, -1, 9]);
        Assert.Equal((2, 2), (labels.Count, labels.LongestLength));
        Refused<ArgumentOutOfRangeException>(
            () => labels.AddBatch(layout, new int[4], [0, 7, 0, 0]),
            "'labels' has the label 7 at step 0 of sequence 3, expected 0 to 1, or below 0 for none.");
    }

    [Fact]
    public void The_first_sequence_decides_between_numbers_and_symbols()
    {
        var data = new SequenceData<double>(_spec, Loss.MeanSquaredError);

        // What is refused or empty decides nothing.
        Assert.Throws<ArgumentException>(() => data.Add([1, 2], [0.5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Add([7], [0.5, 0.5]));
        data.AddBatch(Layout(3, []), ReadOnlySpan<int>.Empty, ReadOnlySpan<double>.Empty);
        data.Add([1.0, 2, 3], [0.5, 0.5]);
        Refused<ArgumentException>(
            () => data.Add([1], [0.5, 0.5]), "'symbols' of sequence 1 holds symbols, expected numbers as the sequences before.");
        Refused<ArgumentException>(
            () => data.AddBatch(Layout(1, [1]), [1], [0.5, 0.5]),
            "'symbols' of sequence 1 holds symbols, expected numbers as the sequences before.");

        var symbols = new SequenceData<double>(_spec, Loss.MeanSquaredError);
        symbols.Add([1], [0.5, 0.5]);
        Refused<ArgumentException>(
            () => symbols.Add([1.0, 2, 3], [0.5, 0.5]), "'x' of sequence 1 holds numbers, expected symbols as the sequences before.");
        Assert.True(new BatchReader<double>(symbols, 1).Next().Inputs.IsEmpty);
        Assert.True(new BatchReader<double>(data, 1).Next().Symbols.IsEmpty);

        var embedded = new SequenceData<double>(_embedded, Loss.MeanSquaredError);
        Refused<ArgumentException>(
            () => embedded.AddBatch(Layout(1, [1]), [1.0, 2, 3], [0.5, 0.5]),
            "'x' of sequence 0 holds numbers, expected symbols: the network has an embedding.");
        Assert.Throws<ArgumentNullException>(() => new SequenceData<double>(null!, Loss.MeanSquaredError));
        Refused<ArgumentOutOfRangeException>(
            () => new SequenceData<double>(_spec, (Loss)7).Add([1], [0.5, 0.5]), "'loss' is 7, expected a value of Loss.");
    }

    [Theory]
    [InlineData(10, 0.2, 2)]
    [InlineData(10, 0.25, 3)]
    [InlineData(10, 0.24, 2)]
    [InlineData(10, 0.94, 9)]
    [InlineData(2, 0.5, 1)]
    [InlineData(1000, 0.1, 100)]
    public void A_split_has_every_sequence_once_in_its_order(int count, double share, int validations)
    {
        SequenceData<double> data = Numbered(count);
        HashSet<string> choices = [];
        for (ulong seed = 0; seed < 20; seed++)
        {
            (SequenceData<double> training, SequenceData<double> validation) = data.Split(share, seed);
            int[] trained = Numbers(training);
            int[] validated = Numbers(validation);
            Assert.Equal(validations, validated.Length);
            Assert.Equal(Enumerable.Range(0, count), trained.Concat(validated).Order());
            Assert.Equal(trained.Order(), trained);
            Assert.Equal(validated.Order(), validated);
            Assert.Equal(validated, Numbers(data.Split(share, seed).Validation));
            choices.Add(string.Join(' ', validated));
            Assert.Equal(trained.Max(i => 1 + (i % 3)), training.LongestLength);
            Assert.Equal(validated.Max(i => 1 + (i % 3)), validation.LongestLength);
        }

        Assert.Equal(Enumerable.Range(0, count), Numbers(data));
        Assert.True(choices.Count > 1, "Every seed made the same choice.");
    }

    [Fact]
    public void All_choices_of_a_split_come_up()
    {
        SequenceData<double> data = Numbered(4);
        var counts = new Dictionary<string, int>();
        for (ulong seed = 0; seed < 600; seed++)
        {
            string choice = string.Join(' ', Numbers(data.Split(0.5, seed).Validation));
            counts[choice] = counts.GetValueOrDefault(choice) + 1;
        }

        // Each is drawn 100 times on average; 60 is more than four standard deviations away.
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 60, 140));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0.1)]
    [InlineData(0.9)]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    public void A_split_without_sequences_on_one_side_is_refused(double share)
    {
        string found = share.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Refused<ArgumentOutOfRangeException>(
            () => Numbered(3).Split(share, 1),
            $"'validationShare' is {found} of 3 sequences, expected one or more on either side.");
    }

    /// <summary>Sequences of a split are shared, and the two collections are as long and as weighted as what they have.</summary>
    [Fact]
    public void A_split_copies_no_sequence_and_may_be_added_to()
    {
        var data = new SequenceData<double>(_spec, Loss.MeanSquaredError);
        data.Add(new double[300_000], new double[200_000], [2]);
        data.Add(new double[3], new double[2]);
        Assert.InRange(Allocation.Of(() => data.Split(0.5, 1)), 1, 2000);
        (SequenceData<double> training, SequenceData<double> validation) = data.Split(0.5, 1);
        SequenceData<double> large = training.LongestLength > 1 ? training : validation;
        SequenceData<double> small = large == training ? validation : training;
        Assert.Equal((100_000, 1), (large.LongestLength, small.LongestLength));
        Assert.True(new BatchReader<double>(large, 1).Next().IsWeighted);
        Assert.False(new BatchReader<double>(small, 1).Next().IsWeighted);
        small.Add([1.0, 2, 3], [0.5, 0.5]);
        Assert.Equal((2, 1, 2), (small.Count, large.Count, data.Count));
        Assert.Throws<ArgumentException>(() => small.Add([1], [0.5, 0.5]));
    }

    private static IEnumerable<SequenceProblem> Problems() =>
        from spec in new[] { _spec, new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 4), new FinalStateLayer(), new DenseLayer(2)) }
        from loss in Enum.GetValues<Loss>()
        from symbols in _both
        from weighted in _both
        select new SequenceProblem(spec, loss, symbols, _lengths, weighted: weighted);

    // The arrays of a problem side by side, with NaN, −9 and 99 in the padding.
    private static SequenceData<double> Whole(SequenceProblem problem, Func<int, int, double>? weight, double[]? weights = null)
    {
        SequenceLayout layout = Layout(9, _lengths);
        int[] outputs = problem.Spec.IsManyToOne ? [.. _lengths.Select(_ => 1)] : _lengths;
        int rows = problem.Spec.IsManyToOne ? 1 : 9;
        double[] x = Side(9, _lengths, 3, double.NaN, (n, k) => problem.Inputs[n][k]);
        int[] symbols = Side(9, _lengths, 1, 99, (n, k) => problem.Symbols[n][k]);
        double[] targets = Side(rows, outputs, 2, double.NaN, (n, k) => problem.Targets[n][k]);
        int[] labels = Side(rows, outputs, 1, 99, (n, k) => problem.Labels[n][k]);
        weights ??= weight is null ? [] : Side(rows, outputs, 1, -9, weight);
        var data = new SequenceData<double>(problem.Spec, problem.Loss);
        switch (problem.HasSymbols, problem.Loss)
        {
            case (false, Loss.SoftmaxCrossEntropy):
                data.AddBatch(layout, x, labels, weights);
                break;
            case (false, _):
                data.AddBatch(layout, x, targets, weights);
                break;
            case (true, Loss.SoftmaxCrossEntropy):
                data.AddBatch(layout, symbols, labels, weights);
                break;
            default:
                data.AddBatch(layout, symbols, targets, weights);
                break;
        }

        return data;
    }

    private static TValue[] Side<TValue>(int rows, int[] lengths, int size, TValue padding, Func<int, int, TValue> value)
    {
        var values = new TValue[rows * lengths.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int sequence) = Math.DivRem(i / size, lengths.Length);
            values[i] = row < lengths[sequence] ? value(sequence, (row * size) + (i % size)) : padding;
        }

        return values;
    }

    // All that a reader finds: one batch of everything, padding left out.
    private static string Text(SequenceData<double> data)
    {
        Batch<double> batch = new BatchReader<double>(data, data.Count).Next();
        int columns = batch.Layout.Batch;
        List<object> found = [data.Count, data.LongestLength];
        for (int sequence = 0; sequence < columns; sequence++)
        {
            int length = batch.Layout.Length(sequence);
            found.Add($"\n{length}:");
            for (int step = 0; step < length; step++)
            {
                Add(found, batch.Inputs, (step * columns) + sequence, 3);
                Add(found, batch.Symbols, (step * columns) + sequence, 1);
            }

            for (int step = 0; step < (batch.Labels.Length + (batch.Targets.Length / 2) == columns ? 1 : length); step++)
            {
                Add(found, batch.Targets, (step * columns) + sequence, 2);
                Add(found, batch.Labels, (step * columns) + sequence, 1);
                Add(found, batch.Weights, (step * columns) + sequence, 1);
            }
        }

        return string.Join(' ', found);

        static void Add<TValue>(List<object> found, Span<TValue> values, int place, int size)
        {
            for (int i = 0; i < size && !values.IsEmpty; i++)
            {
                found.Add(values[(place * size) + i]!);
            }
        }
    }

    // Sequence i has the label i; 1 to 3 steps long.
    private static SequenceData<double> Numbered(int count)
    {
        var data = new SequenceData<double>(
            new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 2), new FinalStateLayer(), new DenseLayer(count)),
            Loss.SoftmaxCrossEntropy);
        for (int i = 0; i < count; i++)
        {
            data.Add(new double[1 + (i % 3)], (ReadOnlySpan<int>)[i]);
        }

        return data;
    }

    private static int[] Numbers(SequenceData<double> data) => new BatchReader<double>(data, data.Count).Next().Labels.ToArray();

    private static SequenceLayout Layout(int steps, int[] lengths)
    {
        var layout = new SequenceLayout();
        layout.Set(steps, lengths);
        return layout;
    }

    private static void Refused<TException>(Action call, string sentence)
        where TException : Exception =>
        Assert.Equal(sentence, Assert.Throws<TException>(call).Message.Split(" (Parameter")[0]);
}
