using System.Numerics;

namespace SpanRnn.Tests;

[Trait("Category", "Simd")]
public class LossesTests
{
    // Computed by PyTorch 1.13 in double: F.mse_loss, F.cross_entropy, F.binary_cross_entropy_with_logits and their .grad.
    [Fact]
    public void Values_and_gradients_are_PyTorchs()
    {
        double[] gradient = new double[4];
        Near(0.34375, Losses.MeanSquaredError<double>([0.5, -1.25, 2, 3], [0.25, -1, 1, 3.5], gradient));
        Near([0.125, -0.125, 0.5, -0.25], gradient);

        gradient = new double[6];
        Near(1.6547843138219793, Losses.SoftmaxCrossEntropy<double>([0.5, -1.25, 2, 3, 0, -0.5], 3, [2, 1], gradient));
        Near(
            [
                0.08841009105372215, 0.015363370163218216, -0.10377346121694037,
                0.46296962810084896, -0.4769500994734985, 0.013980471372649537,
            ],
            gradient);

        gradient = new double[4];
        Near(10.259626516381394, Losses.BinaryCrossEntropyWithLogits<double>([0.5, -1.25, 30, -40], [1, 0.25, 1, 1], gradient));
        Near([-0.09438516719953635, -0.00682496529367279, -2.3370194668359545e-14, -0.25], gradient);
    }

    [Fact]
    public void Values_are_those_of_the_plain_formulas_at_every_length()
    {
        for (int n = 1; n <= 70; n++)
        {
            PlainFormulas<float>(n, 2e-6);
            PlainFormulas<double>(n, 1e-14);
        }
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        Differences<float>();
        Differences<double>();
    }

    [Fact]
    public void A_wrong_gradient_is_found()
    {
        double[] x = Draw<double>(10, -3, 3, 1), z = Draw<double>(10, 0, 1, 2), gradient = new double[10];
        Losses.BinaryCrossEntropyWithLogits<double>(x, z, gradient);

        // The sum where the mean is meant.
        double[] wrong = [.. gradient.Select(value => value * 10)];
        Func<ReadOnlySpan<double>, double> loss = point => Losses.BinaryCrossEntropyWithLogits<double>(point, z, new double[10]);
        Assert.True(GradientCheck.Run(loss, x, gradient).Passed);
        Assert.False(GradientCheck.Run(loss, x, wrong).Passed);
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        float[] gradient = new float[2];
        Assert.Equal(0f, Losses.SoftmaxCrossEntropy<float>([1000, -1000], 2, [0], gradient));
        Assert.Equal([0f, 0f], gradient);
        Assert.Equal(2000f, Losses.SoftmaxCrossEntropy<float>([1000, -1000], 2, [1], gradient));
        Assert.Equal([1f, -1f], gradient);
        Near(Math.Log(2), Losses.SoftmaxCrossEntropy<double>([1e15, 1e15], 2, [1], new double[2]));

        gradient = new float[1];
        Assert.Equal(1000f, Losses.BinaryCrossEntropyWithLogits<float>([1000], [0], gradient));
        Assert.Equal([1f], gradient);
        Assert.Equal(0f, Losses.BinaryCrossEntropyWithLogits<float>([1000], [1], gradient));
        Assert.Equal([0f], gradient);
    }

    // log(1 + e⁻³⁰) is e⁻³⁰: a logarithm of the rounded 1 + e⁻³⁰ would give 0.
    [Fact]
    public void A_small_loss_keeps_its_digits()
    {
        float loss = Losses.BinaryCrossEntropyWithLogits<float>([30], [1], new float[1]);
        Assert.True(Math.Abs(loss - Math.Exp(-30)) <= 1e-6 * Math.Exp(-30), $"{loss}");
    }

    [Fact]
    public void An_empty_input_has_no_loss()
    {
        Assert.Equal(0f, Losses.MeanSquaredError<float>([], [], []));
        Assert.Equal(0f, Losses.SoftmaxCrossEntropy<float>([], 3, [], []));
        Assert.Equal(0f, Losses.BinaryCrossEntropyWithLogits<float>([], [], []));
    }

