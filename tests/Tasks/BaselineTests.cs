using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class BaselineTests
{
    [Fact]
    public void The_majority_is_the_most_frequent_class()
    {
        var baseline = new MajorityBaseline([2, 1, 1, 2, 0], 4);

        Assert.Equal(1, baseline.Class);
        Assert.Equal([0.2f, 0.4f, 0.4f, 0], baseline.Shares);
        Assert.Throws<ArgumentException>(() => new MajorityBaseline([], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MajorityBaseline([2], 2));
    }

    // By hand: 0 occurs twice and 1 once among three symbols; 1 alone followed 0.
    [Fact]
    public void Probabilities_are_those_of_Witten_and_Bell_by_hand()
    {
        var model = new NGram(3, 2);
        model.Learn([0, 1, 0]);

        Assert.Equal(8 / 15.0, model.Probability([], 0), 1e-15);
        Assert.Equal(1 / 3.0, model.Probability([], 1), 1e-15);
        Assert.Equal(2 / 15.0, model.Probability([], 2), 1e-15);
        Assert.Equal(2 / 3.0, model.Probability([1, 0], 1), 1e-15);
        Assert.Equal(4 / 15.0, model.Probability([0], 0), 1e-15);
        Assert.Equal(8 / 15.0, model.Probability([2], 0), 1e-15); // nothing followed 2
        Assert.Equal(Math.Log(8 / 15.0) + Math.Log(2 / 3.0), model.LogLikelihood([0, 1]), 1e-15);
    }

    [Property(MaxTest = 100)]
    public void Probabilities_after_any_context_have_the_sum_one(byte order, byte symbols, ulong seed)
    {
        int count = 1 + (symbols % 4);
        var model = new NGram(count, 1 + (order % NGram.LargestOrder));
        var random = new RandomSource(seed);
        int[] sequence = [.. Enumerable.Range(0, random.NextInt(60)).Select(_ => random.NextInt(count))];
        model.Learn(sequence);

        for (int end = 0; end <= sequence.Length; end++)
        {
            double[] p = [.. Enumerable.Range(0, count).Select(symbol => model.Probability(sequence.AsSpan(0, end), symbol))];
            Assert.All(p, probability => Assert.InRange(probability, double.Epsilon, 1 + 1e-12));
            Assert.Equal(1, p.Sum(), 1e-12);
        }
    }

    [Fact]
    public void Predictions_back_off_to_the_longest_context_that_was_learned()
    {
        var model = new NGram(4, 3);
        model.Learn([0, 1, 2]);
        model.Learn([3, 1, 3]);
        model.Learn([3, 1, 3]);

        Assert.Equal(2, model.Predict([0, 0, 1])); // after 0 1
        Assert.Equal(3, model.Predict([2, 1])); // after 1
        Assert.Equal(3, model.Predict([2, 2])); // after nothing
        Assert.Equal(0, new NGram(4, 3).Predict([1]));
    }

    [Fact]
    public void The_first_of_equally_frequent_symbols_is_predicted_and_only_last_ones_are_learned_if_wanted()
    {
        var model = new NGram(4, 2);
        model.Learn([1, 3], 2);
        model.Learn([1, 3], 1);

        Assert.Equal(2, model.Predict([3]));
        Assert.Equal(2, model.Predict([1])); // that 3 followed was not learned
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(1, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(2, 1).Learn([2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(2, 2).Predict([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(2, 1).Probability([], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(2, 2).Learn([2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGram(2, 2).Learn([1], 2));
    }

    /// <summary>Shares of last amino acids that index.json of the cases has: different ones of 4 or more, each fifth for test.</summary>
    [CasesTheory]
    [InlineData("peptides_amp_modlamp.csv", 516, 0.1027, 0.2306, 0.4109)]
    [InlineData("peptides_hem_hemopi.csv", 221, 0.1176, 0.2624, 0.3665)]
    public void Last_amino_acids_are_predicted_as_often_as_published(
        string name, int rows, double majority, double bigram, double trigram)
    {
        var file = SequenceFile.Load(Path.Combine(Cases.Folder!, "sequences", name));
        int[][] sequences = [.. file.Records.DistinctBy(record => record.Sequence).Where(record => record.Sequence.Length >= 4)
            .Select(record => Alphabet.Protein.Encode(record, name))];
        int[][] test = [.. sequences.Where((_, i) => i % 5 == 0)];
        Assert.Equal(rows, test.Length);

        foreach ((int order, double expected) in new[] { (1, majority), (2, bigram), (3, trigram) })
        {
            var model = new NGram(Alphabet.Protein.Size, order);
            foreach (int[] sequence in sequences.Where((_, i) => i % 5 != 0))
            {
                model.Learn(sequence.AsSpan()[..^1], sequence[^1]);
            }

            int right = test.Count(sequence => model.Predict(sequence.AsSpan(0, sequence.Length - 1)) == sequence[^1]);
            Assert.Equal(expected, right / (double)rows, 5e-5);
        }
    }
}
