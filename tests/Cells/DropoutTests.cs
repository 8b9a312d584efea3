using System.Numerics;
using SpanRnn.Cells.Training;

namespace SpanRnn.Tests;

/// <summary>Masks of dropout: their numbers, their dependence on seed and step, and refused arguments. Gradients: GradientTests.</summary>
[Trait("Category", "Simd")]
public class DropoutTests
{
    private static readonly NetworkSpec _spec = new(
        3,
        [
            new RecurrentLayer(CellKind.Lstm, 24) { ProjectionSize = 20, Bidirectional = true },
            new RecurrentLayer(CellKind.GruResetAfter, 32),
            new RecurrentLayer(CellKind.Elman, 16) { Bidirectional = true },
        ]);

    public static TheoryData<double> Rates => [0.1, 0.25, 0.5, 0.9];

    [Theory]
    [MemberData(nameof(Rates))]
    public void Drops_at_its_rate_and_scales_the_rest(double rate)
    {
        Has<double>(rate, 1 / (1 - rate));
        Has<float>(rate, (float)(1 / (1 - rate)));
    }

    /// <summary>The same mask at every step of a sequence where h′ enters U, another at every step between layers.</summary>
    [Fact]
    public void Masks_have_the_shapes_of_what_they_multiply()
    {
        SequenceLayout layout = Layout(5, [5, 2, 0, 4]);
        Dropout<float> dropout = Draw<float>(layout, 0.3, 0.3, 1, 1);
        Assert.Equal((0, 0), (dropout.Between(0).Rows, dropout.Between(0).Columns));
        Assert.Equal((11, 40), (dropout.Between(1).Rows, dropout.Between(1).Columns));
        Assert.Equal((11, 32), (dropout.Between(2).Rows, dropout.Between(2).Columns));
        Assert.Equal((4, 20), (dropout.Recurrent(0, 0).Rows, dropout.Recurrent(0, 0).Columns));
        Assert.Equal((4, 20), (dropout.Recurrent(0, 1).Rows, dropout.Recurrent(0, 1).Columns));
        Assert.Equal((4, 32), (dropout.Recurrent(1, 0).Rows, dropout.Recurrent(1, 0).Columns));
        Assert.Equal((4, 16), (dropout.Recurrent(2, 1).Rows, dropout.Recurrent(2, 1).Columns));

        Dropout<float> between = Draw<float>(layout, 0.3, 0, 1, 1);
        Assert.Equal(11, between.Between(2).Rows);
        Assert.Equal(0, between.Recurrent(1, 0).Rows);
        Dropout<float> recurrent = Draw<float>(layout, 0, 0.3, 1, 1);
        Assert.Equal(0, recurrent.Between(2).Rows);
        Assert.Equal(4, recurrent.Recurrent(1, 0).Rows);
    }

    /// <summary>The input of every layer with a matrix, but for the first one and a dense layer on top: nothing else.</summary>
    [Fact]
    public void Masks_are_in_front_of_matrices()
    {
        RecurrentLayer both = new(CellKind.Lstm, 4) { Bidirectional = true };
        DenseLayer dense = new(6);
        (LayerSpec[] Layers, int[] Masked)[] chains =
        [
            ([both, dense], []),
            ([both, both], [1]),
            ([dense, both], [1]),
            ([dense, dense, dense], [1]),
            ([both, new PReluLayer(), both, new PReluLayer(), dense, new PReluLayer()], [2]),
            ([both, new FinalStateLayer(), dense, dense, new ActivationLayer(ActivationKind.Relu)], [2]),
            ([new AffineLayer(), both, new MergeLayer(DirectionMerge.Sum), both, new PoolLayer(Pooling.Mean)], [3]),
            ([new PReluLayer(), both, dense, new SkipLayer(2) { Features = 1 }, new AttentionLayer(), dense, dense], [2, 5]),
        ];
        SequenceLayout layout = Layout(5, [5, 2, 0, 4]);
        foreach ((LayerSpec[] layers, int[] masked) in chains)
        {
            var spec = new NetworkSpec(3, layers);
            var dropout = new Dropout<double>(spec, 0.5, 0);
            dropout.Draw(layout, 1, 1);
            int pooling = Array.FindIndex(layers, layer => layer is PoolLayer or AttentionLayer or FinalStateLayer);
            for (int layer = 0; layer < layers.Length; layer++)
            {
                int rows = pooling >= 0 && layer > pooling ? 4 : 11;
                Assert.Equal(
                    masked.Contains(layer) ? (rows, spec.LayerInputSize(layer)) : (0, 0),
                    (dropout.Between(layer).Rows, dropout.Between(layer).Columns));
            }
        }
    }

