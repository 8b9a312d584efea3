using System.Numerics;

namespace SpanRnn.Cells.Training.Loop;

/// <summary>Memory that a training step needs until it ends, rented from a pool and given back by disposing it.</summary>
internal readonly ref struct StepMemory<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly PooledBuffer<T> _tape;
    private readonly PooledBuffer<T> _workspace;
    private readonly PooledBuffer<T> _x;
    private readonly PooledBuffer<T> _dx;
    private readonly PooledBuffer<T> _dy;
    private readonly PooledBuffer<T> _state;
    private readonly PooledBuffer<T> _dState;
    private readonly int _workspaceLength;

    public StepMemory(BufferPool<T> pool, Network<T> network, SequenceLayout layout, bool symbols)
    {
        // All lengths before the first rent: one may be too large.
        int tape = network.TapeLength(layout);
        int inputs = network.Spec.InputLength(layout.Steps, layout.Batch);
        int outputs = network.Spec.OutputLength(layout.Steps, layout.Batch);
        int states = network.StateLength(layout.Batch);
        _workspaceLength = network.WorkspaceLength(layout);
        int workspace = Math.Max(_workspaceLength, checked(2 * outputs));
        _tape = pool.Rent(tape);
        _workspace = pool.Rent(workspace);
        _x = pool.Rent(symbols ? inputs : 0);
        _dx = pool.Rent(network.Spec.Embedding is null ? 0 : inputs);
        _dy = pool.Rent(outputs);
        _state = pool.Rent(states);
        _dState = pool.Rent(states);
    }

    public Span<T> Tape => _tape.Span;

    public Span<T> Workspace => _workspace.Span[.._workspaceLength];

    /// <summary>The workspace again, between forward and backward: room for the rows of y and of the targets.</summary>
    public Span<T> LossRows => _workspace.Span;

    /// <summary>Rows of symbols; empty where the input is numbers.</summary>
    public Span<T> X => _x.Span;

    /// <summary>Gradient of the embedding's rows; empty where there is no embedding.</summary>
    public Span<T> Dx => _dx.Span;

    public Span<T> Dy => _dy.Span;

    public Span<T> State => _state.Span;

    public Span<T> DState => _dState.Span;

    public void Dispose()
    {
        _dState.Dispose();
        _state.Dispose();
        _dy.Dispose();
        _dx.Dispose();
        _x.Dispose();
        _workspace.Dispose();
        _tape.Dispose();
    }
}
