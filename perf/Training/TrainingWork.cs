using SpanRnn.Core;

namespace SpanRnn.Perf;

/// <summary>A case with all who train on it, ready to be checked and timed.</summary>
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

        // The thread of the pool keeps to the processor of the thread that makes it, which then goes back to its own.
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
    /// Throws if one of them computes something else than the step in double, a peer something else than SpanRnn, or two threads other
    /// bits than one.
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

    /// <summary>Times all of them in turn.</summary>
    public TrainingFigure Measure(bool quick)
    {
        Limit? multiplyAdd = MachineLimit.MultiplyAdd<float>();
        List<Burst> bursts = [_own.Run, Timing.Repeat(multiplyAdd?.Run ?? (() => { })), .. _torch.Select(torch => torch.Contender.Run)];
        int dnnlAt = Add(bursts, _dnnl);
        int twoAt = Add(bursts, _ownOnTwo);

        Timing[] timings = Timing.Measure([.. bursts], batchMilliseconds: quick ? 1 : 40, batches: quick ? 3 : 21);
        Timing time = timings[0];
        double share = 2 * _case.MultiplyAdds / (multiplyAdd?.Amount ?? double.NaN);
        var peak = Timing.Of([.. timings[1].Batches.Select(batch => batch * share)], 0);
        TorchFigure[] torch =
        [
            .. _torch.Select((one, i) => new TorchFigure(one.Peer.Form, one.Peer.Core ?? one.Peer.Blas, Beside(timings[2 + i], time))),
        ];
        (double peakBar, double torchBar) = TrainingCases.Bars(_case);
        return new TrainingFigure(
            CellCase.CellText(_case.Cell),
            _case.Size,
            time.Median,
            time.Minimum,
            multiplyAdd is null ? null : Beside(peak, time),
            peakBar,
            torch,
            torchBar,
            dnnlAt < 0 ? null : Beside(timings[dnnlAt], time),
            twoAt < 0 ? null : Beside(timings[twoAt], time),
            time.Allocated,
            _error,
            TrainingProblem.TapeBytes(_case));
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

    private static BesideFigure Beside(Timing other, Timing time) =>
        new(other.Median, other.Minimum, Timing.Ratio(other, time), other.Minimum / time.Minimum);
}
