using System.Numerics;
using System.Runtime.InteropServices;

namespace SpanRnn.Tests;

/// <summary>Results that must be the same however they are computed, over random networks.</summary>
[Trait("Category", "Simd")]
public class IdentityTests
{
    private const int Count = 150;

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.SmoothStreams)])]
    internal void Step_by_step_equals_sequence(Problem problem)
    {
        StepByStepEqualsSequence<double>(problem);
        StepByStepEqualsSequence<float>(problem);
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.Smooth)])]
    internal void A_batch_equals_each_sequence_alone(Problem problem)
    {
        BatchEqualsAlone<double>(problem);
        BatchEqualsAlone<float>(problem);
    }

    [Fact]
    public void A_large_batch_equals_each_sequence_alone()
    {
        foreach (ProblemShape shape in Problems.Large)
        {
            BatchEqualsAlone<double>(new Problem(shape));
            BatchEqualsAlone<float>(new Problem(shape));
        }
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.SmoothStreams)])]
    internal void Two_halves_with_carried_state_equal_the_whole(Problem problem)
    {
        HalvesEqualWhole<double>(problem);
        HalvesEqualWhole<float>(problem);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(5, 0)]
    public void Empty_batches_and_zero_steps_are_legal(int steps, int batch)
    {
        foreach (NetworkSpec spec in Variants.All)
        {
            var run = new NetworkRun<double>(spec, steps, new int[batch]);
            run.State.AsSpan().Fill(0.5);
            run.Forward();
            Assert.All(run.State, s => Assert.Equal(0.5, s));
            Array.Clear(run.DY);
            run.DState.AsSpan().Fill(0.25);
            run.Backward();
            Assert.All(run.DState, d => Assert.Equal(0.25, d));
            Assert.All(run.Gradients, d => Assert.Equal(0, d));
        }
    }

    private static void StepByStepEqualsSequence<T>(Problem problem)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool manyToOne = problem.Spec.IsManyToOne;
        for (int b = 0; b < problem.Batch; b++)
        {
            NetworkRun<T> alone = Alone<T>(problem, b);
            var stepped = new NetworkRun<T>(problem.Spec, 1, [1]);
            alone.Parameters.CopyTo(stepped.Parameters, 0);
            alone.State.CopyTo(stepped.State, 0);
            alone.Forward();
            int length = problem.Shape.Lengths[b];
            for (int t = 0; t < length; t++)
            {
                alone.X.AsSpan(t * stepped.X.Length, stepped.X.Length).CopyTo(stepped.X);
                stepped.Forward();
                if (!manyToOne || t == length - 1)
                {
                    Near.Same<T>($"y of step {t}", alone.Y.AsSpan(manyToOne ? 0 : t * stepped.Y.Length, stepped.Y.Length), stepped.Y);
                }
            }

            Near.Same<T>("state", alone.State, stepped.State);
        }
    }

    private static void BatchEqualsAlone<T>(Problem problem)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkRun<T> whole = problem.Run<T>();
        whole.Forward();
        problem.Loss<T>(whole.Y, whole.State, whole.DY, whole.DState);
        T[] finalState = [.. whole.State];
        T[] dFinalState = [.. whole.DState];
        whole.Backward();

        var sum = new T[whole.Gradients.Length];
        for (int b = 0; b < problem.Batch; b++)
        {
            NetworkRun<T> alone = Alone<T>(problem, b);
            alone.Forward();
            Near.Same<T>($"y of sequence {b}", alone.Y, Rows<T>(whole.Y, problem, b, problem.Spec.OutputSize, alone.Y.Length));
            Near.Same<T>($"final state of sequence {b}", alone.State, StateOf<T>(problem, finalState, b));

            Rows<T>(whole.DY, problem, b, problem.Spec.OutputSize, alone.DY.Length).CopyTo(alone.DY, 0);
            StateOf<T>(problem, dFinalState, b).CopyTo(alone.DState, 0);
            sum.CopyTo(alone.Gradients, 0);
            alone.Backward();
            alone.Gradients.CopyTo(sum, 0);
            Near.Same<T>($"dx of sequence {b}", alone.DX, Rows<T>(whole.DX, problem, b, problem.Spec.InputSize, alone.DX.Length));
            Near.Same<T>($"dState of sequence {b}", alone.DState, StateOf<T>(problem, whole.DState, b));
        }

        Near.Rounded<T>("gradients", sum, whole.Gradients);
    }

    private static void HalvesEqualWhole<T>(Problem problem)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkRun<T> whole = problem.Run<T>();
        NetworkRun<T> halves = problem.Run<T>();
        whole.Train(problem);
        Halves.Train(problem, halves, carry: true);
        Near.Same<T>("y", whole.Y, halves.Y);
        Near.Same<T>("state", whole.State, halves.State);
        Near.Same<T>("dx", whole.DX, halves.DX);
        Near.Same<T>("dState", whole.DState, halves.DState);
        Near.Rounded<T>("gradients", whole.Gradients, halves.Gradients);
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Padding_leaks_nowhere(Problem problem)
    {
        NetworkRun<double> clean = problem.Run<double>();
        clean.Train(problem);
        foreach (double filling in (double[])[double.NaN, 99, double.PositiveInfinity])
        {
            NetworkRun<double> run = problem.Run<double>();
            InPadding(problem, run.X, problem.Spec.InputSize, padding => padding.Fill(filling));
            run.Train(problem);
            Near.Same<double>("y", clean.Y, run.Y);
            Near.Same<double>("state", clean.State, run.State);
            Near.Same<double>("gradient", clean.Gradient(), run.Gradient());
            InPadding(problem, run.DX, problem.Spec.InputSize, padding => Assert.True(padding.IndexOfAnyExcept(0.0) < 0));
            if (!problem.Spec.IsManyToOne)
            {
                InPadding(problem, run.Y, problem.Spec.OutputSize, padding => Assert.True(padding.IndexOfAnyExcept(0.0) < 0));
            }
        }
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.Smooth)])]
    internal void A_sequence_of_length_0_passes_its_state_through(Problem problem)
    {
        NetworkRun<double> run = problem.Run<double>();
        run.Forward();
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        double[] finalState = [.. run.State];
        double[] dFinalState = [.. run.DState];
        run.Backward();
        for (int b = 0; b < problem.Batch; b++)
        {
            if (problem.Shape.Lengths[b] == 0)
            {
                Near.Same<double>("final state", StateOf<double>(problem, problem.State, b), StateOf<double>(problem, finalState, b));
                if (!problem.Spec.IsManyToOne)
                {
                    Near.Same<double>("dState", StateOf<double>(problem, dFinalState, b), StateOf<double>(problem, run.DState, b));
                }
            }
        }
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Gradients_accumulate(Problem problem)
    {
        NetworkRun<double> run = problem.Run<double>();
        run.Forward();
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        double[] dFinalState = [.. run.DState];
        run.Backward();
        double[] once = [.. run.Gradients];
        double[] dx = [.. run.DX];
        dFinalState.CopyTo(run.DState, 0);
        run.Backward();
        Near.Rounded<double>("gradients", Array.ConvertAll(once, d => 2 * d), run.Gradients);
        Near.Same<double>("dx", dx, run.DX);
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Backward_leaves_the_tape_alone(Problem problem)
    {
        NetworkRun<double> run = problem.Run<double>();
        run.Forward();
        double[] tape = [.. run.Tape];
        problem.Loss<double>(run.Y, run.State, run.DY, run.DState);
        run.Backward();
        Assert.True(MemoryMarshal.AsBytes<double>(tape).SequenceEqual(MemoryMarshal.AsBytes<double>(run.Tape)));
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.Smooth)])]
    internal void The_gradient_of_the_input_is_optional(Problem problem)
    {
        NetworkRun<double> with = problem.Run<double>();
        NetworkRun<double> without = problem.Run<double>();
        with.Train(problem);
        without.Forward();
        problem.Loss<double>(without.Y, without.State, without.DY, without.DState);
        var buffers = new BackwardBuffers<double> { Dy = without.DY, DState = without.DState, Gradients = without.Gradients };
        without.Network.Backward(without.Parameters, without.Layout, without.Tape, buffers, without.Workspace);
        Near.Same<double>("gradients", with.Gradients, without.Gradients);
        Near.Same<double>("dState", with.DState, without.DState);
    }

    [Property(MaxTest = Count, Arbitrary = [typeof(Problems.Smooth)])]
    internal void Alignment_changes_no_bit(Problem problem)
    {
        NetworkRun<float> run = problem.Run<float>();
        run.Train(problem);
        for (int shift = 1; shift <= 3; shift += 2)
        {
            NetworkRun<float> source = problem.Run<float>();
            Span<float> parameters = Shifted(source.Parameters, shift);
            Span<float> state = Shifted(source.State, shift);
            Span<float> y = Shifted(source.Y, shift);
            Span<float> tape = Shifted(source.Tape, shift);
            Span<float> workspace = Shifted(source.Workspace, shift);
            source.Network.Forward(parameters, source.Layout, Shifted(source.X, shift), state, y, tape, workspace);
            Near.Same<float>("y", run.Y, y);
            Span<float> dy = Shifted(source.DY, shift);
            Span<float> dState = Shifted(source.DState, shift);
            Span<float> dx = Shifted(source.DX, shift);
            Span<float> gradients = Shifted(source.Gradients, shift);
            problem.Loss(y, state, dy, dState);
            var buffers = new BackwardBuffers<float> { Dy = dy, DState = dState, Dx = dx, Gradients = gradients };
            source.Network.Backward(parameters, source.Layout, tape, buffers, workspace);
            Near.Same<float>("dx", run.DX, dx);
            Near.Same<float>("dState", run.DState, dState);
            Near.Same<float>("gradients", run.Gradients, gradients);
        }
    }

    private static Span<float> Shifted(float[] values, int shift)
    {
        float[] longer = new float[values.Length + shift];
        values.CopyTo(longer, shift);
        return longer.AsSpan(shift);
    }

    /// <summary>Sequence b with no other beside it and no padding behind it.</summary>
    private static NetworkRun<T> Alone<T>(Problem problem, int b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkRun<T> whole = problem.Run<T>();
        int length = problem.Shape.Lengths[b];
        var alone = new NetworkRun<T>(problem.Spec, length, [length]);
        whole.Parameters.CopyTo(alone.Parameters, 0);
        Rows<T>(whole.X, problem, b, problem.Spec.InputSize, alone.X.Length).CopyTo(alone.X, 0);
        StateOf<T>(problem, whole.State, b).CopyTo(alone.State, 0);
        return alone;
    }

    /// <summary>The rows of sequence b in [steps, batch, size], the first <paramref name="length"/> numbers.</summary>
    private static T[] Rows<T>(ReadOnlySpan<T> values, Problem problem, int b, int size, int length)
    {
        var rows = new T[length];
        for (int t = 0; t * size < length; t++)
        {
            values.Slice(((t * problem.Batch) + b) * size, size).CopyTo(rows.AsSpan(t * size));
        }

        return rows;
    }

    private static T[] StateOf<T>(Problem problem, ReadOnlySpan<T> state, int b)
    {
        var values = new T[problem.Spec.StateSize];
        foreach (StateSlot slot in problem.Spec.States)
        {
            slot.In(state, problem.Batch).Slice(b * slot.Size, slot.Size).CopyTo(slot.In(values.AsSpan(), 1));
        }

        return values;
    }

    private static void InPadding(Problem problem, double[] values, int size, Action<Span<double>> action)
    {
        for (int b = 0; b < problem.Batch; b++)
        {
            for (int t = problem.Shape.Lengths[b]; t < problem.Shape.Steps; t++)
            {
                action(values.AsSpan(((t * problem.Batch) + b) * size, size));
            }
        }
    }
}
