namespace SpanRnn.Tests;

/// <summary>
/// Each step of a packed network, at each precision, equals a step of the plain reference from the same state, within a bound that
/// follows from the numbers: (n + 8) u times the magnitudes that a sum adds, carried through the operations behind the sum.
/// </summary>
[Trait("Category", "Simd")]
public class PackedReferenceTests
{
    [Property(MaxTest = 40, Arbitrary = [typeof(PackedProblems.Streams)])]
    internal void A_step_equals_the_reference(Problem problem)
    {
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            Steps(problem, PackedRun.Pack(problem, precision), precision);
        }
    }

    /// <summary>Every tail of a panel of units, and of a vector of inputs.</summary>
    [Fact]
    public void A_step_of_every_size_equals_the_reference()
    {
        for (int size = 1; size <= 70; size++)
        {
            foreach (Problem problem in OfSize(size))
            {
                foreach (WeightPrecision precision in PackedProblems.Precisions)
                {
                    Steps(problem, PackedRun.Pack(problem, precision), precision);
                }
            }
        }
    }

    /// <summary>The reference itself, against the training engine in double.</summary>
    [Property(MaxTest = 40, Arbitrary = [typeof(PackedProblems.Streams)])]
    internal void The_reference_equals_a_forward_of_one_step_in_double(Problem problem)
    {
        var reference = new PackedReference(problem.Spec, PackedRun.ParametersOf(problem), WeightPrecision.Fp32);
        var run = PackedRun.Of(problem, WeightPrecision.Fp32);

        // Weights that an affine layer is part of are rounded once more.
        double tolerance = Array.Exists(problem.Shape.Layers, layer => layer is AffineLayer) ? 1e-6 : 1e-12;
        for (int b = 0; b < problem.Batch; b++)
        {
            if (problem.Shape.Lengths[b] > 0)
            {
                var forward = new NetworkRun<double>(problem.Spec, 1, [1]);
                problem.Parameters.CopyTo(forward.Parameters, 0);
                Array.ConvertAll(run.X(0, b).ToArray(), x => (double)x).CopyTo(forward.X, 0);
                Array.ConvertAll(run.Initial(b), x => (double)x).CopyTo(forward.State, 0);
                Bounded[] state = Array.ConvertAll(run.Initial(b), x => (Bounded)x);
                Bounded[] y = reference.Step(run.X(0, b), state);
                forward.Forward();
                Near.Assert<double>("y", forward.Y, Array.ConvertAll(y, v => v.Value), tolerance);
                Near.Assert<double>("state", forward.State, Array.ConvertAll(state, v => v.Value), tolerance);
            }
        }
    }

    /// <summary>The bound tells the precisions apart: weights rounded for another of the three are caught.</summary>
    [Fact]
    public void Another_precision_is_found_out()
    {
        var problem = new Problem(Shape([new RecurrentLayer(CellKind.Lstm, 23)], 19, 3));
        foreach (WeightPrecision packed in PackedProblems.Precisions)
        {
            foreach (WeightPrecision expected in PackedProblems.Precisions)
            {
                PackedNetwork network = PackedRun.Pack(problem, packed);
                if (packed == expected)
                {
                    Steps(problem, network, expected);
                }
                else
                {
                    Assert.ThrowsAny<Exception>(() => Steps(problem, network, expected));
                }
            }
        }
    }

    /// <summary>One weight of many that is off by a few percent is caught too.</summary>
    [Fact]
    public void One_wrong_weight_is_found_out()
    {
        foreach (WeightPrecision precision in PackedProblems.Precisions)
        {
            // At int8 a tenth may be less than a step between two whole numbers.
            float factor = precision == WeightPrecision.Int8 ? 1.3f : 1.01f;
            foreach (RecurrentLayer layer in PackedProblems.Layers(33)
                .Where(layer => !Flat(layer.Activation.Kind)
                    && double.IsPositiveInfinity(layer.Clip)))
            {
                var problem = new Problem(Shape([layer], 20, 5));
                float[] wrong = PackedRun.ParametersOf(problem);
                ParameterSlot recurrent = problem.Spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!;

                // The last gate's, which moves the state most directly.
                Span<float> weights = recurrent.In(wrong.AsSpan())[((layer.Gates - 1) * layer.HiddenSize * recurrent.Columns)..];
                int largest = 0;
                for (int i = 1; i < layer.StateSize; i++)
                {
                    largest = Math.Abs(weights[i] * problem.State[i]) > Math.Abs(weights[largest] * problem.State[largest]) ? i : largest;
                }

                weights[largest] *= factor;
                Exception? found = Record.Exception(() => Steps(problem, new PackedNetwork(problem.Spec, wrong, precision), precision));
                Assert.True(found is not null, $"A wrong weight of {layer} at {precision} was not found.");
            }
        }
    }

    // Activations whose result may not depend on a weight.
    private static bool Flat(ActivationKind kind) =>
        kind is ActivationKind.HardStep or ActivationKind.Relu or ActivationKind.ThresholdedRelu or ActivationKind.HardSigmoid
            or ActivationKind.Clip;

    // Each step starts from the engine's state before it, so that bounds do not grow from step to step.
    private static void Steps(Problem problem, PackedNetwork network, WeightPrecision precision)
    {
        var reference = new PackedReference(problem.Spec, PackedRun.ParametersOf(problem), precision);
        var run = PackedRun.Of(problem, network);
        StreamState[] states = run.States();
        float[] y = new float[problem.Spec.OutputSize];
        for (int b = 0; b < states.Length; b++)
        {
            for (int t = 0; t < problem.Shape.Lengths[b]; t++)
            {
                Bounded[] expected = Array.ConvertAll(PackedRun.Values(states[b]), value => (Bounded)value);
                Bounded[] expectedOutput = reference.Step(run.X(t, b), expected);
                states[b].Step(run.X(t, b), y);
                Within($"{precision}: y of step {t}", expectedOutput, y);
                Within($"{precision}: state after step {t}", expected, PackedRun.Values(states[b]));
            }
        }
    }

    private static void Within(string what, Bounded[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i].Value) <= expected[i].Error))
            {
                Assert.Fail(
                    $"{what}: element {i} of {actual.Length} is {actual[i]:R}, expected {expected[i].Value:R} "
                    + $"within {expected[i].Error:g3}, difference {actual[i] - expected[i].Value:g3}.");
            }
        }
    }

    // Every cell with one of the activations in turn, and every layer that a stream runs through, one step each.
    private static IEnumerable<Problem> OfSize(int size) => PackedProblems.Kinds(size)
        .Where((layers, i) => layers is not [RecurrentLayer { Cell: CellKind.Elman }]
            || i % Variants.Activations.Count == size % Variants.Activations.Count)
        .Select((layers, i) => new Problem(Shape(
            i % 2 == 0 ? [.. layers, new DenseLayer(71 - size)] : layers, ((size + i) * 13 % 70) + 1, size)));

    private static ProblemShape Shape(LayerSpec[] layers, int inputSize, int seed) =>
        new(inputSize, layers, 1, [1], true, ProblemLoss.Linear, seed);
}
