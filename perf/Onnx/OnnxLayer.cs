using System.Diagnostics;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Perf;

/// <summary>
/// A recurrent layer in ONNX Runtime with its state carried from call to call: two buffers of h and of c, each by turns the old and the
/// new one, so that nothing is copied. It runs in the way that is the fastest of bound and plain calls, with and without the arena.
/// </summary>
internal sealed class OnnxLayer : IDisposable
{
    private const double LeastMilliseconds = 5;

    private readonly List<IDisposable> _owned = [];
    private readonly AlignedBuffer<float>[] _h;
    private readonly AlignedBuffer<float>[] _c;
    private readonly AlignedBuffer<float>? _y;
    private readonly Action _run;
    private int _turn;

    public OnnxLayer(OnnxRuntime runtime, NetworkSpec spec, ReadOnlySpan<float> parameters, int steps, int batch)
    {
        int units = spec.Layers[0].HiddenSize;
        X = new AlignedBuffer<float>(steps * batch * spec.InputSize);
        Initialise.Uniform(X.Span, -1, 1, new RandomSource(1));
        _h = [new AlignedBuffer<float>(batch * units), new AlignedBuffer<float>(batch * units)];
        _c = [new AlignedBuffer<float>(batch * units), new AlignedBuffer<float>(batch * units)];
        _y = steps > 1 ? new AlignedBuffer<float>(steps * batch * units) : null;
        byte[] model = OnnxModel.Recurrent(spec, parameters, steps, batch);
        List<(string Form, Action Run)> forms = [];
        foreach (bool arena in new[] { true, false })
        {
            var session = new OnnxSession(runtime, model, arena);
            OnnxCall[] calls = [Call(session, spec, steps, batch, 0), Call(session, spec, steps, batch, 1)];
            _owned.AddRange([.. calls, session]);
            string suffix = arena ? string.Empty : ", no arena";
            forms.Add(("bound" + suffix, () => calls[_turn].RunBound()));
            forms.Add(("plain" + suffix, () => calls[_turn].RunPlain()));
        }

        (Form, _run) = Fastest(forms);
        Reset();
    }

    /// <summary>[steps, batch, I] what a call reads.</summary>
    public AlignedBuffer<float> X { get; }

    /// <summary>[steps, batch, H] what the last call computed.</summary>
    public AlignedBuffer<float> Y => _y ?? _h[_turn];

    /// <summary>The way of calling that was the fastest.</summary>
    public string Form { get; }

    /// <summary>The state is zero again.</summary>
    public void Reset()
    {
        _h[_turn].Span.Clear();
        _c[_turn].Span.Clear();
    }

    /// <summary>Runs all steps of one call.</summary>
    public void Run()
    {
        _run();
        _turn = 1 - _turn;
    }

    public void Dispose()
    {
        foreach (IDisposable thing in _owned)
        {
            thing.Dispose();
        }
    }

    private OnnxCall Call(OnnxSession session, NetworkSpec spec, int steps, int batch, int turn)
    {
        int units = spec.Layers[0].HiddenSize;
        var call = new OnnxCall(session);
        call.AddInput("X", X, steps, batch, spec.InputSize);
        call.AddInput("h", _h[turn], 1, batch, units);
        if (_y is not null)
        {
            call.AddOutput("Y", _y, steps, 1, batch, units);
        }

        call.AddOutput("newH", _h[1 - turn], 1, batch, units);
        if (spec.Layers[0].Cell == CellKind.Lstm)
        {
            call.AddInput("c", _c[turn], 1, batch, units);
            call.AddOutput("newC", _c[1 - turn], 1, batch, units);
        }

        return call;
    }

    // All forms forth and back; each by its fastest call, since whatever disturbs makes a call slower.
    private (string Form, Action Run) Fastest(List<(string Form, Action Run)> forms)
    {
        double[] least = new double[forms.Count];
        least.AsSpan().Fill(double.PositiveInfinity);
        for (int turn = 0; turn < 2 * forms.Count; turn++)
        {
            int i = turn < forms.Count ? turn : (2 * forms.Count) - 1 - turn;
            long start = Stopwatch.GetTimestamp();
            for (int calls = 0; calls == 0 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < LeastMilliseconds; calls++)
            {
                long from = Stopwatch.GetTimestamp();
                forms[i].Run();
                least[i] = Math.Min(least[i], Stopwatch.GetElapsedTime(from).TotalNanoseconds);
                _turn = 1 - _turn;
            }
        }

        return forms[Array.IndexOf(least, least.Min())];
    }
}
