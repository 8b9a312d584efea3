using System.Numerics;
using SpanRnn.Core.Initialization;

namespace SpanRnn.Tests;

/// <summary>Every hot method of Core allocates nothing, in both precisions.</summary>
public class CoreAllocationTests
{
    [Fact]
    public void Products_allocate_nothing()
    {
        Products<float>();
        Products<double>();
    }

    [Fact]
    public void Activations_allocate_nothing()
    {
        OfActivations<float>();
        OfActivations<double>();
    }

    [Fact]
    public void Losses_allocate_nothing()
    {
        OfLosses<float>();
        OfLosses<double>();
    }

    [Fact]
    public void Optimizers_and_clipping_allocate_nothing()
    {
        Optimizers<float>();
        Optimizers<double>();
    }

    [Fact]
    public void Random_numbers_allocate_nothing()
    {
        var random = new RandomSource(1);
        float[] span = new float[37];
        double sum = 0;
        Allocation.AssertNone(() => sum += random.NextUInt64());
        Allocation.AssertNone(() => sum += random.NextInt(7));
        Allocation.AssertNone(() => sum += random.NextDouble());
        Allocation.AssertNone(() => sum += random.NextNormal());
        Allocation.AssertNone(() => random.Fill<float>(span, -1, 1));
        Allocation.AssertNone(() => Initializers.GlorotUniform<float>(span, 1, 1, random));
    }

    private static void Products<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = new T[11 * 13], b = new T[13 * 17], c = new T[11 * 17], x = new T[13], y = new T[11];
        var workspace = new T[Matrix.WorkspaceLength<T>(11, 13, 17)];
        Allocation.AssertNone(() => Matrix.Multiply<T>(a, 11, 13, x, y));
        Allocation.AssertNone(() => Matrix.MultiplyAdd<T>(a, 11, 13, x, y));
        Allocation.AssertNone(() => Matrix.MultiplyTransposed<T>(a, 11, 13, y, x));
        Allocation.AssertNone(() => Matrix.MultiplyTransposedAdd<T>(a, 11, 13, y, x));
        Allocation.AssertNone(() => Matrix.Multiply<T>(a, b, 11, 13, 17, c, workspace));
        Allocation.AssertNone(() => Matrix.MultiplyAdd<T>(a, b, 11, 13, 17, c, workspace));
        Allocation.AssertNone(() => Matrix.MultiplyTransposedLeft<T>(a, b, 11, 13, 17, c, workspace));
        Allocation.AssertNone(() => Matrix.MultiplyTransposedLeftAdd<T>(a, b, 11, 13, 17, c, workspace));
        Allocation.AssertNone(() => Matrix.MultiplyTransposedRight<T>(a, b, 11, 13, 17, c, workspace));
        Allocation.AssertNone(() => Matrix.MultiplyTransposedRightAdd<T>(a, b, 11, 13, 17, c, workspace));
        Allocation.AssertNone(() => Matrix.WorkspaceLength<T>(11, 13, 17));
        var packed = new PackedMatrix<T>(a, 11, 13);
        Allocation.AssertNone(() => packed.Multiply(x, 1, y));
        Allocation.AssertNone(() => packed.MultiplyAdd(x, 1, y));
        Allocation.AssertNone(() => packed.Multiply(new ReadOnlySpan<T>(b, 0, 39), 3, new Span<T>(c, 0, 33)));
    }

    private static void OfActivations<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = new T[37], y = new T[37];
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            Allocation.AssertNone(() => Activations.Apply<T>(kind, a, y));
            if (kind is ActivationKind.Identity or ActivationKind.Sigmoid or ActivationKind.Tanh or ActivationKind.Relu)
            {
                Allocation.AssertNone(() => Activations.Gradient<T>(kind, y, a, a));
            }

            if (kind != ActivationKind.HardStep)
            {
                Allocation.AssertNone(() => Activations.GradientAt<T>(kind, y, a, a));
            }
        }

        Allocation.AssertNone(() => Activations.Softmax<T>(a, y));
        Allocation.AssertNone(() => Activations.SoftmaxGradient<T>(y, a, a));
        Allocation.AssertNone(() => Activations.LogSoftmax<T>(a, y));
        Allocation.AssertNone(() => Activations.LogSoftmaxGradient<T>(y, a, a));
    }

    private static void OfLosses<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] x = new T[36], z = new T[36], gradient = new T[36];
        int[] labels = new int[4];
        Allocation.AssertNone(() => Losses.MeanSquaredError<T>(x, z, gradient));
        Allocation.AssertNone(() => Losses.SoftmaxCrossEntropy<T>(x, 9, labels, gradient));
        Allocation.AssertNone(() => Losses.BinaryCrossEntropyWithLogits<T>(x, z, gradient));
    }

    private static void Optimizers<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] p = new T[37], g = new T[37];
        Array.Fill(g, T.One);
        var sgd = new Sgd<T>(37);
        var adam = new Adam<T>(37) { WeightDecay = 0.1, DecoupledWeightDecay = true };
        var rmsProp = new RmsProp<T>(37, centered: true);
        LearningRateSchedule schedule = LearningRateSchedule.Cosine(1, 9).WithWarmUp(3);
        Allocation.AssertNone(() => GradientClipping.ClipNorm<T>(g, T.One));
        Allocation.AssertNone(() => GradientClipping.ClipValue<T>(g, T.One));
        Allocation.AssertNone(() => rmsProp.LearningRate = schedule.At(5));
        Allocation.AssertNone(() => rmsProp.Step(p, g));
        Allocation.AssertNone(() => sgd.Step(p, g));
        Allocation.AssertNone(() => adam.Step(p, g));
    }
}
