namespace SpanRnn.Perf;

/// <summary>
/// A recurrent layer in ONNX Runtime, with its state carried from call to call. h and c have two buffers each, which are the old and the
/// new one in turn, so that nothing is copied. The layer runs in the fastest way of its sessions.
/// </summary>
internal sealed class OnnxLayer : IDisposable
{
    private readonly IOnnxSession[] _sessions;
    private readonly AlignedBuffer<float>[] _h;
    private readonly AlignedBuffer<float>[] _c;
    private readonly AlignedBuffer<float>? _y;
    private int _turn;

    public OnnxLayer(
        NetworkSpec spec, ReadOnlySpan<float> parameters, int steps, int batch, Func<byte[], IOnnxSession[]> open)
    {
        int units = ((RecurrentLayer)spec.Layers[0]).HiddenSize;
        X = new AlignedBuffer<float>(steps * batch * spec.InputSize);
        new RandomSource(1).Fill(X.Span, -1, 1);
        _h = [new AlignedBuffer<float>(batch * units), new AlignedBuffer<float>(batch * units)];
        _c = [new AlignedBuffer<float>(batch * units), new AlignedBuffer<float>(batch * units)];
        _y = steps > 1 ? new AlignedBuffer<float>(steps * batch * units) : null;
        _sessions = open(OnnxModel.Recurrent(spec, parameters, steps, batch));
        (Form, Run) = OnnxForms.Fastest([.. _sessions.SelectMany(session => Forms(session, spec, steps, batch))]);
        Reset();
    }

    /// <summary>[steps, batch, I] input of a call.</summary>
    public AlignedBuffer<float> X { get; }

    /// <summary>[steps, batch, H] output of the last call.</summary>
    public AlignedBuffer<float> Y => _y ?? _h[_turn];

    /// <summary>Fastest way of calling.</summary>
    public string Form { get; }

    /// <summary>Runs all steps of one call.</summary>
    public Action Run { get; }

    /// <summary>Sets the state to zero.</summary>
    public void Reset()
    {
        _h[_turn].Span.Clear();
        _c[_turn].Span.Clear();
    }

    public void Dispose()
    {
        foreach (IOnnxSession session in _sessions)
        {
            session.Dispose();
        }
    }

    private IEnumerable<(string Form, Action Run)> Forms(IOnnxSession session, NetworkSpec spec, int steps, int batch)
    {
        (string Form, Action Run)[] even = Call(session, spec, steps, batch, 0);
        (string Form, Action Run)[] odd = Call(session, spec, steps, batch, 1);
        return even.Zip(odd, (first, second) => (first.Form, (Action)(() =>
        {
            (_turn == 0 ? first : second).Run();
            _turn = 1 - _turn;
        })));
    }

    private (string Form, Action Run)[] Call(IOnnxSession session, NetworkSpec spec, int steps, int batch, int turn)
    {
        int units = ((RecurrentLayer)spec.Layers[0]).HiddenSize;
        List<OnnxTensor<float>> inputs = [new("X", X, steps, batch, spec.InputSize), new("h", _h[turn], 1, batch, units)];
        List<OnnxTensor<float>> outputs = [new("newH", _h[1 - turn], 1, batch, units)];
        if (_y is not null)
        {
            outputs.Add(new("Y", _y, steps, 1, batch, units));
        }

        if (((RecurrentLayer)spec.Layers[0]).Cell == CellKind.Lstm)
        {
            inputs.Add(new("c", _c[turn], 1, batch, units));
            outputs.Add(new("newC", _c[1 - turn], 1, batch, units));
        }

        return session.Call([.. inputs], [.. outputs]);
    }
}
