using System.Numerics;

namespace SpanRnn.Cli.GradCheck;

/// <summary>
/// Σ y ⊙ gy + Σ hn ⊙ gh + Σ cn ⊙ gc as a function of one flat point: parameters, then x [T, B, I], then the initial state, each in the
/// order of the network. Belongs to one thread at a time.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class ModelLoss<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Network<T> _network;
    private readonly SequenceLayout _layout;
    private readonly T[] _dy;
    private readonly T[] _dState;
    private readonly T[] _y;
    private readonly T[] _state;
    private readonly T[] _tape;
    private readonly T[] _workspace;
    private readonly T[] _centerY;
    private readonly T[] _centerState;
    private readonly StateSlot[] _given;
    private readonly T[] _dStart;

    /// <param name="spec">The network.</param>
    /// <param name="layout">The batch; read only, so that it may be shared.</param>
    /// <param name="dy">gy, [OutputLength], zeros in padding.</param>
    /// <param name="dState">gh and gc, [StateLength], laid out as the state.</param>
    /// <param name="given">The initial states that come from the point; the parameters say what the others are.</param>
    public ModelLoss(NetworkSpec spec, SequenceLayout layout, T[] dy, T[] dState, StateSlot[] given)
    {
        _network = new Network<T>(spec);
        _layout = layout;
        _dy = dy;
        _dState = dState;
        _y = new T[dy.Length];
        _state = new T[dState.Length];
        _centerY = new T[dy.Length];
        _centerState = new T[dState.Length];
        _given = given;
        _dStart = new T[dState.Length];
        _tape = new T[_network.TapeLength(layout)];
        _workspace = new T[_network.WorkspaceLength(layout)];
        XStart = spec.Parameters.Length;
        StateStart = checked(XStart + _network.Spec.InputLength(layout.Steps, layout.Batch));
        Length = checked(StateStart + dState.Length);
    }

    /// <summary>The index of x in the point.</summary>
    public int XStart { get; }

    /// <summary>The index of the initial state in the point.</summary>
    public int StateStart { get; }

    /// <summary>The length of the point.</summary>
    public int Length { get; }

    /// <summary>
    /// Makes <see cref="Value"/> return the loss minus the loss at <paramref name="point"/> from here on, subtracted output by output.
    /// Near the point only small numbers are added then; the loss itself may be a difference of large sums.
    /// </summary>
    /// <returns>Σ |y ⊙ gy| + Σ |hn ⊙ gh| + Σ |cn ⊙ gc|, to which rounding is relative.</returns>
    public T CenterAt(ReadOnlySpan<T> point)
    {
        Forward(point);
        _y.CopyTo(_centerY, 0);
        _state.CopyTo(_centerState, 0);
        T sum = T.Zero;
        for (int i = 0; i < _y.Length; i++)
        {
            sum += T.Abs(_y[i] * _dy[i]);
        }

        for (int i = 0; i < _state.Length; i++)
        {
            sum += T.Abs(_state[i] * _dState[i]);
        }

        return sum;
    }

    /// <summary>Computes the loss at <paramref name="point"/>, minus the loss at the center if there is one.</summary>
    public T Value(ReadOnlySpan<T> point)
    {
        Forward(point);
        return SumOfProducts(_y, _centerY, _dy) + SumOfProducts(_state, _centerState, _dState);
    }

    /// <summary>Computes the gradient by backpropagation through time.</summary>
    /// <param name="point">[Length] in.</param>
    /// <param name="gradient">[Length] out; zeros in the gaps between parameters.</param>
    public void Gradient(ReadOnlySpan<T> point, Span<T> gradient)
    {
        Forward(point);
        gradient[..XStart].Clear();
        Span<T> dx = gradient[XStart..StateStart];
        Span<T> dState = gradient[StateStart..];
        _dState.CopyTo(dState);
        var buffers = new BackwardBuffers<T> { Dy = _dy, DState = dState, Dx = dx, Gradients = gradient[..XStart] };
        _network.Backward(point[..XStart], _layout, _tape, buffers, _workspace);
        dState.CopyTo(_dStart);
        foreach (StateSlot slot in _network.Spec.States)
        {
            if (_given.Contains(slot))
            {
                slot.In(_dStart.AsSpan(), _layout.Batch).Clear();
            }
        }

        _network.AddInitialStateGradients(_layout.Batch, _dStart, gradient[..XStart]);
    }

    private void Forward(ReadOnlySpan<T> point)
    {
        _network.WriteInitialState(point[..XStart], _layout.Batch, _state);
        foreach (StateSlot slot in _network.Spec.States)
        {
            if (_given.Contains(slot))
            {
                slot.In(point[StateStart..], _layout.Batch).CopyTo(slot.In(_state.AsSpan(), _layout.Batch));
            }
        }

        _network.Forward(point[..XStart], _layout, point[XStart..StateStart], _state, _y, _tape, _workspace);
    }

    private static T SumOfProducts(T[] a, T[] center, T[] b)
    {
        T sum = T.Zero;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (a[i] - center[i]) * b[i];
        }

        return sum;
    }
}
