using System.Numerics;
using System.Text.Json;

namespace SpanRnn.Tests;

[Trait("Category", "Simd")]
public class OptimizerTests
{
    private static readonly SafetensorsFile _reference =
        SafetensorsFile.Load(Repository.PathOf("tests", "Data", "optimisers.safetensors"));

    [Theory]
    [MemberData(nameof(References))]
    public void Every_step_is_PyTorchs(string name)
    {
        JsonElement arguments = JsonElement.Parse(_reference.Metadata["case"]).GetProperty(name);
        double[] parameters = Values("start"), gradients = Values("gradients"), expected = Values(name);
        Optimizer<double> optimizer = Made<double>(arguments, parameters.Length);
        int n = parameters.Length, steps = expected.Length / n;
        for (int t = 0; t < steps; t++)
        {
            optimizer.Step(parameters, gradients.AsSpan(t * n, n));
            Near<double>(expected[(t * n)..((t + 1) * n)], parameters, 1e-13);
        }

        Assert.Equal(25, steps);
        Assert.Equal(25, optimizer.Steps);
    }

    [Theory]
    [MemberData(nameof(References))]
    public void Single_precision_stays_near(string name)
    {
        JsonElement arguments = JsonElement.Parse(_reference.Metadata["case"]).GetProperty(name);
        double[] expected = Values(name);
        float[] parameters = Array.ConvertAll(Values("start"), x => (float)x);
        float[] gradients = Array.ConvertAll(Values("gradients"), x => (float)x);
        Optimizer<float> optimizer = Made<float>(arguments, parameters.Length);
        for (int t = 0; t < 25; t++)
        {
            optimizer.Step(parameters, gradients.AsSpan(t * parameters.Length, parameters.Length));
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            double wanted = expected[expected.Length - parameters.Length + i];
            double bound = 2e-5 * Math.Max(1, Math.Abs(wanted));
            Assert.True(Math.Abs(parameters[i] - wanted) <= bound, $"Element {i} is {parameters[i]}, expected {wanted}.");
        }
    }

    public static TheoryData<string> References() =>
        [.. JsonElement.Parse(_reference.Metadata["case"]).EnumerateObject().Select(entry => entry.Name)];

    [Fact]
    public void Every_length_agrees_with_the_plain_loop()
    {
        for (int n = 0; n <= 70; n++)
        {
            SgdByLoop<float>(n, 2e-6);
            SgdByLoop<double>(n, 1e-14);
            AdamByLoop<float>(n, decoupled: false, 2e-6);
            AdamByLoop<double>(n, decoupled: false, 1e-14);
            AdamByLoop<float>(n, decoupled: true, 2e-6);
            AdamByLoop<double>(n, decoupled: true, 1e-14);
            RmsPropByLoop<float>(n, centered: false, 5e-6);
            RmsPropByLoop<double>(n, centered: false, 1e-14);
            RmsPropByLoop<float>(n, centered: true, 5e-6);
            RmsPropByLoop<double>(n, centered: true, 1e-14);
        }
    }

