namespace SpanRnn.Tests;

/// <summary>Sequences, steps and counts of a reader's batches.</summary>
public class BatchReaderTests
{
    private static readonly NetworkSpec _spec = new(9, new RecurrentLayer(CellKind.Elman, 100));

    [Fact]
    public void Batches_are_time_major_in_the_order_of_the_data()
    {
        BatchReader<double> reader = new(Data([2, 0, 3]), 2);

        Assert.Equal(2, reader.BatchesPerEpoch);
        Batch<double> batch = reader.Next();
        Assert.Equal((2, 2, 2), (batch.Layout.Steps, batch.Layout.Batch, batch.Layout.Rows));
        Assert.Equal((0, 0, 0), (batch.Carry, batch.Keep, batch.FirstCounted));
        Assert.Equal([0, 1], [batch.Labels[0], batch.Labels[2]]);
        Assert.Equal((0, 1), (reader.Epoch, reader.Position));
        Assert.Same(batch, reader.Next());
        Assert.Equal((3, 1), (batch.Layout.Steps, batch.Layout.Batch));
        Assert.Equal([20, 21, 22], batch.Labels.ToArray());
        Assert.Equal([0, 1, 2], batch.Symbols.ToArray());
        Assert.Equal((1, 0), (reader.Epoch, reader.Position));
    }

    [Fact]
    public void A_horizon_over_everything_keeps_nothing()
    {
        BatchReader<double> reader = new(Data([7, 3]), 2) { Chunk = 2, Horizon = int.MaxValue - 1 };
        Batch<double> batch = reader.Batch;
        var kept = new List<(int, int, int, int)>();
        while (reader.Epoch == 0)
        {
            reader.Next();
            kept.Add((batch.Layout.Steps, batch.Carry, batch.Keep, batch.FirstCounted));
        }

        Assert.Equal([(2, 0, 0, 0), (4, 0, 0, 2), (6, 0, 0, 4), (7, 0, 0, 6)], kept);
    }

