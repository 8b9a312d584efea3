namespace SpanRnn.Tests;

/// <summary>Small networks whose every number can be followed by hand.</summary>
[Trait("Category", "Simd")]
public class WorkedExampleTests
{
    // q = w1·q′ + w2·x over the bits 1, 0, 1 from q = 0, with (w1, w2) = (4, 1): q is 1, then 4, then 17. The loss is (15 − q)².
    [Fact]
    public void Recurrent_weight_sharing()
    {
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 1) { Activation = ActivationKind.Identity, Bias = false });
        int w1 = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.Offset;
        int w2 = spec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!.Offset;
        var run = new NetworkRun<double>(spec, 3, [3]);
        run.Parameters[w1] = 4;
        run.Parameters[w2] = 1;
        double[] bits = [1, 0, 1];
        bits.CopyTo(run.X, 0);
        run.Forward();
        Assert.Equal([1, 4, 17], run.Y);

        Array.Clear(run.DY);
        Array.Clear(run.DState);
        Assert.Equal(4, Losses.MeanSquaredError<double>([run.Y[2]], [15], run.DY.AsSpan(2)));
        Assert.Equal(4, run.DY[2]);
        run.Backward();
        Assert.Equal(32, run.Gradients[w1]);
        Assert.Equal(68, run.Gradients[w2]);
    }

    // d prediction / dw1 is q′ of the last step, plus w1·q′ of the one before, plus w1²·q′ of the first: 4, 4 and 0. A step each,
    // so that each has a gradient of its own.
    [Fact]
    public void Contributions_to_a_shared_weight()
    {
        var spec = new NetworkSpec(1, new RecurrentLayer(CellKind.Elman, 1) { Activation = ActivationKind.Identity, Bias = false });
        int w1 = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.Offset;
        int w2 = spec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!.Offset;
        var steps = new NetworkRun<double>[3];
        double q = 0;
        for (int t = 0; t < 3; t++)
        {
            steps[t] = new NetworkRun<double>(spec, 1, [1]);
            steps[t].Parameters[w1] = 4;
            steps[t].Parameters[w2] = 1;
            steps[t].X[0] = t == 1 ? 0 : 1;
            steps[t].State[0] = q;
            steps[t].Forward();
            q = steps[t].State[0];
        }

        Assert.Equal(17, q);
        double[] contributions = new double[3];
        double dq = 1;
        for (int t = 2; t >= 0; t--)
        {
            steps[t].DY[0] = 0;
            steps[t].DState[0] = dq;
            steps[t].Backward();
            dq = steps[t].DState[0];
            contributions[2 - t] = steps[t].Gradients[w1];
        }

        Assert.Equal([4, 4, 0], contributions);
    }

    [Theory]
    [InlineData("AGGTAACG", true)]
    [InlineData("GATAGGGATA", true)]
    [InlineData("TATACCAGATTA", false)]
    [InlineData("GATTACAGATTACA", false)]
    [InlineData("", false)]
    [InlineData("GGG", true)]
    [InlineData("GG", false)]
    public void A_network_programmed_to_find_three_g(string dna, bool expected) =>
        Assert.Equal(expected, AtLeastThreeG(dna));

    [Fact]
    public void The_programmed_network_equals_counting()
    {
        // Ten more draws than lengths, so that all of 0 to 200 occur; as a stream and as one ragged batch.
        var random = new Random(11);
        string[] strings = [.. Enumerable.Range(0, 211).Select(i => RandomDna(random, i % 201))];
        bool[] counted = Array.ConvertAll(strings, dna => dna.Count(c => c == 'G') >= 3);
        Assert.Contains(true, counted);
        Assert.Contains(false, counted);
        Assert.Equal(counted, Array.ConvertAll(strings, AtLeastThreeG));

        var run = new NetworkRun<double>(CounterSpec, 200, Array.ConvertAll(strings, dna => dna.Length));
        WriteCounter(run.Parameters);
        for (int b = 0; b < strings.Length; b++)
        {
            for (int t = 0; t < strings[b].Length; t++)
            {
                Encode(strings[b][t]).CopyTo(run.X, ((t * strings.Length) + b) * 5);
            }
        }

        run.Forward();

        // Q3 is the last of three units; its final value is in the final state, also for the empty string.
        Assert.Equal(counted, Enumerable.Range(0, strings.Length).Select(b => run.State[(b * 3) + 2] > 0));
    }

    // z = σ(Wz[h, x]), r = σ(Wr[h, x]), h̃ = tanh(W[r ⊙ h, x]), h′ = (1 − z) ⊙ h + z ⊙ h̃; W is one matrix on [h, x].
    [Fact]
    public void A_gru_by_its_equations()
    {
        const int Inputs = 3;
        const int Units = 5;
        const int Steps = 12;
        var random = new Random(17);
        double[][,] w = [Matrix(random), Matrix(random), Matrix(random)];
        var spec = new NetworkSpec(Inputs, new RecurrentLayer(CellKind.GruResetBefore, Units) { Bias = false });
        var run = new NetworkRun<double>(spec, Steps, [Steps]);
        Span<double> fromInput = spec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!.In(run.Parameters.AsSpan());
        Span<double> fromState = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(run.Parameters.AsSpan());
        for (int gate = 0; gate < 3; gate++)
        {
            for (int j = 0; j < Units; j++)
            {
                for (int k = 0; k < Units; k++)
                {
                    fromState[(((gate * Units) + j) * Units) + k] = w[gate][j, k];
                }

                for (int k = 0; k < Inputs; k++)
                {
                    fromInput[(((gate * Units) + j) * Inputs) + k] = w[gate][j, Units + k];
                }
            }
        }

        // The cell keeps the old state with z, the equations above with 1 − z.
        spec.NegateUpdateGates<double>(run.Parameters);
        double[] h = new double[Units];
        for (int j = 0; j < Units; j++)
        {
            run.State[j] = h[j] = Draw(random);
        }

        foreach (ref double x in run.X.AsSpan())
        {
            x = Draw(random);
        }

        run.Forward();
        for (int t = 0; t < Steps; t++)
        {
            double[] x = run.X[(t * Inputs)..((t + 1) * Inputs)];
            double[] r = Array.ConvertAll(Product(w[0], [.. h, .. x]), Sigmoid);
            double[] z = Array.ConvertAll(Product(w[1], [.. h, .. x]), Sigmoid);
            double[] candidate = Array.ConvertAll(Product(w[2], [.. h.Zip(r, (a, b) => a * b), .. x]), Math.Tanh);
            for (int j = 0; j < Units; j++)
            {
                h[j] = ((1 - z[j]) * h[j]) + (z[j] * candidate[j]);
            }

            Near.Assert<double>($"h of step {t}", h, run.Y.AsSpan(t * Units, Units), 1e-14);
        }

        static double[,] Matrix(Random random)
        {
            double[,] matrix = new double[Units, Units + Inputs];
            for (int j = 0; j < Units; j++)
            {
                for (int k = 0; k < Units + Inputs; k++)
                {
                    matrix[j, k] = Draw(random);
                }
            }

            return matrix;
        }

        static double[] Product(double[,] matrix, double[] vector)
        {
            double[] product = new double[Units];
            for (int j = 0; j < Units; j++)
            {
                for (int k = 0; k < vector.Length; k++)
                {
                    product[j] += matrix[j, k] * vector[k];
                }
            }

            return product;
        }

        static double Draw(Random random) => (2 * random.NextDouble()) - 1;

        static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
    }

    // Rows 1, Q1, Q2, Q3, A, C, G, T of the program; columns Q1, Q2, Q3. Q1 holds "a G was there", Q2 "two", Q3 "three".
    private static readonly double[,] _program =
    {
        { 0, -1, -1 },
        { 1, 1, 0 },
        { 0, 2, 1 },
        { 0, 0, 2 },
        { 0, 0, 0 },
        { 0, 0, 0 },
        { 1, 1, 1 },
        { 0, 0, 0 },
    };

    private static NetworkSpec CounterSpec { get; } =
        new(5, new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.HardStep, Bias = false });

    private static void WriteCounter(double[] parameters)
    {
        Span<double> fromInput = CounterSpec.Slot(0, Direction.Forward, ParameterRole.InputWeights)!.In(parameters.AsSpan());
        Span<double> fromState = CounterSpec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters.AsSpan());
        int[] inputRows = [0, 4, 5, 6, 7];
        for (int unit = 0; unit < 3; unit++)
        {
            for (int k = 0; k < 5; k++)
            {
                fromInput[(unit * 5) + k] = _program[inputRows[k], unit];
            }

            for (int k = 0; k < 3; k++)
            {
                fromState[(unit * 3) + k] = _program[1 + k, unit];
            }
        }
    }

    // A stream; bf16 has -1, 0, 1 and 2 exactly.
    private static bool AtLeastThreeG(string dna)
    {
        double[] program = new double[CounterSpec.Parameters.Length];
        WriteCounter(program);
        float[] parameters = Array.ConvertAll(program, weight => (float)weight);
        float[] q3 = new float[2];
        for (WeightPrecision precision = WeightPrecision.Fp32; precision <= WeightPrecision.Bf16; precision++)
        {
            StreamState state = new PackedNetwork(CounterSpec, parameters, precision).CreateStream();
            float[] y = new float[3];
            foreach (char c in dna)
            {
                state.Step(Array.ConvertAll(Encode(c), x => (float)x), y);
            }

            q3[(int)precision] = y[2];
        }

        Assert.Equal(q3[0], q3[1]);
        return q3[0] > 0;
    }

    // The constant 1, then one of A, C, G, T.
    private static double[] Encode(char c) => [1, c == 'A' ? 1 : 0, c == 'C' ? 1 : 0, c == 'G' ? 1 : 0, c == 'T' ? 1 : 0];

    // Few G, so that about half of the strings hold three, whatever their length.
    private static string RandomDna(Random random, int length) =>
        new([.. Enumerable.Range(0, length).Select(_ => random.NextDouble() < 2.7 / length ? 'G' : "ACT"[random.Next(3)])]);
}
