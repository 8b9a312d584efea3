namespace SpanRnn.Perf;

/// <summary>Random parameters and inputs of a case, the expected outputs, and the contenders that compute them.</summary>
internal sealed class CellProblem
{
    // A state that is carried wrongly shows on the second call; the further calls show errors that grow.
    private const int CheckedCalls = 8;

    private readonly CellCase _case;
    private readonly AlignedBuffer<float> _parameters;
    private readonly float[] _x;

    public CellProblem(CellCase of, ulong seed = 1)
    {
        _case = of;
        _parameters = new AlignedBuffer<float>(of.Spec.Parameters.Length);
        int calls = of.Call == CellCall.Run ? 1 : CheckedCalls;
        _x = new float[calls * of.Steps * of.Batch * of.InputSize];
        var random = new RandomSource(seed);

        // PyTorch's starting range, in which trained weights tend to stay. Orthogonal recurrent weights would add the rounding of every
        // step to that of the steps before, which says more about such weights than about bf16 and int8.
        double bound = 1 / Math.Sqrt(of.HiddenSize);
        random.Fill(_parameters.Span, -bound, bound);
        random.Fill<float>(_x, -1, 1);
    }

    /// <summary>Largest allowed difference of an output, whose full scale is 1, from that of the same weights in double.</summary>
    public static double Bound(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Fp32 => 1e-5,
        WeightPrecision.Bf16 => 1e-2,
        _ => 3e-2,
    };

    /// <summary>Outputs of all calls in double, by the training code: packing, fusion and stepping have no part in it.</summary>
    public double[] Expected()
    {
        var network = new Network<double>(_case.Spec);
        var layout = new SequenceLayout();
        layout.Set(_x.Length / (_case.Batch * _case.InputSize), _case.Batch);
        double[] y = new double[network.Spec.OutputLength(layout.Steps, layout.Batch)];
        network.Forward(
            Doubles(_parameters.Span),
            layout,
            Doubles(_x),
            new double[network.StateLength(_case.Batch)],
            y,
            new double[network.TapeLength(layout)],
            new double[network.WorkspaceLength(layout)]);
        return y;
    }

    /// <summary>SpanRnn, its weights stored in <paramref name="precision"/>.</summary>
    public CellContender Own(WeightPrecision precision)
    {
        var network = new PackedNetwork(_case.Spec, _parameters.Span, precision);
        StreamState[] states = [.. Enumerable.Range(0, _case.Batch).Select(_ => network.CreateStream())];
        AlignedBuffer<float> x = Input();
        var y = new AlignedBuffer<float>(_case.Steps * _case.Batch * _case.Spec.OutputSize);
        var own = new CellContender($"SpanRnn {CellCase.PrecisionText(precision)}", Call(network, states, x, y), x, () => y);
        network.WarmUp();
        return own;
    }

    /// <summary>ONNX Runtime through its C API, with and without its arena.</summary>
    public OnnxLayer Onnx(OnnxRuntime runtime) =>
        Onnx(model => [new OnnxSession(runtime, model), new OnnxSession(runtime, model, arena: false)]);

    /// <summary>ONNX Runtime through its C# API.</summary>
    public OnnxLayer OnnxManaged(OnnxRuntime runtime) => Onnx(model => [new OnnxManagedSession(runtime.Package, model)]);

    /// <summary>The matrix-vector product of a step alone, [G·H, I + H] packed.</summary>
    public Action Product()
    {
        int columns = _case.InputSize + _case.HiddenSize;
        int rows = (int)(_case.Weights / columns);
        var a = new AlignedBuffer<float>(rows * columns);
        var x = new AlignedBuffer<float>(columns);
        var y = new AlignedBuffer<float>(rows);
        new RandomSource(1).Fill(a.Span, -1, 1);
        new RandomSource(2).Fill(x.Span, -1, 1);
        var packed = new PackedMatrix<float>(a.Span, rows, columns);
        return () => packed.Multiply(x.Span, 1, y.Span);
    }

    /// <summary>All outputs of a contender, call after call from a state of zeros.</summary>
    public double[] Results(CellContender contender)
    {
        List<double> results = [];
        for (int first = 0; first < _x.Length; first += contender.X.Length)
        {
            _x.AsSpan(first, contender.X.Length).CopyTo(contender.X.Span);
            contender.Run();
            results.AddRange(Doubles(contender.Y().Span));
        }

        return [.. results];
    }

    private OnnxLayer Onnx(Func<byte[], IOnnxSession[]> open) =>
        new(_case.Spec, _parameters.Span, _case.Steps, _case.Batch, open);

    private static double[] Doubles(ReadOnlySpan<float> numbers)
    {
        double[] result = new double[numbers.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = numbers[i];
        }

        return result;
    }

    private Action Call(PackedNetwork network, StreamState[] states, AlignedBuffer<float> x, AlignedBuffer<float> y)
    {
        if (_case.Call == CellCall.Step)
        {
            StreamState state = states[0];
            return () => state.Step(x.Span, y.Span);
        }

        if (_case.Call == CellCall.StepMany)
        {
            var scratch = new AlignedBuffer<float>(network.StepManyWorkspaceLength(_case.Batch));
            return () => network.StepMany(x.Span, states, y.Span, scratch.Span);
        }

        var layout = new SequenceLayout();
        layout.Set(_case.Steps, _case.Batch);
        var workspace = new AlignedBuffer<float>(network.RunWorkspaceLength(layout));
        return () => network.Run(layout, x.Span, states, y.Span, workspace.Span);
    }

    private AlignedBuffer<float> Input()
    {
        var x = new AlignedBuffer<float>(_case.Steps * _case.Batch * _case.InputSize);
        new RandomSource(1).Fill(x.Span, -1, 1);
        return x;
    }
}
