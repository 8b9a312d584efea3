namespace SpanRnn.Perf;

/// <summary>A case with all contenders that train on it, ready to be checked and timed.</summary>
internal sealed class TrainingWork : IDisposable
{
    private readonly TrainingCase _case;
    private readonly TrainingProblem _problem;
    private readonly WorkerPool? _workers;
    private readonly TrainingContender _own;
    private readonly TrainingContender? _ownOnTwo;
    private readonly (TorchPeer Peer, TrainingContender Contender)[] _torch;
    private readonly OneDnnLayer? _dnnlLayer;
    private readonly TrainingContender? _dnnl;
    private double _error;

    public TrainingWork(TrainingCase of, IEnumerable<TorchPeer> torch, Cores cores)
    {
        _case = of;
        _problem = new TrainingProblem(of);

        // The thread of the pool keeps to the processor of the thread that makes the pool, which then goes back to its own.
        cores.Keep(1);
        _workers = cores.Count < 2 ? null : new WorkerPool(2);
        cores.Keep(0);
        _own = _problem.Own();
        _ownOnTwo = _workers is null ? null : _problem.Own(_workers);
        _torch = [.. torch.Select(peer => (peer, peer.Train(of, _problem)))];
        if (_problem.OneDnn() is { } layer)
        {
            _dnnlLayer = layer;
            _dnnl = new TrainingContender("oneDNN", Timing.Repeat(layer.Run), () =>
            {
                layer.Run();
                return layer.Result();
            });
        }
    }

    /// <summary>
    /// Throws if a contender differs from the step in double, a peer from SpanRnn, or two threads from the bits of one.
    /// </summary>
    public void Check()
    {
        TrainingResult expected = _problem.Expected();
        TrainingResult own = _own.Result();
        _error = own.Check($"{_case.Name}: {_own.Name}", expected, _problem.Dy, _case.Spec);
        _ownOnTwo?.Result().CheckSame($"{_case.Name}: {_ownOnTwo.Name}", own);
        List<TrainingContender> peers = [.. _torch.Select(torch => torch.Contender)];
        if (_dnnl is not null)
        {
            peers.Add(_dnnl);
        }

        foreach (TrainingContender contender in peers)
        {
            TrainingResult result = contender.Result();
            _ = result.Check($"{_case.Name}: {contender.Name}", expected, _problem.Dy, _case.Spec);
            _ = own.Check($"{_case.Name}: {_own.Name} beside {contender.Name}", result, _problem.Dy, _case.Spec);
        }
    }

    /// <summary>Times all contenders in turn.</summary>
    /// <returns>Makes the figure once the best issue rate of the whole run is known.</returns>
    public Func<double, TrainingFigure> Measure(bool quick)
    {
        Limit? multiplyAdd = MachineLimit.MultiplyAdd<float>();
        List<Burst> bursts = [_own.Run, Timing.Repeat(multiplyAdd?.Run ?? (() => { })), .. _torch.Select(torch => torch.Contender.Run)];
        int dnnlAt = Add(bursts, _dnnl);
        int twoAt = Add(bursts, _ownOnTwo);

        Timing[] timings = Timing.Measure([.. bursts], batchMilliseconds: quick ? 1 : 40, batches: quick ? 3 : 21);
        Timing time = timings[0];
        double share = 2 * _case.MultiplyAdds / (multiplyAdd?.Amount ?? double.NaN);
        Timing peak = timings[1].Select(nanoseconds => share * nanoseconds);
        (double peakBar, double torchBar) = TrainingCases.Bars(_case);

        // The closure that makes the figure must not keep the problem alive.
        (TrainingCase of, double error) = (_case, _error);
        (string Form, string Kernels)[] torch = [.. _torch.Select(one => (one.Peer.Form, one.Peer.Core ?? one.Peer.Blas))];
        return bestRate => new TrainingFigure(
            CellCase.CellText(of.Cell),
            of.Size,
            time.Median,
            time.Minimum,
            time.ByState(bestRate),
            multiplyAdd is null ? null : BesideFigure.Of(peak, time, bestRate),
            peakBar,
            [
                .. torch.Select((one, i) => new TorchFigure(
                    one.Form, one.Kernels, BesideFigure.Of(timings[2 + i], time, bestRate))),
            ],
            torchBar,
            dnnlAt < 0 ? null : BesideFigure.Of(timings[dnnlAt], time, bestRate),
            twoAt < 0 ? null : BesideFigure.Of(timings[twoAt], time, bestRate),
            time.Allocated,
            error,
            TrainingProblem.TapeBytes(of));
    }

    public void Dispose()
    {
        _dnnlLayer?.Dispose();
        _workers?.Dispose();
    }

    private static int Add(List<Burst> bursts, TrainingContender? contender)
    {
        if (contender is null)
        {
            return -1;
        }

        bursts.Add(contender.Run);
        return bursts.Count - 1;
    }
}
