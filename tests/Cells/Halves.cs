using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>Runs a problem in two halves of its steps, the state carried from the first to the second and its gradient back.</summary>
internal static class Halves
{
    /// <summary>
    /// Does the work of Train to <paramref name="whole"/>; without <paramref name="carry"/> the first half gets no dState.
    /// </summary>
    public static void Train<T>(Problem problem, NetworkRun<T> whole, bool carry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ProblemShape shape = problem.Shape;
        int middle = shape.Steps / 2;
        var first = new NetworkRun<T>(problem.Spec, middle, Array.ConvertAll(shape.Lengths, l => Math.Min(l, middle)));
        var second = new NetworkRun<T>(
            problem.Spec, shape.Steps - middle, Array.ConvertAll(shape.Lengths, l => Math.Max(l - middle, 0)));
        whole.Parameters.CopyTo(first.Parameters, 0);
        whole.Parameters.CopyTo(second.Parameters, 0);
        whole.X.AsSpan(0, first.X.Length).CopyTo(first.X);
        whole.X.AsSpan(first.X.Length).CopyTo(second.X);
        whole.State.CopyTo(first.State, 0);
        first.Forward();
        first.State.CopyTo(second.State, 0);
        second.Forward();
        second.State.CopyTo(whole.State, 0);

        bool manyToOne = problem.Spec.IsManyToOne;
        int firstOutputs = manyToOne ? 0 : first.Y.Length;
        first.Y.AsSpan(0, firstOutputs).CopyTo(whole.Y);
        second.Y.CopyTo(whole.Y, firstOutputs);
        problem.Loss<T>(whole.Y, whole.State, whole.DY, whole.DState);

        whole.DY.AsSpan(firstOutputs).CopyTo(second.DY);
        whole.DState.CopyTo(second.DState, 0);
        second.Backward();
        if (manyToOne)
        {
            // Only the second half's outputs are the network's.
            Array.Clear(first.DY);
        }
        else
        {
            whole.DY.AsSpan(0, firstOutputs).CopyTo(first.DY);
        }

        Array.Clear(first.DState);
        if (carry)
        {
            second.DState.CopyTo(first.DState, 0);
        }

        second.Gradients.CopyTo(first.Gradients, 0);
        first.Backward();
        first.DX.CopyTo(whole.DX, 0);
        second.DX.CopyTo(whole.DX, first.DX.Length);
        first.DState.CopyTo(whole.DState, 0);
        first.Gradients.CopyTo(whole.Gradients, 0);
    }
}
