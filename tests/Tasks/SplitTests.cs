using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class SplitTests
{
    [Property(MaxTest = 200)]
    public void Parts_have_their_fractions_of_all_rows_and_of_each_label(ushort rows, byte labels, byte first, byte second, ulong seed)
    {
        string?[] data = Labels(1 + (rows % 300), 1 + (labels % 5), seed);
        double validation = first / 520.0;
        double test = second / 520.0;

        var split = Split.Of(data, validation, test, seed);

        Assert.Equal(Enumerable.Range(0, data.Length), split.Train.Concat(split.Validation).Concat(split.Test).Order());
        foreach ((IReadOnlyList<int> part, double fraction) in new[]
        {
            (split.Train, 1 - validation - test), (split.Validation, validation), (split.Test, test),
        })
        {
            Assert.Equal(part.Order(), part);
            Assert.True(Math.Abs(part.Count - (fraction * data.Length)) < 1, $"{part.Count} of {data.Length} rows for {fraction}");
            foreach (IGrouping<string, string?> label in data.GroupBy(label => label ?? "null"))
            {
                int count = part.Count(row => (data[row] ?? "null") == label.Key);
                Assert.True(Math.Abs(count - (fraction * label.Count())) < 2, $"{count} of {label.Count()} for {fraction}");
            }
        }
    }

    [Property(MaxTest = 200)]
    public void Folds_take_each_row_once_and_are_of_one_size(ushort rows, byte labels, byte folds, ulong seed)
    {
        string?[] data = Labels(2 + (rows % 300), 1 + (labels % 5), seed);

        Split[] splits = Split.Folds(data, Math.Clamp((int)folds, 2, data.Length), seed);

        Assert.Equal(Enumerable.Range(0, data.Length), splits.SelectMany(split => split.Test).Order());
        Assert.All(splits, split => Assert.Equal(Enumerable.Range(0, data.Length), split.Train.Concat(split.Test).Order()));
        Assert.All(splits, split => Assert.Empty(split.Validation));
        Assert.InRange(splits.Max(split => split.Test.Count) - splits.Min(split => split.Test.Count), 0, 1);
        foreach (string? label in data.Distinct())
        {
            int[] counts = [.. splits.Select(split => split.Test.Count(row => data[row] == label))];
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
    }

    [Fact]
    public void A_seed_determines_the_split()
    {
        string?[] labels = Labels(100, 3, 1);

        Assert.Equal(Split.Of(labels, 0.1, 0.2, 7).Test, Split.Of(labels, 0.1, 0.2, 7).Test);
        Assert.NotEqual(Split.Of(labels, 0.1, 0.2, 7).Test, Split.Of(labels, 0.1, 0.2, 8).Test);
        Assert.NotEqual(Split.Folds(labels, 5, 7)[0].Test, Split.Folds(labels, 5, 8)[0].Test);

        // The same on every machine.
        Assert.Equal([4, 6, 9], Split.Of(new string?[10], 0.2, 0.3, 1).Test);
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        string[] labels = ["a", "b", "c"];

        Assert.Throws<ArgumentException>(() => Split.Of([], 0.1, 0.1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Of(labels, -0.1, 0.1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Of(labels, 0.5, 0.5, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Of(labels, double.NaN, 0.5, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Folds(labels, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Folds(labels, 4, 1));
    }

    private static string?[] Labels(int rows, int labels, ulong seed)
    {
        var random = new RandomSource(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => random.NextInt(labels) is var label && label == 0 ? null : $"{label}")];
    }
}
