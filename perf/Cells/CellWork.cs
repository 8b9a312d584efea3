namespace SpanRnn.Perf;

/// <summary>A case with its memory, ready to be checked and timed.</summary>
internal sealed class CellWork : IDisposable
{
    private readonly CellCase _case;
    private readonly CellProblem _problem;
    private readonly CellContender[] _own;
    private readonly CellLimit[] _limits;
    private readonly double[] _errors;
    private readonly OnnxLayer? _onnx;

    public CellWork(CellCase of)
    {
        _case = of;
        _problem = new CellProblem(of);
        _own = [.. of.Precisions.Select(_problem.Own)];
        _limits = [.. of.Precisions.Select(precision => new CellLimit(of, precision))];
        _errors = new double[_own.Length];
        _onnx = OnnxRuntime.Installed is { } runtime ? _problem.Onnx(runtime) : null;
    }

    /// <summary>
    /// Runs every contender for several calls and throws if one of them computes something else than the network in double, or SpanRnn
    /// something else than ONNX Runtime.
    /// </summary>
    public void Check()
    {
        double[] expected = _problem.Expected();
        double[]? onnx = null;
        if (_onnx is not null)
        {
            onnx = _problem.Results(new CellContender(PeerNames.Onnx, _onnx.Run, _onnx.X, () => _onnx.Y));
            _ = Error($"{_case.Name}: {PeerNames.Onnx}", onnx, expected, CellProblem.Bound(default));
        }

        for (int i = 0; i < _own.Length; i++)
        {
            double bound = CellProblem.Bound(_case.Precisions[i]);
            double[] results = _problem.Results(_own[i]);
            _errors[i] = Error($"{_case.Name}: {_own[i].Name}", results, expected, bound);
            if (onnx is not null)
            {
                _ = Error($"{_case.Name}: {_own[i].Name} beside {PeerNames.Onnx}", results, onnx, bound);
            }
        }
    }

    /// <summary>Times all of them in turn.</summary>
    public CellFigure[] Measure(bool quick)
    {
        Limit? multiplyAdd = MachineLimit.MultiplyAdd<float>();
        List<Action> actions =
        [
            .. _own.Select(own => own.Run),
            .. _limits.Select(limit => limit.Run),
            multiplyAdd?.Run ?? (() => { }),
        ];
        int productAt = Add(actions, _case.Call == CellCall.Step ? _problem.Product() : null);
        int onnxAt = Add(actions, _onnx is null ? null : _onnx.Run);
        Timing[] timings = quick ? Timing.Measure([.. actions], batchMilliseconds: 1, batches: 5) : Timing.Measure([.. actions]);
        Timing peak = timings[2 * _own.Length];
        var figures = new CellFigure[_own.Length];
        for (int i = 0; i < figures.Length; i++)
        {
            Timing time = timings[i];
            (string limit, Timing limitTime) = _limits[i].Of(timings[_own.Length + i], peak, multiplyAdd?.Amount ?? 0);
            figures[i] = new CellFigure(
                _case.Title,
                CellCase.CellText(_case.Cell),
                _case.Size,
                CellCase.PrecisionText(_case.Precisions[i]),
                time.Median,
                time.Minimum,
                limit,
                Against(limitTime, time),
                productAt < 0 ? null : Against(timings[productAt], time),
                _onnx?.Form,
                onnxAt < 0 ? null : Against(timings[onnxAt], time),
                time.Allocated,
                _errors[i]);
        }

        return figures;
    }

    public void Dispose()
    {
        _onnx?.Dispose();
        foreach (CellLimit limit in _limits)
        {
            limit.Dispose();
        }
    }

    /// <summary>Throws where a number is not within <paramref name="bound"/>; else the largest difference.</summary>
    internal static double Error(string what, double[] results, double[] expected, double bound)
    {
        double[] tolerances = new double[expected.Length];
        tolerances.AsSpan().Fill(bound);
        return bound * new Expectation(expected, tolerances).Check(what, results);
    }

    private static int Add(List<Action> actions, Action? action)
    {
        if (action is null)
        {
            return -1;
        }

        actions.Add(action);
        return actions.Count - 1;
    }

    private static BesideFigure Against(Timing other, Timing time) =>
        new(other.Median, other.Minimum, Timing.Ratio(other, time), other.Minimum / time.Minimum);
}
