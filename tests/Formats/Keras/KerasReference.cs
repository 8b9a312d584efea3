namespace SpanRnn.Tests;

/// <summary>
/// Layers of Keras in plain loops over doubles, from the equations of keras.layers with Keras's own orders: kernels [inputs, gates ·
/// units], gates i f c o and z r h. Sequences are [steps][numbers].
/// </summary>
internal static class KerasReference
{
    public static double[][] SimpleRnn(double[][] x, double[][] w, int units, Func<double, double> activation)
    {
        var y = new List<double[]>();
        double[] h = new double[units];
        foreach (double[] step in x)
        {
            double[] a = Sum(Product(step, w[0], units), Product(h, w[1], units), w.Length > 2 ? w[2] : new double[units]);
            h = [.. a.Select(activation)];
            y.Add(h);
        }

        return [.. y];
    }

    public static double[][] Lstm(
        double[][] x, double[][] w, int units, Func<double, double> activation, Func<double, double> recurrentActivation)
    {
        var y = new List<double[]>();
        double[] h = new double[units];
        double[] c = new double[units];
        foreach (double[] step in x)
        {
            double[] z = Sum(
                Product(step, w[0], 4 * units), Product(h, w[1], 4 * units), w.Length > 2 ? w[2] : new double[4 * units]);
            double[] next = new double[units];
            for (int u = 0; u < units; u++)
            {
                double i = recurrentActivation(z[u]);
                double f = recurrentActivation(z[units + u]);
                c[u] = (f * c[u]) + (i * activation(z[(2 * units) + u]));
                next[u] = recurrentActivation(z[(3 * units) + u]) * activation(c[u]);
            }

            h = next;
            y.Add(h);
        }

        return [.. y];
    }

    public static double[][] Gru(
        double[][] x,
        double[][] w,
        int units,
        Func<double, double> activation,
        Func<double, double> recurrentActivation,
        bool resetAfter)
    {
        double[] zeros = new double[6 * units];
        double[] bias = w.Length > 2 ? w[2] : zeros;
        double[] inputBias = bias[..(3 * units)];
        double[] recurrentBias = resetAfter ? bias[(3 * units)..(6 * units)] : zeros[..(3 * units)];
        var y = new List<double[]>();
        double[] h = new double[units];
        foreach (double[] step in x)
        {
            double[] a = Sum(Product(step, w[0], 3 * units), inputBias, zeros[..(3 * units)]);
            double[] b = Sum(Product(h, w[1], 3 * units), recurrentBias, zeros[..(3 * units)]);
            double[] z = new double[units];
            double[] r = new double[units];
            for (int u = 0; u < units; u++)
            {
                z[u] = recurrentActivation(a[u] + b[u]);
                r[u] = recurrentActivation(a[units + u] + b[units + u]);
            }

            double[] reset = Product([.. r.Zip(h, (p, q) => p * q)], w[1], 3 * units);
            double[] next = new double[units];
            for (int u = 0; u < units; u++)
            {
                double inner = resetAfter ? r[u] * b[(2 * units) + u] : reset[(2 * units) + u];
                next[u] = (z[u] * h[u]) + ((1 - z[u]) * activation(a[(2 * units) + u] + inner));
            }

            h = next;
            y.Add(h);
        }

        return [.. y];
    }

    public static double[][] Dense(double[][] x, double[][] w, int units, Func<double, double> activation) =>
        [.. x.Select(step => Sum(Product(step, w[0], units), w.Length > 1 ? w[1] : new double[units], new double[units])
            .Select(activation).ToArray())];

    public static double[][] Softmax(double[][] x) =>
        [.. x.Select(step => step.Select(v => Math.Exp(v) / step.Sum(Math.Exp)).ToArray())];

    public static double[][] Backwards(double[][] x) => [.. x.Reverse()];

    public static double[][] SideBySide(double[][] a, double[][] b) => [.. a.Zip(b, (p, q) => p.Concat(q).ToArray())];

    public static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));

    public static double HardSigmoid2(double v) => Math.Clamp((0.2 * v) + 0.5, 0, 1);

    public static double HardSigmoid3(double v) => Math.Clamp((v / 6) + 0.5, 0, 1);

    private static double[] Product(double[] x, double[] kernel, int columns)
    {
        double[] y = new double[columns];
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                y[j] += x[i] * kernel[(i * columns) + j];
            }
        }

        return y;
    }

    private static double[] Sum(double[] a, double[] b, double[] c) => [.. a.Select((value, i) => value + b[i] + c[i])];
}
