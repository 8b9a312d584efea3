namespace SpanRnn.Tests;

/// <summary>Wrong arguments: the exception, its text, and no memory written before it.</summary>
public class NetworkArgumentTests
{
    private const double Canary = 0.25;

    private static readonly int[] _lengths = [2, 3];

    private static readonly NetworkSpec _spec = new(
        3,
        new RecurrentLayer(CellKind.Lstm, 5) { ProjectionSize = 2 },
        new RecurrentLayer(CellKind.GruResetBefore, 4),
        new DenseLayer(2));

    private static readonly Network<double> _network = new(_spec);

    private delegate void Call(Memory<double>[] spans);

    [Fact]
    public void Forward_refuses_wrong_lengths_and_shared_memory()
    {
        SequenceLayout layout = Layout();
        Refuses(
            [
                new("parameters", _spec.Parameters.Length, false),
                new("x", 3 * 2 * 3, false),
                new("state", 2 * _spec.StateSize, true),
                new("y", 3 * 2 * 2, true),
                new("tape", _network.TapeLength(layout), true),
                new("workspace", _network.WorkspaceLength(layout), true),
            ],
            m => _network.Forward(m[0].Span, layout, m[1].Span, m[2].Span, m[3].Span, m[4].Span, m[5].Span));
    }

    [Fact]
    public void Backward_refuses_wrong_lengths_and_shared_memory()
    {
        SequenceLayout layout = Layout();
        Refuses(
            [
                new("parameters", _spec.Parameters.Length, false),
                new("tape", _network.TapeLength(layout), false),
                new("buffers.Dy", 3 * 2 * 2, false),
                new("buffers.DState", 2 * _spec.StateSize, true),
                new("buffers.Dx", 3 * 2 * 3, true),
                new("buffers.Gradients", _spec.Parameters.Length, true),
                new("workspace", _network.WorkspaceLength(layout), true),
            ],
            m => _network.Backward(
                m[0].Span,
                layout,
                m[1].Span,
                new() { Dy = m[2].Span, DState = m[3].Span, Dx = m[4].Span, Gradients = m[5].Span },
                m[6].Span));
    }

    [Fact]
    public void A_missing_layout_or_description_is_named()
    {
        Assert.Equal("spec", Assert.Throws<ArgumentNullException>(() => new Network<double>(null!)).ParamName);
        Assert.All<Action>(
            [
                () => _network.TapeLength(null!),
                () => _network.WorkspaceLength(null!),
                () => _network.Forward([], null!, [], [], [], [], []),
                () => _network.Backward([], null!, [], new() { Dy = [], DState = [], Gradients = [] }, []),
            ],
            call => Assert.Equal("layout", Assert.Throws<ArgumentNullException>(call).ParamName));
    }

