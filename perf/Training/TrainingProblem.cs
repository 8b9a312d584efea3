using System.Numerics;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Perf;

/// <summary>Random parameters, inputs and output gradients of a case, and the contenders that train with them.</summary>
internal sealed class TrainingProblem
{
    private readonly TrainingCase _case;
    private readonly SequenceLayout _layout = new();
    private readonly AlignedBuffer<float> _parameters;
    private readonly AlignedBuffer<float> _x;
    private readonly AlignedBuffer<float> _dy;

    public TrainingProblem(TrainingCase of, ulong seed = 1)
    {
        _case = of;
        _layout.Set(of.Steps, of.Batch);
        _parameters = new AlignedBuffer<float>(of.Spec.Parameters.Length);
        _x = new AlignedBuffer<float>(_layout.Rows * of.Size);
        _dy = new AlignedBuffer<float>(_layout.Rows * of.Size);
        var random = new RandomSource(seed);
        double bound = 1 / Math.Sqrt(of.Size);
        random.Fill(_parameters.Span, -bound, bound);
        random.Fill(_x.Span, -1, 1);
        random.Fill(_dy.Span, -1, 1);
    }

    /// <summary>∂L/∂y, an input of the step.</summary>
    public ReadOnlySpan<float> Dy => _dy.Span;

    /// <summary>Expected result: the same step in double.</summary>
    public TrainingResult Expected()
    {
        var step = new Step<double>(this, workers: null);
        step.Run();
        return step.Result();
    }

    /// <summary>SpanRnn on one thread, or on the threads of a pool.</summary>
    public TrainingContender Own(WorkerPool? workers = null)
    {
        var step = new Step<float>(this, workers);
        return new TrainingContender(workers is null ? "SpanRnn" : $"SpanRnn, {workers.Threads} threads", Timing.Repeat(step.Run), () =>
        {
            step.Run();
            return step.Result();
        });
    }

    /// <summary>oneDNN; null if it is not installed or has no such cell.</summary>
    public OneDnnLayer? OneDnn() => OneDnnFunction.IsInstalled && _case.Cell != CellKind.GruResetBefore
        ? new OneDnnLayer(_case, _parameters.Span, _x.Span, _dy.Span)
        : null;

    /// <summary>Bytes of the tape for one more step of one sequence.</summary>
    public static int TapeBytes(TrainingCase of)
    {
        var network = new Network<float>(of.Spec);
        var layout = new SequenceLayout();
        layout.Set(of.Steps, of.Batch);
        int length = network.TapeLength(layout);
        layout.Set(of.Steps + 1, of.Batch);
        return (network.TapeLength(layout) - length) / of.Batch * sizeof(float);
    }

    /// <summary>Writes the problem for peers, under PyTorch's names: model.safetensors, and x and dy in data.safetensors.</summary>
    public void Write(string folder)
    {
        var data = new SafetensorsWriter();
        data.Add<float>("x", [_case.Steps, _case.Batch, _case.Size], _x.Span);
        data.Add<float>("dy", [_case.Steps, _case.Batch, _case.Size], _dy.Span);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), PyTorchWriter.ToBytes<float>(_case.Spec, _parameters.Span));
        File.WriteAllBytes(Path.Combine(folder, "data.safetensors"), data.ToBytes());
    }

    /// <summary>Reads the result of a peer: gradients.safetensors, and y and dx in results.safetensors.</summary>
    public TrainingResult Read(string folder)
    {
        float[] y = new float[_dy.Length];
        float[] dx = new float[_x.Length];
        try
        {
            var results = SafetensorsFile.Load(Path.Combine(folder, "results.safetensors"));
            Copy(results, "y", y);
            Copy(results, "dx", dx);
            RecurrentModel gradients = ModelFile.Load(Path.Combine(folder, "gradients.safetensors"));
            return TrainingResult.Of<float>(y, _dy.Span, dx, gradients.ReadParameters<float>().Span);
        }
        catch (ModelFormatException e)
        {
            throw new PerfException(e.Message);
        }
    }

    private static void Copy(SafetensorsFile file, string name, float[] values)
    {
        if (file.Find(name) is not { } tensor || tensor.Length != values.Length)
        {
            throw new PerfException($"'{file.Name}' has no tensor '{name}' of {values.Length} numbers.", Application.Failure);
        }

        tensor.CopyTo<float>(values);
    }

    private sealed class Step<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly TrainingProblem _problem;
        private readonly Network<T> _network;
        private readonly AlignedBuffer<T> _parameters;
        private readonly AlignedBuffer<T> _x;
        private readonly AlignedBuffer<T> _dy;
        private readonly AlignedBuffer<T> _y;
        private readonly AlignedBuffer<T> _dx;
        private readonly AlignedBuffer<T> _gradients;
        private readonly AlignedBuffer<T> _state;
        private readonly AlignedBuffer<T> _tape;
        private readonly AlignedBuffer<T> _workspace;

        public Step(TrainingProblem problem, WorkerPool? workers)
        {
            _problem = problem;
            _network = new Network<T>(problem._case.Spec, workers);
            _parameters = Copy(problem._parameters);
            _x = Copy(problem._x);
            _dy = Copy(problem._dy);
            _y = new AlignedBuffer<T>(_dy.Length);
            _dx = new AlignedBuffer<T>(_x.Length);
            _gradients = new AlignedBuffer<T>(_parameters.Length);
            _state = new AlignedBuffer<T>(_network.StateLength(problem._case.Batch));
            _tape = new AlignedBuffer<T>(_network.TapeLength(problem._layout));
            _workspace = new AlignedBuffer<T>(_network.WorkspaceLength(problem._layout));
        }

        public void Run()
        {
            SequenceLayout layout = _problem._layout;
            _state.Span.Clear();
            _network.Forward(_parameters.Span, layout, _x.Span, _state.Span, _y.Span, _tape.Span, _workspace.Span);
            _state.Span.Clear();
            _gradients.Span.Clear();
            var buffers = new BackwardBuffers<T> { Dy = _dy.Span, DState = _state.Span, Dx = _dx.Span, Gradients = _gradients.Span };
            _network.Backward(_parameters.Span, layout, _tape.Span, buffers, _workspace.Span);
        }

        public TrainingResult Result() => TrainingResult.Of<T>(_y.Span, _problem._dy.Span, _dx.Span, _gradients.Span);

        private static AlignedBuffer<T> Copy(AlignedBuffer<float> numbers)
        {
            var copy = new AlignedBuffer<T>(numbers.Length);
            for (int i = 0; i < numbers.Length; i++)
            {
                copy.Span[i] = T.CreateTruncating(numbers.Span[i]);
            }

            return copy;
        }
    }
}
