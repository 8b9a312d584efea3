namespace SpanRnn.Perf;

/// <summary>A case with its memory, ready to be checked and timed.</summary>
internal sealed class CellWork : IDisposable
{
    private readonly CellCase _case;
    private readonly CellProblem _problem;
    private readonly CellContender[] _own;
    private readonly CellLimit[] _limits;
    private readonly Limit? _multiplyAdd = MachineLimit.MultiplyAdd<float>();
    private readonly double[] _errors;
    private readonly OnnxLayer? _onnx;
    private readonly OnnxLayer? _onnxManaged;

    public CellWork(CellCase of)
    {
        _case = of;
        _problem = new CellProblem(of);
        _own = [.. of.Precisions.Select(_problem.Own)];
        _limits = [.. of.Precisions.Select(precision => new CellLimit(of, precision))];
        _errors = new double[_own.Length];
        if (OnnxRuntime.Installed is { } runtime)
        {
            _onnx = _problem.Onnx(runtime);
            _onnxManaged = _problem.OnnxManaged(runtime);
        }
    }

    /// <summary>
    /// Runs every contender for several calls. Throws if one of them differs from the network in double, or SpanRnn from ONNX Runtime.
    /// </summary>
    public void Check()
    {
        double[] expected = _problem.Expected();
        double[]? onnx = Results(_onnx, PeerNames.Onnx);
        _ = Results(_onnxManaged, PeerNames.OnnxManaged);

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

        double[]? Results(OnnxLayer? layer, string name)
        {
            if (layer is null)
            {
                return null;
            }

            double[] results = _problem.Results(new CellContender(name, layer.Run, layer.X, () => layer.Y));
            _ = Error($"{_case.Name}: {name}", results, expected, CellProblem.Bound(default));
            return results;
        }
    }

    /// <summary>Times all contenders in turn, in this process.</summary>
    public CellTimes Time(bool quick)
    {
        List<Action> actions =
        [
            .. _own.Select(own => own.Run),
            .. _limits.Select(limit => limit.Run),
            _multiplyAdd?.Run ?? (() => { }),
        ];
        if (_case.Call == CellCall.Step)
        {
            actions.Add(_problem.Product());
        }

        if (_onnx is not null && _onnxManaged is not null)
        {
            actions.AddRange([_onnx.Run, _onnxManaged.Run]);
        }

        return new CellTimes(
            quick ? Timing.Measure([.. actions], batchMilliseconds: 1, batches: 5) : Timing.Measure([.. actions]),
            _onnx?.Form,
            _onnxManaged?.Form);
    }

    /// <summary>Result of the measuring processes.</summary>
    public CellResult Result(CellTimes[] processes) => new(_case, _limits, _multiplyAdd?.Amount ?? 0, _errors, processes);

    public void Dispose()
    {
        _onnx?.Dispose();
        _onnxManaged?.Dispose();
        foreach (CellLimit limit in _limits)
        {
            limit.Dispose();
        }
    }

    /// <summary>Largest difference; throws if a number is not within <paramref name="bound"/>.</summary>
    internal static double Error(string what, double[] results, double[] expected, double bound)
    {
        double[] tolerances = new double[expected.Length];
        tolerances.AsSpan().Fill(bound);
        return bound * new Expectation(expected, tolerances).Check(what, results);
    }
}