    [Fact]
    public void A_shuffled_epoch_has_every_sequence_once_in_an_order_of_its_own()
    {
        BatchReader<double> reader = Reader(seed: 1);
        string first = Orders(reader);
        string second = Orders(reader);

        Assert.Equal(Enumerable.Range(0, 7), first.Split(' ').Select(int.Parse).Order());
        Assert.Equal(Enumerable.Range(0, 7), second.Split(' ').Select(int.Parse).Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(string.Join(' ', Enumerable.Range(0, 7)), first);
        Assert.Equal(first, Orders(Reader(seed: 1)));
        Assert.NotEqual(first, Orders(Reader(seed: 2)));
        Assert.Equal(2, reader.Epoch);

        // Epoch 1 of one seed is not epoch 0 of the next, nor the other way round.
        Assert.NotEqual(second, Orders(Reader(seed: 2)));
        Assert.NotEqual(second, Orders(Reader(seed: 0)));

        static BatchReader<double> Reader(ulong seed) => new(Data([1, 1, 1, 1, 1, 1, 1]), 3) { Shuffle = true, Seed = seed };

        static string Orders(BatchReader<double> reader)
        {
            List<int> order = [];
            for (long epoch = reader.Epoch; reader.Epoch == epoch;)
            {
                order.AddRange(reader.Next().Labels.ToArray().Select(label => label / 10));
            }

            return string.Join(' ', order);
        }
    }

    [Fact]
    public void Every_order_of_three_comes_up()
    {
        var counts = new Dictionary<string, int>();
        BatchReader<double> reader = new(Data([1, 1, 1]), 3) { Shuffle = true };
        for (int epoch = 0; epoch < 600; epoch++)
        {
            string order = string.Join(' ', reader.Next().Labels.ToArray());
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        // Each is drawn 100 times on average; 60 is more than four standard deviations away.
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 60, 140));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_place_is_found_again(int chunk)
    {
        BatchReader<double> reader = Reader();
        BatchReader<double> other = Reader();
        for (int i = 0; i < 12; i++)
        {
            (long epoch, long position) = (reader.Epoch, reader.Position);
            Batch<double> batch = reader.Next();
            other.Seek(epoch, position);
            Batch<double> found = other.Next();

            Assert.Equal(Text(batch), Text(found));
            Assert.Equal((reader.Epoch, reader.Position), (other.Epoch, other.Position));
        }

        BatchReader<double> Reader() => new(Data([1, 9, 3, 8, 0, 2, 7]), 3) { Shuffle = true, Chunk = chunk, Horizon = 2 * chunk };
    }

    [Fact]
    public void Chunks_go_on_until_the_longest_sequence_is_over_and_then_start_anew()
    {
        BatchReader<double> reader = new(Data([5, 2, 0, 3]), 3) { Chunk = 2 };

        Assert.Equal(5, reader.BatchesPerEpoch);
        Assert.Equal(
            [
                "carry 0 keep 1 counted 0: 0 1 | 10 11 |",
                "carry 1 keep 1 counted 0: 2 3 | |",
                "carry 1 keep 1 counted 0: 4 | |",
                "carry 0 keep 1 counted 0: 30 31",
                "carry 1 keep 1 counted 0: 32",
                "carry 0 keep 1 counted 0: 0 1 | 10 11 |",
            ],
            Enumerable.Range(0, 6).Select(_ => Text(reader.Next())));
    }

    [Fact]
    public void A_horizon_runs_steps_again_that_are_not_counted()
    {
        BatchReader<double> reader = new(Data([7, 2, 4]), 3) { Chunk = 2, Horizon = 4 };

        Assert.Equal(
            [
                "carry 0 keep 2 counted 0: 0 1 | 10 11 | 20 21",
                "carry 0 keep 2 counted 2: 0 1 2 3 | | 20 21 22 23",
                "carry 2 keep 2 counted 2: 2 3 4 5 | |",
                "carry 2 keep 2 counted 2: 4 5 6 | |",
            ],
            Enumerable.Range(0, 4).Select(_ => Text(reader.Next())));
        Assert.Equal(1, reader.Epoch);
    }

    [Fact]
    public void A_group_of_empty_sequences_is_one_batch()
    {
        BatchReader<double> reader = new(Data([0, 0, 1]), 2) { Chunk = 4 };

        Assert.Equal(2, reader.BatchesPerEpoch);
        Assert.Equal((0, 2), (reader.Next().Layout.Steps, reader.Batch.Layout.Batch));
        Assert.Equal("carry 0 keep 0 counted 0: 20", Text(reader.Next()));
    }

    [Fact]
    public void A_wrong_place_is_refused_and_the_reader_stays()
    {
        BatchReader<double> reader = new(Data([1, 9, 3, 8]), 3) { Shuffle = true };
        reader.Next();
        BatchReader<double> same = new(Data([1, 9, 3, 8]), 3) { Shuffle = true };
        same.Next();

        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => reader.Seek(7, 2));
        Assert.StartsWith("'position' is 2, expected 0 to 1: epoch 7 has 2 batches.", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Seek(7, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Seek(-1, 0));
        Assert.Equal(Text(same.Next()), Text(reader.Next()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_reader_of_few_sequences_has_them_all_in_one_batch(int chunk)
    {
        BatchReader<double> few = new(Data([1, 9, 3]), 100) { Chunk = chunk, Shuffle = true };
        BatchReader<double> all = new(Data([1, 9, 3]), 3) { Chunk = chunk, Shuffle = true };
        Assert.Equal((3, all.BatchesPerEpoch), (few.BatchSize, few.BatchesPerEpoch));
        for (int batch = 0; batch < 2 * all.BatchesPerEpoch; batch++)
        {
            Assert.Equal(Text(all.Next()), Text(few.Next()));
        }
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        SequenceData<double> data = Data([1, 2]);
        Refused<ArgumentOutOfRangeException>(() => new BatchReader<double>(data, 0), "'batchSize' is 0, expected 1 or more.");
        Refused<ArgumentException>(() => new BatchReader<double>(Data([]), 1), "'data' has no sequences, expected at least one.");
        Refused<ArgumentOutOfRangeException>(() => new BatchReader<double>(data, 1) { Chunk = -1 }, "'Chunk' is -1, expected 0 or more.");
        Refused<ArgumentOutOfRangeException>(
            () => new BatchReader<double>(data, 1) { Horizon = -1 }, "'Horizon' is -1, expected 0 or more.");
        Refused<InvalidOperationException>(
            () => new BatchReader<double>(data, 1) { Chunk = 4, Horizon = 6 }.Next(), "'Horizon' is 6, expected a multiple of 4 = Chunk.");
        Refused<InvalidOperationException>(
            () => new BatchReader<double>(data, 1) { Horizon = 6 }.Next(), "'Horizon' is 6, expected a multiple of 0 = Chunk.");
        Assert.Throws<ArgumentNullException>(() => new BatchReader<double>(null!, 1));

        var reader = new BatchReader<double>(data, 1);
        data.Add([1], (ReadOnlySpan<int>)[1]);
        Refused<InvalidOperationException>(() => reader.Next(), "The data has 3 sequences, expected 2 as when the reader was made.");
    }

    [Fact]
    public void Networks_that_need_whole_sequences_are_not_read_in_chunks()
    {
        var last = new SequenceData<double>(
            new NetworkSpec(2, new RecurrentLayer(CellKind.GruResetAfter, 2), new FinalStateLayer(), new DenseLayer(1)),
            Loss.MeanSquaredError);
        last.Add([1.0, 2], [3.0]);
        Refused<ArgumentException>(
            () => new BatchReader<double>(last, 1) { Chunk = 2 },
            "'Chunk' is 2, expected 0: the network pools the steps of a sequence, of which a chunk has some only.");
        var bidirectional = new SequenceData<double>(
            new NetworkSpec(
                1, [new RecurrentLayer(CellKind.GruResetAfter, 1), new RecurrentLayer(CellKind.GruResetAfter, 1) { Bidirectional = true }]),
            Loss.MeanSquaredError);
        bidirectional.Add([1.0], [3.0, 2]);
        Refused<ArgumentException>(
            () => new BatchReader<double>(bidirectional, 1) { Chunk = 2 },
            "Layer 1 runs in both directions, expected only layers that run step by step where sequences are cut into chunks: it needs "
            + "whole sequences.");
    }

    // The labels of sequence s are 10·s, 10·s + 1, …, its symbols 0, 1, …
    private static SequenceData<double> Data(int[] lengths)
    {
        var data = new SequenceData<double>(_spec, Loss.SoftmaxCrossEntropy);
        for (int sequence = 0; sequence < lengths.Length; sequence++)
        {
            int[] symbols = [.. Enumerable.Range(0, lengths[sequence])];
            data.Add(symbols, symbols.Select(step => (10 * sequence) + step).ToArray());
        }

        return data;
    }

    private static string Text(Batch<double> batch) =>
        $"carry {batch.Carry} keep {batch.Keep} counted {batch.FirstCounted}: " + string.Join(
            "|",
            Enumerable.Range(0, batch.Layout.Batch).Select(sequence => string.Concat(Enumerable.Range(0, batch.Layout.Length(sequence))
                .Select(step => $" {batch.Labels[(step * batch.Layout.Batch) + sequence]}")) + " ")).Trim();

    private static void Refused<TException>(Func<object> call, string sentence)
        where TException : Exception =>
        Assert.Equal(sentence, Assert.Throws<TException>(call).Message.Split(" (Parameter")[0]);
}
