using System.Numerics;
using SpanRnn.Cells;

namespace SpanRnn.Tests;

/// <summary>A network, a layout and all the buffers of one forward and one backward. What is undefined holds NaN.</summary>
internal sealed class NetworkRun<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public NetworkRun(NetworkSpec spec, int steps, ReadOnlySpan<int> lengths)
    {
        Layout.Set(steps, lengths);
        Network = new Network<T>(spec);
        Parameters = new T[spec.Parameters.Length];
        X = new T[Network.InputLength(Layout)];
        State = new T[Network.StateLength(lengths.Length)];
        Y = Undefined(Network.OutputLength(Layout));
        Tape = Undefined(Network.TapeLength(Layout));
        Workspace = Undefined(Network.WorkspaceLength(Layout));
        DY = Undefined(Y.Length);
        DState = Undefined(State.Length);
        DX = Undefined(X.Length);
        Gradients = new T[Parameters.Length];
    }

    public Network<T> Network { get; }

    public SequenceLayout Layout { get; } = new();

    public T[] Parameters { get; }

    public T[] X { get; }

    /// <summary>The initial state before <see cref="Forward"/>, the final one after it.</summary>
    public T[] State { get; }

    public T[] Y { get; }

    public T[] Tape { get; }

    public T[] Workspace { get; }

    public T[] DY { get; }

    /// <summary>Of the final state before <see cref="Backward"/>, of the initial one after it.</summary>
    public T[] DState { get; }

    public T[] DX { get; }

    public T[] Gradients { get; }

    public void Forward() => Network.Forward(Parameters, Layout, X, State, Y, Tape, Workspace);

    public void Backward()
    {
        Workspace.AsSpan().Fill(T.NaN);
        Network.Backward(Parameters, Layout, Tape, DY, DState, DX, Gradients, Workspace);
    }

    /// <summary>Forward, loss, backward.</summary>
    public T Train(Problem problem)
    {
        Forward();
        T loss = problem.Loss<T>(Y, State, DY, DState);
        Backward();
        return loss;
    }

    /// <summary>What <see cref="Backward"/> gave, by [parameters, x, initial state].</summary>
    public T[] Gradient() => [.. Gradients, .. DX, .. DState];

    private static T[] Undefined(int length)
    {
        var values = new T[length];
        values.AsSpan().Fill(T.NaN);
        return values;
    }
}