    [Fact]
    public void NaN_makes_the_loss_NaN()
    {
        Assert.True(float.IsNaN(Losses.MeanSquaredError<float>([1, float.NaN], [1, 1], new float[2])));
        Assert.True(float.IsNaN(Losses.SoftmaxCrossEntropy<float>([1, float.NaN], 2, [0], new float[2])));
        Assert.True(float.IsNaN(Losses.BinaryCrossEntropyWithLogits<float>([1, float.NaN], [1, 1], new float[2])));
    }

    // F.cross_entropy(x, labels, weight=[0.25, 1, 3], ignore_index=-1) of PyTorch 1.13 in double.
    [Fact]
    public void Weights_of_classes_and_negative_labels_are_PyTorchs()
    {
        double[] gradient = new double[9];
        double[] x = [0.5, -1.25, 2, 3, 0, -0.5, 1, 1, -2];
        Near(0.26993843968393033, Losses.SoftmaxCrossEntropy<double>(x, 3, [2, -1, 0], gradient, [], [0.25, 1, 3]));
        Near(
            [
                0.1632186296376409, 0.028363144916710555, -0.19158177455435146, 0, 0, 0,
                -0.03939572683381782, 0.03752735008925911, 0.0018683767445587085,
            ],
            gradient);
    }

    [Fact]
    public void A_row_of_weight_0_is_as_if_it_were_not_there()
    {
        // Not even NaN in it matters.
        double[] x = [0.5, -1, double.NaN, 3, 0.25, 2], z = [0.5, 0, double.NaN, 7, 1, 0.75];
        double[] shortX = [0.5, -1, 0.25, 2], shortZ = [0.5, 0, 1, 0.75], gradient = new double[6], expected = new double[4];
        Same(Losses.MeanSquaredError<double>(shortX, shortZ, expected), Losses.MeanSquaredError<double>(x, z, gradient, [3, 0, 3]));
        Same(
            Losses.BinaryCrossEntropyWithLogits<double>(shortX, shortZ, expected),
            Losses.BinaryCrossEntropyWithLogits<double>(x, z, gradient, [3, 0, 3]));
        double loss = Losses.SoftmaxCrossEntropy<double>(shortX, 2, [0, 1], expected);
        Same(loss, Losses.SoftmaxCrossEntropy<double>(x, 2, [0, 99, 1], gradient, [3, 0, 3]));
        Same(loss, Losses.SoftmaxCrossEntropy<double>(x, 2, [0, -100, 1], gradient));

        void Same(double without, double weighted)
        {
            Near(without, weighted);
            Near([.. expected[..2], 0, 0, .. expected[2..]], gradient);
        }
    }

    [Fact]
    public void Where_nothing_counts_loss_and_gradient_are_0()
    {
        float[] gradient = [9, 9];
        Assert.Equal(0, Losses.MeanSquaredError<float>([1, 2], [3, 4], gradient, [0]));
        Assert.Equal([0f, 0f], gradient);
        gradient = [9, 9];
        Assert.Equal(0, Losses.BinaryCrossEntropyWithLogits<float>([1, 2], [1, 0], gradient, [0, 0]));
        Assert.Equal([0f, 0f], gradient);
        gradient = [9, 9];
        Assert.Equal(0, Losses.SoftmaxCrossEntropy<float>([1, 2], 2, [-1], gradient));
        Assert.Equal([0f, 0f], gradient);
        gradient = [9, 9];
        Assert.Equal(0, Losses.SoftmaxCrossEntropy<float>([1, 2], 2, [1], gradient, [1], [1, 0]));
        Assert.Equal([0f, 0f], gradient);
    }