    [Fact]
    public void Masks_depend_on_seed_and_step_alone()
    {
        SequenceLayout layout = Layout(5, [5, 2, 0, 4]);
        float[] expected = All(Draw<float>(layout, 0.3, 0.4, 7, 9));

        // Earlier draws make no difference: other steps, larger and smaller batches.
        var dropout = new Dropout<float>(_spec, 0.3, 0.4);
        dropout.Draw(Layout(9, [9, 9, 9, 9, 9, 9]), 7, 8);
        dropout.Draw(layout, 7, 10);
        dropout.Draw(Layout(1, [1]), 6, 9);
        dropout.Draw(layout, 7, 9);
        Near.Bits<float>("drawn again", expected, All(dropout));
        Near.Bits<float>("in double", expected, Array.ConvertAll(All(Draw<double>(layout, 0.3, 0.4, 7, 9)), d => (float)d));
    }

    [Fact]
    public void Seeds_steps_layers_directions_and_sequences_have_masks_of_their_own()
    {
        SequenceLayout layout = Layout(20, [.. Enumerable.Repeat(20, 30)]);
        Dropout<float> dropout = Draw<float>(layout, 0.5, 0.5, 7, 9);
        float[] all = All(dropout);
        foreach ((ulong seed, long step) in new[] { (7UL, 8L), (7UL, 10L), (6UL, 9L), (8UL, 9L), (9UL, 7L), (7UL, 0L), (0UL, 9L) })
        {
            Unlike($"seed {seed}, step {step}", all, All(Draw<float>(layout, 0.5, 0.5, seed, step)));
        }

        Unlike("directions", dropout.Recurrent(0, 0).Span, dropout.Recurrent(0, 1).Span);
        Unlike("layers", dropout.Between(1).Span[..(600 * 32)], dropout.Between(2).Span);
        Unlike("rows", dropout.Between(2).Span[32..], dropout.Between(2).Span[..^32]);
        Unlike("steps", dropout.Between(2).Span[(30 * 32)..], dropout.Between(2).Span[..^(30 * 32)]);
        Unlike("sequences", dropout.Recurrent(1, 0).Span[32..], dropout.Recurrent(1, 0).Span[..^32]);
    }

    [Property(MaxTest = 100, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Nothing_dropped_gives_the_bits_of_no_dropout(Problem problem)
    {
        NetworkRun<float> without = problem.Run<float>();
        NetworkRun<float> with = problem.Run<float>();
        with.Dropout = new Dropout<float>(problem.Spec, 0, 0);
        with.Dropout.Draw(with.Layout, 1, 1);
        without.Train(problem);
        with.Train(problem);
        Near.Bits<float>("y", without.Y, with.Y);
        Near.Bits<float>("gradient", without.Gradient(), with.Gradient());
    }

    /// <summary>In a linear network each output is the mean of its values under many masks.</summary>
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0, 0.5)]
    [InlineData(0.25, 0.25)]
    public void The_mean_over_many_masks_is_the_output_without_dropout(double between, double recurrent)
    {
        // Two steps, so that a recurrent mask enters once and not by its square.
        RecurrentLayer layer = new(CellKind.Elman, 6) { Activation = ActivationKind.Identity, Bias = false };
        var problem = new Problem(new ProblemShape(3, [layer, layer], 2, [2, 2], false, ProblemLoss.Linear, 3));
        NetworkRun<double> plain = problem.Run<double>();
        plain.Forward();
        NetworkRun<double> run = problem.Run<double>();
        run.Dropout = new Dropout<double>(problem.Spec, between, recurrent);
        const int Draws = 4000;
        double[] sums = new double[run.Y.Length];
        double[] squares = new double[run.Y.Length];
        for (int draw = 0; draw < Draws; draw++)
        {
            run.Dropout.Draw(run.Layout, 11, draw);
            Array.Clear(run.State);
            run.Forward();
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += run.Y[i];
                squares[i] += run.Y[i] * run.Y[i];
            }
        }

        bool anyDrops = false;
        for (int i = 0; i < sums.Length; i++)
        {
            double mean = sums[i] / Draws;
            double variance = Math.Max(0, (squares[i] / Draws) - (mean * mean));
            anyDrops |= variance > 1e-3;

            // Five standard errors: one number in two million is further away.
            double bound = (5 * Math.Sqrt(variance / Draws)) + 1e-9;
            Assert.True(
                Math.Abs(mean - plain.Y[i]) <= bound, $"y[{i}] is {mean:g6} in the mean, {plain.Y[i]:g6} without, bound {bound:g3}.");
        }