    [Fact]
    public void A_negative_batch_is_refused()
    {
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => _network.StateLength(-1));
        Assert.Equal("batch", e.ParamName);
        Assert.StartsWith("'batch' is -1, expected 0 or more.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_beyond_an_array_overflow()
    {
        var layout = new SequenceLayout();
        layout.Set(1, int.MaxValue / 64);
        var wide = new Network<double>(
            new NetworkSpec(100, new RecurrentLayer(CellKind.Lstm, 100), new FinalStateLayer(), new DenseLayer(100)));
        Assert.Throws<OverflowException>(() => wide.StateLength(int.MaxValue));
        Assert.Throws<OverflowException>(() => wide.Spec.InputLength(layout.Steps, layout.Batch));
        Assert.Throws<OverflowException>(() => wide.Spec.OutputLength(layout.Steps, layout.Batch));
        Assert.Throws<OverflowException>(() => wide.TapeLength(layout));
        Assert.Throws<OverflowException>(() => wide.WorkspaceLength(layout));
    }

    [Fact]
    public void Other_element_types_are_refused() =>
        Assert.StartsWith(
            "The element type is Half, expected Single or Double.",
            Assert.Throws<NotSupportedException>(() => new Network<Half>(_spec)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_hard_step_has_no_backward()
    {
        var spec = new NetworkSpec(
            3, [new RecurrentLayer(CellKind.Lstm, 2), new RecurrentLayer(CellKind.Elman, 2) { Activation = ActivationKind.HardStep }]);
        var run = new NetworkRun<double>(spec, 3, _lengths);
        run.Forward();
        run.DState.AsSpan().Fill(Canary);
        run.DX.AsSpan().Fill(Canary);
        run.Gradients.AsSpan().Fill(Canary);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(run.Backward);
        Assert.StartsWith("Layer 1 has the activation HardStep, expected an activation", e.Message, StringComparison.Ordinal);
        Assert.All(run.Gradient(), d => Assert.Equal(Canary, d));

        var elman = new RecurrentLayer(CellKind.Elman, 2);
        LayerActivations hard = new(ActivationKind.HardStep, ActivationKind.Sigmoid, ActivationKind.Tanh);
        (string What, NetworkSpec Spec)[] others =
        [
            ("Layer 1", new NetworkSpec(3, elman, new ActivationLayer(ActivationKind.HardStep))),
            ("Layer 0", new NetworkSpec(3, elman with { Bidirectional = true, ReverseActivations = hard })),
            ("Layer 1", new NetworkSpec(3, [elman, new DenseLayer(2) { Activation = ActivationKind.HardStep }])),
        ];
        foreach ((string what, NetworkSpec other) in others)
        {
            var stepped = new NetworkRun<double>(other, 3, _lengths);
            stepped.Forward();
            e = Assert.Throws<InvalidOperationException>(stepped.Backward);
            Assert.StartsWith($"{what} has the activation HardStep, expected an activation", e.Message, StringComparison.Ordinal);
        }
    }

    private static SequenceLayout Layout()
    {
        var layout = new SequenceLayout();
        layout.Set(3, _lengths);
        return layout;
    }

    /// <summary>
    /// The call runs on its arguments as they should be. Each of them one shorter and one longer, and each output sharing one number with
    /// each other argument, is refused with a sentence, and no memory has changed.
    /// </summary>
    private static void Refuses(Argument[] arguments, Call call)
    {
        call(Fresh(arguments));
        for (int i = 0; i < arguments.Length; i++)
        {
            Argument argument = arguments[i];
            foreach (int length in (int[])[argument.Length - 1, argument.Length + 1])
            {
                Memory<double>[] spans = Fresh(arguments);
                spans[i] = New(length);
                ArgumentException e = Refused(call, spans);
                Assert.Equal(argument.Name, e.ParamName);
                Assert.StartsWith(
                    $"'{argument.Name}' has {length} elements, expected {argument.Length} = ", e.Message, StringComparison.Ordinal);
            }

            for (int j = 0; j < arguments.Length && argument.Output; j++)
            {
                if (i != j)
                {
                    Memory<double>[] spans = Fresh(arguments);
                    Memory<double> shared = New(argument.Length + arguments[j].Length - 1);
                    spans[i] = shared[..argument.Length];
                    spans[j] = shared[(argument.Length - 1)..];
                    ArgumentException e = Refused(call, spans);
                    Assert.True(e.ParamName == argument.Name || e.ParamName == arguments[j].Name, e.Message);
                    Assert.Contains("shares memory with", e.Message, StringComparison.Ordinal);
                    Assert.Contains($"'{argument.Name}'", e.Message, StringComparison.Ordinal);
                    Assert.Contains($"'{arguments[j].Name}'", e.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    private static ArgumentException Refused(Call call, Memory<double>[] spans)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => call(spans));
        Assert.All(spans, span => Assert.True(span.Span.IndexOfAnyExcept(Canary) < 0, "Written before it was refused: " + e.Message));
        return e;
    }

    private static Memory<double>[] Fresh(Argument[] arguments) => Array.ConvertAll(arguments, argument => New(argument.Length));

    private static Memory<double> New(int length)
    {
        double[] values = new double[length];
        values.AsSpan().Fill(Canary);
        return values;
    }

    private sealed record Argument(string Name, int Length, bool Output);
}