    [Fact]
    public void Every_width_has_the_bits_of_one_number()
    {
        float[] p = Draw<float>(53, 1), g = Draw<float>(53, 2), m = Draw<float>(53, 3), v = Draw<float>(53, 4);
        float[][]? expected = null;
        foreach (int bits in Widths.All)
        {
            float[] parameters = [.. p], velocity = [.. m], firstMoment = [.. m], secondMoment = [.. v.Select(Math.Abs)];
            Widths.Run<float, Sgd<float>.Kernel>(
                bits, new(parameters, g, velocity) { LearningRate = 0.1f, Momentum = 0.9f, Decay = 0.01f });
            Widths.Run<float, Adam<float>.Kernel>(bits, new(parameters, g, firstMoment, secondMoment)
            {
                Beta1 = 0.9f,
                Rest1 = 0.1f,
                Beta2 = 0.99f,
                Rest2 = 0.01f,
                StepSize = 0.1f,
                Correction = 0.3f,
                Epsilon = 1e-6f,
                Decay = 0.02f,
                Keep = 0.98f,
            });
            float[] centered = [.. p], meanSquare = [.. v.Select(Math.Abs)], mean = [.. m];
            foreach ((float[] moved, float[] average) in new[] { (parameters, Array.Empty<float>()), (centered, mean) })
            {
                Widths.Run<float, RmsProp<float>.Kernel>(bits, new(moved, g, meanSquare, velocity, average)
                {
                    LearningRate = 0.1f,
                    Keep = 0.9f,
                    Rest = 0.1f,
                    Momentum = 0.8f,
                    Epsilon = 1e-6f,
                    WeightDecay = 0.02f,
                });
            }

            float[][] actual = [parameters, velocity, firstMoment, secondMoment, centered, meanSquare, mean];
            expected ??= actual;
            Assert.Equal(expected, actual);
        }
    }

    // Parameters in the gaps of a layout have a gradient of zero for ever.
    [Fact]
    public void A_parameter_without_gradient_stays()
    {
        float[] parameters = [0, 3];
        foreach (Optimizer<float> optimizer in Each<float>(2).Where(optimizer => optimizer.WeightDecay == 0))
        {
            for (int i = 0; i < 10; i++)
            {
                optimizer.Step(parameters, [0, 0]);
            }
        }

        Assert.Equal([0f, 3f], parameters);
    }

    [Fact]
    public void A_restored_state_continues_with_the_same_bits()
    {
        foreach ((Optimizer<double> one, Optimizer<double> other) in Each<double>(20).Zip(Each<double>(20)))
        {
            double[] p = Draw<double>(20, 1);
            Steps(one, p, 0, 7);
            double[] restored = [.. p];
            Restore(one, other);
            other.Steps = one.Steps;
            Steps(one, p, 7, 5);
            Steps(other, restored, 7, 5);
            Assert.Equal(p, restored);

            // Every moment matters.
            for (int moment = 0; moment < one.MomentNames.Length; moment++)
            {
                double[] here = [.. p], there = [.. p];
                Restore(one, other);
                other.Moment(moment).Clear();
                Steps(one, here, 12, 1);
                Steps(other, there, 12, 1);
                Assert.NotEqual(here, there);
            }
        }

        static void Restore(Optimizer<double> from, Optimizer<double> to)
        {
            for (int moment = 0; moment < from.MomentNames.Length; moment++)
            {
                from.Moment(moment).CopyTo(to.Moment(moment));
            }
        }

        static void Steps(Optimizer<double> optimizer, double[] p, int from, int count)
        {
            for (int i = from; i < from + count; i++)
            {
                optimizer.Step(p, Draw<double>(20, (ulong)i + 10));
            }
        }
    }

    [Fact]
    public void The_corrections_of_Adam_need_the_count()
    {
        double[] p = [1], q = [1];
        var adam = new Adam<double>(1) { Steps = 5 };
        adam.Step(p, [1]);
        new Adam<double>(1).Step(q, [1]);
        Assert.NotEqual(p, q);
    }

