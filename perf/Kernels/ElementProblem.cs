using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Perf;

/// <summary>One function over a span in L1.</summary>
internal static class ElementProblem
{
    // Enough to cover both ends of a sigmoid, and within the range where the peers are accurate.
    private const double Range = 6;

    // Peers state no bounds; the tests of SpanRnn hold its own functions to 2 ulp.
    private const double UnitsInLastPlace = 16;

    public delegate void Function<T>(ReadOnlySpan<T> x, Span<T> y);

    /// <summary>
    /// Work of one function. <paramref name="exact"/> maps all inputs to all results, or to one, in double. Results below
    /// <paramref name="floor"/> need to be no more accurate than results of that size.
    /// </summary>
    public static KernelWork Work<T>(
        int length, Func<double[], double[]> exact, double floor, Function<T> own, Function<T> peer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var x = new AlignedBuffer<T>(length);
        new RandomSource(1).Fill(x.Span, -Range, Range);
        double[] expected = exact([.. x.Span.ToArray().Select(double.CreateChecked)]);
        double unit = typeof(T) == typeof(float) ? Math.ScaleB(1, -23) : Math.ScaleB(1, -52);
        double[] tolerances = [.. expected.Select(value => UnitsInLastPlace * unit * Math.Max(Math.Abs(value), floor))];
        double bytes = (double)(length + expected.Length) * Unsafe.SizeOf<T>();
        var work = new KernelWork(new Expectation(expected, tolerances), Contender("SpanRnn", own))
        {
            Bytes = bytes,
            Limit = MachineLimit.Read(bytes, backAndForth: false),
        };
        work.AddPeer(Contender(PeerNames.TensorPrimitives, peer));
        return work;

        Contender Contender(string name, Function<T> function)
        {
            var y = new AlignedBuffer<T>(expected.Length);
            return new Contender(
                name, () => function(x.Span, y.Span), () => [.. y.Span.ToArray().Select(double.CreateChecked)]);
        }
    }
}
