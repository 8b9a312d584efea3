namespace SpanRnn.Tests;

/// <summary>
/// Gradients of a batch are the sums of its sequences' gradients, and its ∂L/∂x has their rows: for batches of several blocks of rows,
/// inputs wider than a block of columns and more gates than a copy of a transposed matrix has rows.
/// </summary>
[Trait("Category", "Simd")]
public class GradientSumTests
{
    private const int InputSize = 260;
    private const int Steps = 5;
    private const int Batch = 70;

    // Sums of at most 350 products in another order: each is off by 350 · 2⁻⁵³ of the magnitudes, whose sum is at most some tens.
    private const double Bound = 1e-12;

    /// <summary>Layers with more than 516 gate rows each.</summary>
    private static readonly RecurrentLayer[] _layers =
    [
        new RecurrentLayer(CellKind.Elman, 520),
        new RecurrentLayer(CellKind.Lstm, 132),
        new RecurrentLayer(CellKind.Lstm, 132) { ProjectionSize = 71 },
        new RecurrentLayer(CellKind.GruResetAfter, 176),
        new RecurrentLayer(CellKind.GruResetBefore, 176),
    ];

    [Fact]
    public void Gradients_of_a_batch_are_the_sums_of_its_sequences()
    {
        foreach (RecurrentLayer layer in _layers)
        {
            Check(new NetworkSpec(InputSize, layer), -1);
        }
    }

    [Fact]
    public void So_are_those_of_both_directions()
    {
        foreach (RecurrentLayer layer in _layers)
        {
            Check(new NetworkSpec(InputSize, layer with { Bidirectional = true }), -1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(300)]
    public void A_row_that_is_left_out_is_found(int row) =>
        Assert.ThrowsAny<Exception>(() => Check(new NetworkSpec(InputSize, new RecurrentLayer(CellKind.GruResetAfter, 20)), row));

    private static void Check(NetworkSpec spec, int leftOut)
    {
        int[] lengths = [.. Enumerable.Range(0, Batch).Select(sequence => Steps - (sequence % 3 == 1 ? 1 : 0))];
        var random = new RandomSource(11);
        var one = new NetworkRun<double>(spec, Steps, lengths);
        int outputs = spec.OutputSize;
        random.Fill<double>(one.Parameters, -0.1, 0.1);
        random.Fill<double>(one.X, -0.5, 0.5);
        double[] dY = new double[one.DY.Length];
        random.Fill<double>(dY, -0.5, 0.5);
        Run(one, dY);

        using var pool = new WorkerPool(2);
        var two = new NetworkRun<double>(spec, Steps, lengths, pool);
        one.Parameters.CopyTo(two.Parameters, 0);
        one.X.CopyTo(two.X, 0);
        Run(two, dY);

        if (leftOut >= 0)
        {
            dY.AsSpan(leftOut * outputs, outputs).Clear();
        }

        double[] gradients = new double[one.Gradients.Length], dX = new double[one.DX.Length];
        for (int sequence = 0; sequence < Batch; sequence++)
        {
            var alone = new NetworkRun<double>(one.Network, Steps, [lengths[sequence]]);
            one.Parameters.CopyTo(alone.Parameters, 0);
            double[] dYAlone = new double[Steps * outputs];
            for (int step = 0; step < Steps; step++)
            {
                int row = (step * Batch) + sequence;
                one.X.AsSpan(row * InputSize, InputSize).CopyTo(alone.X.AsSpan(step * InputSize));
                dY.AsSpan(row * outputs, outputs).CopyTo(dYAlone.AsSpan(step * outputs));
            }

            Run(alone, dYAlone);
            for (int i = 0; i < gradients.Length; i++)
            {
                gradients[i] += alone.Gradients[i];
            }

            for (int step = 0; step < Steps; step++)
            {
                alone.DX.AsSpan(step * InputSize, InputSize).CopyTo(dX.AsSpan(((step * Batch) + sequence) * InputSize));
            }
        }

        foreach (NetworkRun<double> run in (NetworkRun<double>[])[one, two])
        {
            string what = $"{((RecurrentLayer)spec.Layers[0]).Cell} with {(run == one ? 1 : 2)} threads";
            Near.Assert<double>($"gradient of {what}", gradients, run.Gradients, Bound);
            Near.Assert<double>($"dx of {what}", dX, run.DX, Bound);
        }
    }

    private static void Run(NetworkRun<double> run, double[] dY)
    {
        run.Forward();
        dY.CopyTo(run.DY, 0);
        run.DState.AsSpan().Clear();
        run.Backward();
    }
}
