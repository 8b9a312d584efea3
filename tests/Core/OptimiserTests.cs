using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn.Tests;

[Trait("Category", "Simd")]
public class OptimiserTests
{
    // Five steps by PyTorch 1.13 in double from [0.5, −1.25, 2] with the gradients of PyTorchGradient.
    [Fact]
    public void Five_steps_end_where_PyTorchs_end()
    {
        Sgd<double> sgd = new(3) { LearningRate = 0.1 };
        Near([0.35, -1.3, 1.995], FiveSteps(sgd.Step));

        sgd = new(3) { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 0.01 };
        Near([0.17691846667028946, -1.2110025648737186, 1.9614979194301931], FiveSteps(sgd.Step));

        Adam<double> adam = new(3) { LearningRate = 0.1 };
        Near([0.014916931736010192, -1.0770127959732958, 1.8565055054350212], FiveSteps(adam.Step));

        adam = new(3) { LearningRate = 0.02, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, WeightDecay = 0.1 };
        Near([0.4002310155085081, -1.196708756452667, 1.903570492832666], FiveSteps(adam.Step));

        adam = new(3)
        {
            LearningRate = 0.02,
            Beta1 = 0.8,
            Beta2 = 0.95,
            Epsilon = 1e-3,
            WeightDecay = 0.1,
            DecoupledWeightDecay = true,
        };
        Near([0.3968151453973766, -1.210504563580411, 1.9539426784085552], FiveSteps(adam.Step));
        Assert.Equal(5, adam.Steps);
    }

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
            Widths.Run<float, SgdKernel<float>>(
                bits, new(parameters, g, velocity) { LearningRate = 0.1f, Momentum = 0.9f, Decay = 0.01f });
            Widths.Run<float, AdamKernel<float>>(bits, new(parameters, g, firstMoment, secondMoment)
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
            float[][] actual = [parameters, velocity, firstMoment, secondMoment];
            expected ??= actual;
            Assert.Equal(expected, actual);
        }
    }

    // Parameters in the gaps of a layout have a gradient of zero for ever.
    [Fact]
    public void A_parameter_without_gradient_stays()
    {
        float[] parameters = [0, 3];
        var adam = new Adam<float>(2);
        var sgd = new Sgd<float>(2) { Momentum = 0.9 };
        for (int i = 0; i < 10; i++)
        {
            adam.Step(parameters, [0, 0]);
            sgd.Step(parameters, [0, 0]);
        }

        Assert.Equal([0f, 3f], parameters);
    }

    [Fact]
    public void A_restored_state_continues_with_the_same_bits()
    {
        double[] p = Draw<double>(20, 1), restored;
        var adam = new Adam<double>(20) { WeightDecay = 0.1 };
        Steps(adam, p, 0, 7);
        restored = [.. p];
        var other = new Adam<double>(20) { WeightDecay = 0.1, Steps = adam.Steps };
        adam.FirstMoment.CopyTo(other.FirstMoment);
        adam.SecondMoment.CopyTo(other.SecondMoment);
        Steps(adam, p, 7, 5);
        Steps(other, restored, 7, 5);
        Assert.Equal(p, restored);

        // The count matters: without it the corrections start again.
        other.Steps = 0;
        Steps(adam, p, 12, 1);
        Steps(other, restored, 12, 1);
        Assert.NotEqual(p, restored);

        static void Steps(Adam<double> adam, double[] p, int from, int count)
        {
            for (int i = from; i < from + count; i++)
            {
                adam.Step(p, Draw<double>(20, (ulong)i + 10));
            }
        }
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

        // Zero once it is a float.
        Refused("Epsilon", "0", Positive, () => _ = new Adam<float>(1) { Epsilon = 1e-60 });
        Refused("length", "-1", "expected 0 or more", () => _ = new Adam<float>(-1));
        Refused("length", "-1", "expected 0 or more", () => _ = new Sgd<float>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new Adam<float>(1) { Steps = -1 });

        static void Refused(string name, string found, string expected, Action call) => Assert.Equal(
            $"'{name}' is {found}, {expected}. (Parameter '{name}')", Assert.Throws<ArgumentOutOfRangeException>(call).Message);
    }

    [Fact]
    public void Wrong_lengths_throw_and_nothing_changes()
    {
        float[] memory = new float[8];
        var adam = new Adam<float>(4);
        var sgd = new Sgd<float>(4);
        foreach ((string name, Action call) in new (string, Action)[]
        {
            ("parameters", () => adam.Step(memory.AsSpan(0, 3), new float[4])),
            ("gradients", () => adam.Step(memory.AsSpan(0, 4), new float[5])),
            ("parameters", () => adam.Step(memory.AsSpan(0, 4), memory.AsSpan(0, 4))),
            ("parameters", () => sgd.Step(memory.AsSpan(0, 5), new float[4])),
            ("gradients", () => sgd.Step(memory.AsSpan(0, 4), new float[3])),
            ("parameters", () => sgd.Step(memory.AsSpan(0, 4), memory.AsSpan(3, 4))),
        })
        {
            Assert.Equal(name, Assert.Throws<ArgumentException>(call).ParamName);
        }

        Assert.All(memory, value => Assert.Equal(0f, value));
        Assert.Equal(0, adam.Steps);
    }

    private delegate void Step(Span<double> parameters, ReadOnlySpan<double> gradients);

    private static double[] FiveSteps(Step step)
    {
        double[] parameters = [0.5, -1.25, 2];
        for (int t = 0; t < 5; t++)
        {
            step(parameters, [0.1 * (t + 1), -0.3 + (0.2 * t), t % 2 == 0 ? 0.05 : -0.05]);
        }

        return parameters;
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
        Near(buffer, sgd.Velocity, bound);
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
        Near(m, adam.FirstMoment, bound);
        Near(v, adam.SecondMoment, bound);
    }

    private static T[] Draw<T>(int n, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[n];
        Initialise.Uniform<T>(values, -1, 1, new RandomSource(seed));
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

    private static void Near(double[] expected, double[] actual) => Near<double>(expected, actual, 1e-15);
}
