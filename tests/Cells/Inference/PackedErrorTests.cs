using Xunit.Abstractions;

namespace SpanRnn.Tests;

/// <summary>Errors of bf16 and int8 in the outputs of networks with starting weights, over a hundred steps.</summary>
public class PackedErrorTests(ITestOutputHelper output)
{
    private const int Networks = 200;

    /// <summary>
    /// Within 1e-2 of full scale at bf16, and at int8 within 2e-2 for cells with gates. An Elman layer that starts with an orthogonal
    /// matrix forgets little of the rounding of its state, so its bound at int8 is twice that.
    /// </summary>
    [Fact]
    public void Outputs_stay_near_those_of_single_precision()
    {
        var worst = new Dictionary<(WeightPrecision Precision, CellKind Cell), (double Error, string Network)>();
        for (int i = 0; i < Networks; i++)
        {
            var random = new Random(i);
            CellKind cell = Variants.Cells[i % 4];
            var spec = new NetworkSpec(random.Next(1, 65), new RecurrentLayer(cell, random.Next(8, 97)));
            float[] parameters = new float[spec.Parameters.Length];
            spec.Initialize<float>(parameters, new RandomSource((ulong)i));
            var layout = new SequenceLayout();
            layout.Set(100, 1);
            float[] x = new float[layout.Rows * spec.InputSize];
            foreach (ref float value in x.AsSpan())
            {
                value = (2 * random.NextSingle()) - 1;
            }

            float[] expected = Run(new PackedNetwork(spec, parameters), layout, x);
            foreach (WeightPrecision precision in (WeightPrecision[])[WeightPrecision.Bf16, WeightPrecision.Int8])
            {
                float[] actual = Run(new PackedNetwork(spec, parameters, precision), layout, x);
                double error = expected.Zip(actual, (e, a) => double.IsNaN(e - a) ? double.PositiveInfinity : Math.Abs(e - a)).Max();
                if (error >= worst.GetValueOrDefault((precision, cell)).Error)
                {
                    worst[(precision, cell)] = (error, $"{spec.InputSize} inputs, {spec.OutputSize} units, seed {i}");
                }
            }
        }

        foreach (((WeightPrecision precision, CellKind cell), (double error, string network)) in worst)
        {
            output.WriteLine($"{precision} {cell}: largest difference of h {error:g3} ({network}) in {Networks / 4} networks.");
        }

        Assert.Equal(8, worst.Count);
        Assert.All(worst, found =>
        {
            double bound = found.Key switch
            {
                (WeightPrecision.Bf16, _) => 1e-2,
                (_, CellKind.Elman) => 4e-2,
                _ => 2e-2,
            };
            Assert.InRange(found.Value.Error, bound / 100, bound);
        });
    }

    private static float[] Run(PackedNetwork network, SequenceLayout layout, float[] x)
    {
        float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
        network.Run(layout, x, [network.CreateStream()], y, new float[network.RunWorkspaceLength(layout)]);
        return y;
    }
}