        Assert.True(anyDrops);
    }

    [Fact]
    public void Masks_of_another_batch_or_network_are_refused()
    {
        SequenceLayout layout = Layout(5, [5, 2, 0, 4]);
        Refused("not drawn", new Dropout<double>(_spec, 0.1, 0.1));
        Refused("fewer rows", Draw<double>(Layout(5, [5, 1, 0, 4]), 0.1, 0.1, 1, 1));
        Refused("fewer sequences", Draw<double>(Layout(5, [5, 2, 4]), 0.1, 0.1, 1, 1));
        var other = new Dropout<double>(new NetworkSpec(3, _spec.Layers[0]), 0.1, 0.1);
        other.Draw(layout, 1, 1);
        Refused("another network", other);

        static void Refused(string what, Dropout<double> dropout)
        {
            var run = new NetworkRun<double>(_spec, 5, [5, 2, 0, 4]);
            run.Forward();
            double[] y = [.. run.Y];
            run.Dropout = dropout;
            Assert.True(Assert.Throws<ArgumentException>(run.Forward).ParamName == "dropout", what);
            Assert.Equal(y, run.Y);
            Array.Fill(run.DX, 0.25);
            Assert.True(Assert.Throws<ArgumentException>(run.Backward).ParamName == "dropout", what);
            Assert.All(run.DX, d => Assert.Equal(0.25, d));
        }
    }

    [Fact]
    public void Empty_batches_have_no_masks()
    {
        foreach ((int steps, int[] lengths) in new[] { (0, new[] { 0, 0 }), (4, new[] { 0, 0 }), (4, Array.Empty<int>()) })
        {
            var run = new NetworkRun<float>(_spec, steps, lengths);
            run.Dropout = Draw<float>(run.Layout, 0.5, 0.5, 1, 1);
            run.Forward();
            Array.Clear(run.DY);
            Array.Clear(run.DState);
            run.Backward();
            Assert.All(run.Gradients, d => Assert.Equal(0, d));
        }
    }

    // All masks of a batch, 600 rows between layers and 30 sequences.
    private static void Has<T>(double rate, double kept)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Dropout<T> dropout = Draw<T>(Layout(20, [.. Enumerable.Repeat(20, 30)]), rate, rate, 5, 6);
        Check("between", dropout.Between(1).Span);
        Check("between", dropout.Between(2).Span);
        Check("recurrent", dropout.Recurrent(0, 1).Span);
        Check("recurrent", dropout.Recurrent(1, 0).Span);

        void Check(string what, ReadOnlySpan<T> mask)
        {
            int dropped = 0;
            foreach (T value in mask)
            {
                dropped += value == T.Zero ? 1 : 0;
                Assert.True(value == T.Zero || value == T.CreateTruncating(kept), $"{value} in a mask, expected 0 or {kept}.");
            }

            // Five standard deviations of the binomial distribution.
            double bound = 5 * Math.Sqrt(rate * (1 - rate) / mask.Length);
            double share = (double)dropped / mask.Length;
            Assert.True(Math.Abs(share - rate) <= bound, $"{what}: {share} of {mask.Length} dropped, expected {rate} ± {bound}.");
        }
    }

    // Independent masks of rate 0.5 agree in half of their numbers.
    private static void Unlike(string what, ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        Assert.Equal(one.Length, other.Length);
        int same = 0;
        for (int i = 0; i < one.Length; i++)
        {
            same += one[i] == other[i] ? 1 : 0;
        }

        double share = (double)same / one.Length;
        Assert.True(Math.Abs(share - 0.5) <= 2.5 / Math.Sqrt(one.Length), $"{what}: {share} of {one.Length} agree, expected about a half.");
    }

    private static T[] All<T>(Dropout<T> dropout)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
    [
        .. dropout.Between(1).Span, .. dropout.Between(2).Span, .. dropout.Recurrent(0, 0).Span, .. dropout.Recurrent(0, 1).Span,
        .. dropout.Recurrent(1, 0).Span, .. dropout.Recurrent(2, 0).Span, .. dropout.Recurrent(2, 1).Span,
    ];

    private static Dropout<T> Draw<T>(SequenceLayout layout, double between, double recurrent, ulong seed, long step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var dropout = new Dropout<T>(_spec, between, recurrent);
        dropout.Draw(layout, seed, step);
        return dropout;
    }

    private static SequenceLayout Layout(int steps, int[] lengths)
    {
        var layout = new SequenceLayout();
        layout.Set(steps, lengths);
        return layout;
    }
}
