using System.Numerics;
using SpanRnn.Cells.Training;

namespace SpanRnn.Tests;

/// <summary>A network, a layout and all the buffers of one forward and one backward. Undefined numbers are NaN.</summary>
internal sealed class NetworkRun<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public NetworkRun(NetworkSpec spec, int steps, ReadOnlySpan<int> lengths, WorkerPool? workers = null)
        : this(new Network<T>(spec, workers), steps, lengths)
    {
    }

    public NetworkRun(Network<T> network, int steps, ReadOnlySpan<int> lengths)
    {
        NetworkSpec spec = network.Spec;
        Layout.Set(steps, lengths);
        Network = network;
        Parameters = new T[spec.Parameters.Length];
        X = new T[Network.Spec.InputLength(Layout.Steps, Layout.Batch)];
        State = new T[Network.StateLength(lengths.Length)];
        Y = Undefined(Network.Spec.OutputLength(Layout.Steps, Layout.Batch));
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

    /// <summary>∂L of the final state before <see cref="Backward"/>, of the initial one after it.</summary>
    public T[] DState { get; }

    public T[] DX { get; }

    public T[] Gradients { get; }

    /// <summary>Masks of forward and backward, if any.</summary>
    public Dropout<T>? Dropout { get; set; }

    /// <summary>‖∂L/∂h‖ of every layer and step after <see cref="Backward"/>; empty if they are not asked for.</summary>
    public double[] StepNorms { get; set; } = [];

    public void Forward()
    {
        if (Dropout is null)
        {
            Network.Forward(Parameters, Layout, X, State, Y, Tape, Workspace);
        }
        else
        {
            Network.ForwardMasked(Parameters, Layout, X, State, Y, Tape, Workspace, Dropout);
        }
    }

    public void Backward()
    {
        Workspace.AsSpan().Fill(T.NaN);
        var buffers = new BackwardBuffers<T>
        {
            Dy = DY,
            DState = DState,
            Dx = DX,
            Gradients = Gradients,
            StepNorms = StepNorms,
            Dropout = Dropout,
        };
        Network.Backward(Parameters, Layout, Tape, buffers, Workspace);
    }

    /// <summary>Forward, loss, backward.</summary>
    public T Train(Problem problem)
    {
        Forward();
        T loss = problem.Loss<T>(Y, State, DY, DState);
        Backward();
        return loss;
    }

    /// <summary>Results of <see cref="Backward"/>, by [parameters, x, initial state].</summary>
    public T[] Gradient() => [.. Gradients, .. DX, .. DState];

    private static T[] Undefined(int length)
    {
        var values = new T[length];
        values.AsSpan().Fill(T.NaN);
        return values;
    }
}
