using BenchmarkDotNet.Attributes;

namespace SpanRnn.Perf;

/// <summary>One step of a packed stream, and a batch of 32 sequences of 100 steps forward and backward, in float.</summary>
[MemoryDiagnoser]
public class CellBenchmarks
{
    private const int Steps = 100;
    private const int Batch = 32;

    private readonly SequenceLayout _layout = new();
    private Network<float> _network = null!;
    private AlignedBuffer<float> _parameters = null!;
    private AlignedBuffer<float> _gradients = null!;
    private AlignedBuffer<float> _tape = null!;
    private AlignedBuffer<float> _workspace = null!;
    private float[] _x = [];
    private float[] _y = [];
    private float[] _dy = [];
    private float[] _dx = [];
    private float[] _state = [];
    private float[] _dState = [];
    private float[] _streamX = [];
    private float[] _streamY = [];
    private PackedNetwork _packed = null!;
    private StreamState _stream = null!;

    [Params(CellKind.Elman, CellKind.Lstm, CellKind.GruResetAfter, CellKind.GruResetBefore)]
    public CellKind Cell { get; set; }

    /// <summary>H, which is also I.</summary>
    [Params(16, 64, 128, 256)]
    public int Size { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var spec = new NetworkSpec(Size, new RecurrentLayer(Cell, Size));
        _network = new Network<float>(spec);
        _layout.Set(Steps, Batch);
        _parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        _gradients = new AlignedBuffer<float>(spec.Parameters.Length);
        _tape = new AlignedBuffer<float>(_network.TapeLength(_layout));
        _workspace = new AlignedBuffer<float>(_network.WorkspaceLength(_layout));
        _x = new float[_network.Spec.InputLength(_layout.Steps, _layout.Batch)];
        _y = new float[_network.Spec.OutputLength(_layout.Steps, _layout.Batch)];
        _dy = new float[_y.Length];
        _dx = new float[_x.Length];
        _state = new float[_network.StateLength(Batch)];
        _dState = new float[_state.Length];
        _streamX = new float[Size];
        _streamY = new float[Size];

        var random = new RandomSource(1);
        spec.Initialize(_parameters.Span, random);
        random.Fill<float>(_x, -1, 1);
        random.Fill<float>(_dy, -1, 1);
        random.Fill<float>(_streamX, -1, 1);
        _packed = new PackedNetwork(spec, _parameters.Span);
        _packed.WarmUp();
        _stream = _packed.CreateStream();
        Verify();
    }

    [Benchmark]
    public void Step() => _stream.Step(_streamX, _streamY);

    [Benchmark]
    public void Forward() =>
        _network.Forward(_parameters.Span, _layout, _x, _state, _y, _tape.Span, _workspace.Span);

    [Benchmark]
    public void ForwardAndBackward()
    {
        Forward();
        Array.Clear(_dState);
        _gradients.Span.Clear();
        var buffers = new BackwardBuffers<float> { Dy = _dy, DState = _dState, Dx = _dx, Gradients = _gradients.Span };
        _network.Backward(_parameters.Span, _layout, _tape.Span, buffers, _workspace.Span);
    }

    // A fast wrong answer is not a result: before anything is timed, single steps must equal the first sequence of the batch.
    private void Verify()
    {
        Forward();
        for (int step = 0; step < Steps; step++)
        {
            int first = step * Batch * Size;
            _stream.Step(_x.AsSpan(first, Size), _streamY);
            for (int unit = 0; unit < Size; unit++)
            {
                float difference = Math.Abs(_streamY[unit] - _y[first + unit]);
                if (!(difference <= 1e-4f))
                {
                    throw new InvalidOperationException(
                        $"Step {step}, unit {unit}: stepping gives {_streamY[unit]}, the sequence {_y[first + unit]}, expected the same.");
                }
            }
        }

        Array.Clear(_state);
        _stream.Reset();
    }
}
