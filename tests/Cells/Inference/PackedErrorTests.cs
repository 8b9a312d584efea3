using SpanRnn.Cells;
using SpanRnn.Core;
using Xunit.Abstractions;

namespace SpanRnn.Tests;

/// <summary>What bf16 and int8 cost in the outputs of networks with starting weights, over a hundred steps.</summary>
public class PackedErrorTests(ITestOutputHelper output)
{
    private const int Networks = 200;

    [Theory]
    [InlineData(WeightPrecision.Bf16, 1e-2)]
    [InlineData(WeightPrecision.Int8, 3e-2)]
    public void Outputs_stay_near_those_of_single_precision(WeightPrecision precision, double bound)
    {
        var worst = new Dictionary<CellKind, (double Error, string Network)>();
        for (int i = 0; i < Networks; i++)
        {
            var random = new Random(i);
            CellKind cell = Enum.GetValues<CellKind>()[i % 4];
            var spec = new NetworkSpec(random.Next(1, 65), new LayerSpec(cell, random.Next(8, 129)));
            float[] parameters = new float[spec.Parameters.Length];
            spec.Initialise<float>(parameters, new RandomSource((ulong)i));
            var layout = new SequenceLayout();
            layout.Set(100, 1);
            float[] x = new float[layout.Rows * spec.InputSize];
            foreach (ref float value in x.AsSpan())
            {
                value = (2 * random.NextSingle()) - 1;
            }

            float[] expected = Run(new PackedNetwork(spec, parameters), layout, x);
            float[] actual = Run(new PackedNetwork(spec, parameters, precision), layout, x);
            double error = expected.Zip(actual, (e, a) => double.IsNaN(e - a) ? double.PositiveInfinity : Math.Abs(e - a)).Max();
            if (error >= worst.GetValueOrDefault(cell).Error)
            {
                worst[cell] = (error, $"{spec.InputSize} inputs, {spec.Layers[0].HiddenSize} units, seed {i}");
            }
        }

        foreach ((CellKind cell, (double error, string network)) in worst)
        {
            output.WriteLine($"{precision} {cell}: largest difference of h {error:g3} ({network}) in {Networks / 4} networks.");
        }

        Assert.All(worst.Values, found => Assert.InRange(found.Error, bound / 100, bound));
    }

    private static float[] Run(PackedNetwork network, SequenceLayout layout, float[] x)
    {
        float[] y = new float[network.OutputLength(layout)];
        network.Run(layout, x, [new StreamState(network)], y, new float[network.RunWorkspaceLength(layout)]);
        return y;
    }
}