    // A constant gradient has no variance: rounding may put the mean's square above the mean square.
    [Fact]
    public void A_centered_RMSprop_stays_finite_where_the_variance_rounds_below_zero()
    {
        float[] p = Draw<float>(64, 1), g = Draw<float>(64, 2);
        var optimizer = new RmsProp<float>(64, centered: true) { Decay = 0.5, LearningRate = 1e-12 };
        for (int i = 0; i < 200; i++)
        {
            optimizer.Step(p, g);
        }

        Assert.All(p, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void The_text_says_kind_and_settings()
    {
        Assert.Equal(
            [
                "SGD, momentum 0.9, weight decay 0",
                "Adam, betas 0.9 and 0.999, epsilon 1E-08, weight decay 0",
                "AdamW, betas 0.9 and 0.999, epsilon 1E-08, weight decay 0.1",
                "RMSprop, decay 0.99, epsilon 1E-08, momentum 0.5, weight decay 0",
                "RMSprop centred, decay 0.99, epsilon 1E-08, momentum 0.3, weight decay 0",
            ],
            Each<float>(1).Select(optimizer => optimizer.ToString()));
    }

    [Fact]
    public void The_learning_rate_may_change_between_steps()
    {
        float[] p = [1];
        var sgd = new Sgd<float>(1) { LearningRate = 0.5 };
        sgd.Step(p, [1]);
        sgd.LearningRate = 0;
        sgd.Step(p, [1]);
        Assert.Equal(0.5f, p[0]);
    }

    [Fact]
    public void Wrong_settings_are_refused()
    {
        const string NotNegative = "expected a finite number, 0 or more", Fraction = "expected 0 or more and below 1";
        const string Positive = "expected a finite number above 0";
        Refused("LearningRate", "NaN", NotNegative, () => _ = new Adam<float>(1) { LearningRate = double.NaN });
        Refused("LearningRate", "-1", NotNegative, () => _ = new Sgd<float>(1) { LearningRate = -1 });
        Refused("Momentum", "1", Fraction, () => _ = new Sgd<float>(1) { Momentum = 1 });
        Refused("WeightDecay", "-0.1", NotNegative, () => _ = new Sgd<float>(1) { WeightDecay = -0.1 });
        Refused("WeightDecay", "Infinity", NotNegative, () => _ = new Adam<float>(1) { WeightDecay = double.PositiveInfinity });
        Refused("Beta1", "-0.1", Fraction, () => _ = new Adam<float>(1) { Beta1 = -0.1 });
        Refused("Beta2", "NaN", Fraction, () => _ = new Adam<float>(1) { Beta2 = double.NaN });
        Refused("Epsilon", "0", Positive, () => _ = new Adam<double>(1) { Epsilon = 0 });
        Refused("Decay", "1", Fraction, () => _ = new RmsProp<float>(1) { Decay = 1 });
        Refused("Momentum", "-0.1", Fraction, () => _ = new RmsProp<float>(1) { Momentum = -0.1 });
        Refused("Epsilon", "0", Positive, () => _ = new RmsProp<float>(1) { Epsilon = 1e-60 });

        // Zero once it is a float.
        Refused("Epsilon", "0", Positive, () => _ = new Adam<float>(1) { Epsilon = 1e-60 });
        Refused("length", "-1", "expected 0 or more", () => _ = new Adam<float>(-1));
        Refused("length", "-1", "expected 0 or more", () => _ = new Sgd<float>(-1));
        Refused("length", "-1", "expected 0 or more", () => _ = new RmsProp<float>(-1, centered: true));
        Refused("index", "2", "expected 0 to 1", () => _ = new Adam<float>(1).Moment(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new Adam<float>(1) { Steps = -1 });

        static void Refused(string name, string found, string expected, Action call) => Assert.Equal(
            $"'{name}' is {found}, {expected}. (Parameter '{name}')", Assert.Throws<ArgumentOutOfRangeException>(call).Message);
    }

    [Fact]
    public void Wrong_lengths_throw_and_nothing_changes()
    {
        float[] memory = new float[8];
        foreach (Optimizer<float> optimizer in Each<float>(4))
        {
            foreach ((string name, Action call) in new (string, Action)[]
            {
                ("parameters", () => optimizer.Step(memory.AsSpan(0, 3), new float[4])),
                ("parameters", () => optimizer.Step(memory.AsSpan(0, 5), new float[4])),
                ("gradients", () => optimizer.Step(memory.AsSpan(0, 4), new float[5])),
                ("parameters", () => optimizer.Step(memory.AsSpan(0, 4), memory.AsSpan(0, 4))),
                ("parameters", () => optimizer.Step(memory.AsSpan(0, 4), memory.AsSpan(3, 4))),
            })
            {
                Assert.Equal(name, Assert.Throws<ArgumentException>(call).ParamName);
            }

            Assert.Equal(0, optimizer.Steps);
        }

        Assert.All(memory, value => Assert.Equal(0f, value));
    }

    private static double[] Values(string name)
    {
        SafetensorsTensor tensor = _reference.Tensors.Single(tensor => tensor.Name == name);
        double[] values = new double[tensor.Length];
        tensor.CopyTo<double>(values);
        return values;
    }

    private static Optimizer<T>[] Each<T>(int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
    [
        new Sgd<T>(length) { Momentum = 0.9 },
        new Adam<T>(length),
        new Adam<T>(length) { WeightDecay = 0.1, DecoupledWeightDecay = true },
        new RmsProp<T>(length) { Momentum = 0.5 },
        new RmsProp<T>(length, centered: true) { Momentum = 0.3 },
    ];

    /// <summary>The optimizer of PyTorch's arguments.</summary>
    private static Optimizer<T> Made<T>(JsonElement arguments, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        string kind = arguments.GetProperty("kind").GetString()!;
        double rate = Number("lr", 0), decay = Number("weight_decay", 0), momentum = Number("momentum", 0), epsilon = Number("eps", 1e-8);
        return kind switch
        {
            "SGD" => new Sgd<T>(length) { LearningRate = rate, Momentum = momentum, WeightDecay = decay },
            "RMSprop" => new RmsProp<T>(length, arguments.TryGetProperty("centered", out _))
            {
                LearningRate = rate,
                Decay = Number("alpha", 0.99),
                Epsilon = epsilon,
                Momentum = momentum,
                WeightDecay = decay,
            },
            _ => new Adam<T>(length)
            {
                LearningRate = rate,
                Beta1 = arguments.TryGetProperty("betas", out JsonElement betas) ? betas[0].GetDouble() : 0.9,
                Beta2 = arguments.TryGetProperty("betas", out betas) ? betas[1].GetDouble() : 0.999,
                Epsilon = epsilon,

                // PyTorch's AdamW decays by 0.01 unless told otherwise.
                WeightDecay = Number("weight_decay", kind == "AdamW" ? 0.01 : 0),
                DecoupledWeightDecay = kind == "AdamW",
            },
        };

        double Number(string name, double otherwise) =>
            arguments.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : otherwise;
    }

    // https://pytorch.org/docs/1.13/generated/torch.optim.SGD.html, the algorithm there with dampening 0.
    private static void SgdByLoop<T>(int n, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const double Lr = 0.05, Momentum = 0.8, Decay = 0.02;
        T[] p = Draw<T>(n, 1);
        double[] expected = [.. p.Select(double.CreateTruncating)], buffer = new double[n];
        var sgd = new Sgd<T>(n) { LearningRate = Lr, Momentum = Momentum, WeightDecay = Decay };
        var guarded = Guarded<T>.Output(p, 3);
        for (int t = 1; t <= 4; t++)
        {
            T[] gradients = Draw<T>(n, (ulong)t + 5);
            sgd.Step(guarded.Span, Guarded<T>.Input(gradients, 1).Span);
            for (int i = 0; i < n; i++)
            {
                double g = double.CreateTruncating(gradients[i]) + (Decay * expected[i]);
                buffer[i] = t == 1 ? g : (Momentum * buffer[i]) + g;
                expected[i] -= Lr * buffer[i];
            }
        }

        guarded.AssertIntact();
        Near(expected, guarded.Span, bound);
        Near(buffer, sgd.Moment(0), bound);
    }

    // https://pytorch.org/docs/1.13/generated/torch.optim.Adam.html and AdamW.html, the algorithms there.
    private static void AdamByLoop<T>(int n, bool decoupled, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const double Lr = 0.01, Beta1 = 0.85, Beta2 = 0.97, Epsilon = 1e-4, Decay = 0.05;
        T[] p = Draw<T>(n, 1);
        double[] expected = [.. p.Select(double.CreateTruncating)], m = new double[n], v = new double[n];
        var adam = new Adam<T>(n)
        {
            LearningRate = Lr,
            Beta1 = Beta1,
            Beta2 = Beta2,
            Epsilon = Epsilon,
            WeightDecay = Decay,
            DecoupledWeightDecay = decoupled,
        };
        var guarded = Guarded<T>.Output(p, 3);
        for (int t = 1; t <= 4; t++)
        {
            T[] gradients = Draw<T>(n, (ulong)t + 5);
            adam.Step(guarded.Span, Guarded<T>.Input(gradients, 1).Span);
            for (int i = 0; i < n; i++)
            {
                double g = double.CreateTruncating(gradients[i]);
                if (decoupled)
                {
                    expected[i] -= Lr * Decay * expected[i];
                }
                else
                {
                    g += Decay * expected[i];
                }

                m[i] = (Beta1 * m[i]) + ((1 - Beta1) * g);
                v[i] = (Beta2 * v[i]) + ((1 - Beta2) * g * g);
                double mHat = m[i] / (1 - Math.Pow(Beta1, t));
                double vHat = v[i] / (1 - Math.Pow(Beta2, t));
                expected[i] -= Lr * mHat / (Math.Sqrt(vHat) + Epsilon);
            }
        }

        guarded.AssertIntact();
        Near(expected, guarded.Span, bound);
        Near(m, adam.Moment(0), bound);
        Near(v, adam.Moment(1), bound);
    }

    // https://pytorch.org/docs/1.13/generated/torch.optim.RMSprop.html, the algorithm there.
    private static void RmsPropByLoop<T>(int n, bool centered, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const double Lr = 0.01, Alpha = 0.9, Epsilon = 1e-2, Momentum = 0.7, Decay = 0.05;
        T[] p = Draw<T>(n, 1);
        double[] expected = [.. p.Select(double.CreateTruncating)], v = new double[n], average = new double[n], b = new double[n];
        var optimizer = new RmsProp<T>(n, centered)
        {
            LearningRate = Lr,
            Decay = Alpha,
            Epsilon = Epsilon,
            Momentum = Momentum,
            WeightDecay = Decay,
        };
        var guarded = Guarded<T>.Output(p, 3);
        for (int t = 1; t <= 4; t++)
        {
            T[] gradients = Draw<T>(n, (ulong)t + 5);
            optimizer.Step(guarded.Span, Guarded<T>.Input(gradients, 1).Span);
            for (int i = 0; i < n; i++)
            {
                double g = double.CreateTruncating(gradients[i]) + (Decay * expected[i]);
                v[i] = (Alpha * v[i]) + ((1 - Alpha) * g * g);
                double square = v[i];
                if (centered)
                {
                    average[i] = (Alpha * average[i]) + ((1 - Alpha) * g);
                    square -= average[i] * average[i];
                }

                b[i] = (Momentum * b[i]) + (g / (Math.Sqrt(square) + Epsilon));
                expected[i] -= Lr * b[i];
            }
        }

        guarded.AssertIntact();
        Near(expected, guarded.Span, bound);
        Near(v, optimizer.Moment(0), bound);
        Near(b, optimizer.Moment(1), 100 * bound);
        if (centered)
        {
            Near(average, optimizer.Moment(2), bound);
        }
    }

    private static T[] Draw<T>(int n, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[n];
        new RandomSource(seed).Fill<T>(values, -1, 1);
        return values;
    }

    private static void Near<T>(double[] expected, ReadOnlySpan<T> actual, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double value = double.CreateTruncating(actual[i]);
            Assert.True(Math.Abs(value - expected[i]) <= bound, $"Element {i} is {value:r}, expected {expected[i]:r}.");
        }
    }
}