    [Fact]
    public void Wrong_weights_are_refused()
    {
        Refused("weights", () => Losses.MeanSquaredError<float>(new float[5], new float[5], new float[5], [1, 1]));
        Refused("weights", () => Losses.BinaryCrossEntropyWithLogits<float>(new float[5], new float[5], new float[5], [1, 1, 1, 1, 1, 1]));
        Refused("weights", () => Losses.SoftmaxCrossEntropy<float>(new float[4], 2, [0, 0], new float[4], [1]));
        Refused("classWeights", () => Losses.SoftmaxCrossEntropy<float>(new float[4], 2, [0, 0], new float[4], [], [1, 1, 1]));
        float[] memory = new float[4];
        Refused("gradient", () => Losses.MeanSquaredError<float>(new float[2], new float[2], memory.AsSpan(0, 2), memory.AsSpan(1, 2)));
        foreach (float weight in new[] { -1, float.NaN, float.PositiveInfinity })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Losses.MeanSquaredError<float>([1], [1], new float[1], [weight]));
            Assert.Throws<ArgumentOutOfRangeException>(() => Losses.BinaryCrossEntropyWithLogits<float>([1], [1], new float[1], [weight]));
            Assert.Throws<ArgumentOutOfRangeException>(() => Losses.SoftmaxCrossEntropy<float>([1], 1, [0], new float[1], [weight]));
            Assert.Throws<ArgumentOutOfRangeException>(() => Losses.SoftmaxCrossEntropy<float>([1], 1, [0], new float[1], [], [weight]));
        }

        static void Refused(string name, Action call) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(call).ParamName);
    }

    [Fact]
    public void The_gradient_may_be_the_first_argument()
    {
        double[] x = Draw<double>(36, -3, 3, 1), z = Draw<double>(36, 0, 1, 2), gradient = new double[36], same = [.. x];
        int[] labels = [3, 0, 5, 5, 1, 2];
        Assert.Equal(Losses.MeanSquaredError<double>(x, z, gradient), Losses.MeanSquaredError<double>(same, z, same));
        Assert.Equal(gradient, same);
        same = [.. x];
        Assert.Equal(
            Losses.SoftmaxCrossEntropy<double>(x, 6, labels, gradient), Losses.SoftmaxCrossEntropy<double>(same, 6, labels, same));
        Assert.Equal(gradient, same);
        same = [.. x];
        Assert.Equal(
            Losses.BinaryCrossEntropyWithLogits<double>(x, z, gradient), Losses.BinaryCrossEntropyWithLogits<double>(same, z, same));
        Assert.Equal(gradient, same);
        Losses.BinaryCrossEntropyWithLogits<double>(x, z, z);
        Assert.Equal(gradient, z);
    }

    [Fact]
    public void A_label_outside_is_named_and_nothing_is_written()
    {
        const int label = 3;
        double[] gradient = [9, 9, 9, 9, 9, 9];
        ArgumentOutOfRangeException failure = Assert.Throws<ArgumentOutOfRangeException>(
            () => Losses.SoftmaxCrossEntropy<double>(new double[6], 3, [0, label], gradient));
        Assert.Equal($"The label of row 1 is {label}, expected 0 to 2, or below 0 for none. (Parameter 'labels')", failure.Message);
        Assert.All(gradient, value => Assert.Equal(9, value));
    }

    [Fact]
    public void Wrong_arguments_throw()
    {
        float[] memory = new float[8];
        Refused("target", () => Losses.MeanSquaredError<float>(new float[3], new float[4], new float[3]));
        Refused("gradient", () => Losses.MeanSquaredError<float>(new float[3], new float[3], []));
        Refused("gradient", () => Losses.MeanSquaredError<float>(memory.AsSpan(0, 3), new float[3], memory.AsSpan(1, 3)));
        Refused("classes", () => Losses.SoftmaxCrossEntropy<float>([], 0, [], []));
        Refused("logits", () => Losses.SoftmaxCrossEntropy<float>(new float[5], 3, [0, 1], new float[5]));
        Refused("gradient", () => Losses.SoftmaxCrossEntropy<float>(new float[6], 3, [0, 1], new float[5]));
        Refused("gradient", () => Losses.SoftmaxCrossEntropy<float>(memory.AsSpan(0, 6), 3, [0, 1], memory.AsSpan(1, 6)));
        Refused("targets", () => Losses.BinaryCrossEntropyWithLogits<float>(new float[3], new float[2], new float[3]));
        Refused("gradient", () => Losses.BinaryCrossEntropyWithLogits<float>(new float[3], new float[3], new float[4]));
        Refused("gradient", () => Losses.BinaryCrossEntropyWithLogits<float>(new float[3], memory.AsSpan(0, 3), memory.AsSpan(1, 3)));

        static void Refused(string name, Action call) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(call).ParamName);
    }

    private static void PlainFormulas<T>(int n, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] x = Draw<T>(n, -3, 3, 1), z = Draw<T>(n, 0, 1, 2);
        double[] logits = [.. x.Select(double.CreateTruncating)], targets = [.. z.Select(double.CreateTruncating)];
        double[] sigmoids = [.. logits.Select(value => 1 / (1 + Math.Exp(-value)))];

        var gradient = Guarded<T>.Output(new T[n], 1);
        T loss = Losses.MeanSquaredError<T>(Guarded<T>.Input(x, 3).Span, Guarded<T>.Input(z, 2).Span, gradient.Span);
        Near(logits.Zip(targets, (p, t) => (p - t) * (p - t)).Sum() / n, double.CreateTruncating(loss), bound);
        Near([.. logits.Zip(targets, (p, t) => 2 * (p - t) / n)], gradient.Span, bound);
        gradient.AssertIntact();

        loss = Losses.BinaryCrossEntropyWithLogits<T>(Guarded<T>.Input(x, 3).Span, Guarded<T>.Input(z, 2).Span, gradient.Span);
        double expected = -sigmoids.Zip(targets, (s, t) => (t * Math.Log(s)) + ((1 - t) * Math.Log(1 - s))).Sum() / n;
        Near(expected, double.CreateTruncating(loss), bound);
        Near([.. sigmoids.Zip(targets, (s, t) => (s - t) / n)], gradient.Span, bound);
        gradient.AssertIntact();

        // One row, and as many rows of one class.
        int label = n / 2;
        loss = Losses.SoftmaxCrossEntropy<T>(Guarded<T>.Input(x, 3).Span, n, [label], gradient.Span);
        double sum = logits.Sum(Math.Exp);
        Near(Math.Log(sum) - logits[label], double.CreateTruncating(loss), bound);
        Near([.. logits.Select((value, i) => (Math.Exp(value) / sum) - (i == label ? 1 : 0))], gradient.Span, bound);
        gradient.AssertIntact();
        Assert.Equal(T.Zero, Losses.SoftmaxCrossEntropy<T>(x, 1, new int[n], gradient.Span));
    }

    private static void Differences<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int N = 35;
        T[] x = Draw<T>(N, -3, 3, 1), z = Draw<T>(N, 0, 1, 2);
        int[] labels = [3, 0, 6, 6, 1];
        Check(point => Losses.MeanSquaredError(point, z, new T[N]), gradient => Losses.MeanSquaredError<T>(x, z, gradient));
        Check(
            point => Losses.SoftmaxCrossEntropy(point, 7, labels, new T[N]),
            gradient => Losses.SoftmaxCrossEntropy<T>(x, 7, labels, gradient));
        Check(
            point => Losses.BinaryCrossEntropyWithLogits(point, z, new T[N]),
            gradient => Losses.BinaryCrossEntropyWithLogits<T>(x, z, gradient));

        T[] rows = [.. new[] { 0.5, 0, 2, 1, 0.25 }.Select(T.CreateTruncating)];
        T[] classes = [.. new[] { 1, 0.5, 0, 2, 1, 3, 0.75 }.Select(T.CreateTruncating)];
        int[] some = [3, 0, -1, 6, 2];
        Check(point => Losses.MeanSquaredError(point, z, new T[N], rows), gradient => Losses.MeanSquaredError<T>(x, z, gradient, rows));
        Check(
            point => Losses.SoftmaxCrossEntropy(point, 7, some, new T[N], rows, classes),
            gradient => Losses.SoftmaxCrossEntropy<T>(x, 7, some, gradient, rows, classes));
        Check(
            point => Losses.BinaryCrossEntropyWithLogits(point, z, new T[N], rows),
            gradient => Losses.BinaryCrossEntropyWithLogits<T>(x, z, gradient, rows));

        void Check(Func<ReadOnlySpan<T>, T> loss, Action<T[]> analytic)
        {
            var gradient = new T[N];
            analytic(gradient);
            GradientCheckResult result = GradientCheck.Run<T>(loss, x, gradient);
            Assert.True(result.Passed, result.ToString());
        }
    }

    private static T[] Draw<T>(int n, double low, double high, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[n];
        new RandomSource(seed).Fill<T>(values, low, high);
        return values;
    }

    private static void Near(double expected, double actual, double bound = 1e-15) =>
        Assert.True(Math.Abs(actual - expected) <= bound * Math.Max(1, Math.Abs(expected)), $"{actual:r}, expected {expected:r}.");

    private static void Near<T>(double[] expected, ReadOnlySpan<T> actual, double bound = 1e-15)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Near(expected[i], double.CreateTruncating(actual[i]), bound);
        }
    }
}
