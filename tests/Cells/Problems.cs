using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

/// <summary>Draws problems of every cell, variant, chain, direction, size, length, initial state and loss.</summary>
internal static class Problems
{
    // Of finite differences, for a problem to be small.
    private const long MostOperations = 6_000_000;

    // Mostly below the widest register of doubles, sometimes well above, so that both the SIMD bodies and their tails run.
    private static readonly Gen<int> _size = Gen.Frequency((6, Gen.Choose(1, 7)), (1, Gen.Choose(8, 20)));

    private static readonly Gen<bool> _coin = Gen.Elements(false, true);

    // Mostly the usual activation, so that the cells that are compiled ahead are drawn as often as the others.
    private static readonly Gen<ActivationSpec?> _activation =
        Gen.Frequency(
            (5, Gen.Constant<ActivationSpec?>(null)),
            (2, Gen.Elements(Variants.Activations.ToArray()).Select(f => (ActivationSpec?)f)));

    // No exponential of a sum over the steps, which nothing limits.
    private static readonly Gen<ActivationSpec?> _output = _activation.Select(f => f?.Kind == ActivationKind.Exp ? ActivationKind.Mish : f);

    private static readonly Gen<RecurrentLayer> _plainLayer =
        from cell in Gen.Elements(CellKind.Elman, CellKind.Elman, CellKind.Lstm, CellKind.GruResetAfter, CellKind.GruResetBefore)
        from hiddenSize in _size
        from directions in Gen.Elements(0, 0, 0, 1, 2, 2)
        from bias in Gen.Elements(true, true, false)
        from projectionSize in Gen.Frequency((1, Gen.Constant(0)), (1, Gen.Choose(1, 6)))
        from trainedStart in Gen.Elements(true, false, false)
        from activation in Gen.Elements(Variants.Activations.ToArray())
        select new RecurrentLayer(cell, hiddenSize)
        {
            Bidirectional = directions == 2,
            Reverse = directions == 1,
            Bias = bias,
            ProjectionSize = cell == CellKind.Lstm ? projectionSize : 0,
            TrainableInitialState = trainedStart,
            Activation = cell == CellKind.Elman ? activation : ActivationKind.Tanh,
        };

    private static readonly Gen<RecurrentLayer> _anyLayer =
        from layer in _plainLayer
        from peepholes in Gen.Elements(true, false, false)
        from coupled in Gen.Elements(true, false, false)
        from clip in Gen.Elements(0.5, 1, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity)
        from activation in _activation
        from gate in _activation
        from output in _output
        let lstm = layer.Cell == CellKind.Lstm
        let gates = layer.Cell == CellKind.Elman ? null : gate
        from own in _coin
        from reverseActivation in _activation
        from reverseGate in _activation
        from reverseOutput in _output
        let reverseGates = layer.Cell == CellKind.Elman ? null : reverseGate
        let hasOwn = layer.Bidirectional && own
        select layer with
        {
            Peepholes = lstm && peepholes,
            CoupledGates = lstm && coupled,
            Activation = activation ?? layer.Activation,
            GateActivation = gates ?? ActivationKind.Sigmoid,
            OutputActivation = lstm ? output ?? ActivationKind.Tanh : ActivationKind.Tanh,

            ReverseActivations = hasOwn
                ? new LayerActivations(
                    reverseActivation ?? ActivationKind.Tanh,
                    reverseGates ?? ActivationKind.Sigmoid,
                    lstm ? reverseOutput ?? ActivationKind.Tanh : ActivationKind.Tanh)
                : null,

            // Gates above 1 make states grow with the steps.
            Clip = StaysBelow1(gates) && (!hasOwn || StaysBelow1(reverseGates)) ? clip : Math.Min(clip, 1),
        };

    private static readonly Gen<LayerSpec> _recurrentLayer =
        _anyLayer.Select(layer => (LayerSpec)(Variants.Explodes(layer) ? layer with { Clip = Math.Min(layer.Clip, 1) } : layer));

    private static readonly Gen<LayerSpec> _denseLayer =
        from size in _size
        from bias in Gen.Elements(true, true, false)
        from activation in Gen.Elements(Variants.Activations.ToArray())
        select (LayerSpec)new DenseLayer(size) { Bias = bias, Activation = activation };

    private static readonly Gen<LayerSpec> _rowLayer = Chains.RowLayer(_output.Select(f => f ?? ActivationKind.Identity));

    private static readonly Gen<LayerSpec[]> _chain = Chains.Of(
        Gen.Frequency((3, _recurrentLayer), (1, _denseLayer), (1, _rowLayer)),
        Gen.Frequency((2, _denseLayer), (1, _rowLayer)),
        whole: true);

    // Shapes for forward runs: any activation.
    private static readonly Gen<ProblemShape> _shapes =
        from inputSize in _size
        from layers in _chain
        from steps in Gen.Frequency((1, Gen.Constant(0)), (14, Gen.Choose(1, 8)))
        from batch in Gen.Frequency((1, Gen.Constant(0)), (14, Gen.Choose(1, 4)))
        from lengths in Gen.Choose(0, steps).ArrayOf(batch)
        from ragged in Gen.Elements(true, true, false)
        from initialState in Gen.Elements(true, true, false)
        from loss in Gen.Elements(Enum.GetValues<ProblemLoss>())
        from seed in Gen.Choose(0, int.MaxValue)
        let shape = new ProblemShape(
            inputSize,
            Tamed(layers),
            steps,
            ragged ? lengths : Array.ConvertAll(lengths, _ => steps),
            initialState,
            loss,
            seed)
        select shape.Legal;

    /// <summary>Sizes beyond those drawn: inner sizes above the 256 that a product sums in one go, columns for its widest tiles.</summary>
    public static IReadOnlyList<ProblemShape> Large { get; } =
    [
        new(3, [new RecurrentLayer(CellKind.GruResetBefore, 260), new DenseLayer(2)], 1, [0, 1], true, ProblemLoss.Linear, 1),
        new(2, [new RecurrentLayer(CellKind.Lstm, 3) { ProjectionSize = 2 }], 20, Lengths(18, 20), true, ProblemLoss.Linear, 2),
        new(68, [new RecurrentLayer(CellKind.GruResetAfter, 34)], 2, [2, 1, 2, 0, 2], true, ProblemLoss.MeanSquaredError, 3),
        new(
            33,
            [new RecurrentLayer(CellKind.GruResetBefore, 67), new FinalStateLayer(), new DenseLayer(65)],
            1,
            [1, 1, 1, 0, 1],
            true,
            ProblemLoss.Linear,
            4),
        new(
            66,
            [
                new DenseLayer(67) { Activation = ActivationKind.Tanh },
                new RecurrentLayer(CellKind.Elman, 33) { Reverse = true },
                new FinalStateLayer(),
                new DenseLayer(34) { Activation = ActivationKind.Softplus },
                new DenseLayer(35),
                new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.LogSoftmax },
            ],
            2,
            [2, 1, 2, 0, 2],
            true,
            ProblemLoss.Linear,
            5),
        .. ((LayerSpec[])[.. Enum.GetValues<Pooling>().Select(kind => new PoolLayer(kind)), new StepLayer(7), new AttentionLayer()])
            .Select((pooling, i) => new ProblemShape(
                35,
                [new RecurrentLayer(CellKind.Lstm, 67) { ProjectionSize = 35 }, new SkipLayer(0) { Scale = SkipScale.PerFeature }, pooling],
                9,
                Lengths(18, 9),
                true,
                ProblemLoss.MeanSquaredError,
                6 + i)),
    ];

    private static IEnumerable<Problem> Shrink(Problem problem) =>
        problem.Shape.Smaller().Select(Problem.AwayFromKinks).OfType<Problem>();

    // The exponential of a dense layer is of the inputs only, which are small.
    private static LayerSpec[] Tamed(LayerSpec[] layers) =>
    [
        layers[0],
        .. layers[1..].Select(layer => layer is DenseLayer dense && Variants.Explodes(layer)
            ? dense with { Activation = ActivationKind.Gelu }
            : layer),
    ];

    private static bool StaysBelow1(ActivationSpec? gates) => gates?.Kind is null or ActivationKind.Sigmoid or ActivationKind.HardSigmoid;

    // Of slightly different length, so that rows stay together but not all of them.
    private static int[] Lengths(int batch, int steps) => [.. Enumerable.Range(0, batch).Select(b => steps - (b % 5))];

    private static Gen<Problem> SmoothBelow(long operations) =>
        _shapes
            .Where(shape => Array.TrueForAll(shape.Layers, Variants.HasGradients))
            .Where(shape => Operations(shape) <= operations)
            .Select(Problem.AwayFromKinks)
            .Where(problem => problem is not null)
            .Select(problem => problem!);

    // With dropout between layers, recurrent or both.
    private static Gen<Problem> Dropped(Gen<Problem> problems) =>
        from problem in problems
        from between in Gen.Elements(0, 0.2, 0.6)
        from recurrent in Gen.Elements(0, 0.2, 0.6)
        where between + recurrent > 0
        let dropped = Problem.AwayFromKinks(problem.Shape with { Between = between, Recurrent = recurrent })
        where dropped is not null
        select dropped;

    private static long Operations(ProblemShape shape)
    {
        long parameters = new NetworkSpec(shape.InputSize, shape.Layers).Parameters.Count;
        return 2 * parameters * parameters * (shape.Steps * shape.Lengths.Length);
    }

    /// <summary>Shapes for forward runs: any activation.</summary>
    public static class Shapes
    {
        public static Arbitrary<ProblemShape> Draws() => Arb.From(_shapes, shape => shape.Smaller());
    }

    /// <summary>Problems that can be differentiated: without hard steps; a problem too close to a kink is drawn again.</summary>
    public static class Smooth
    {
        public static Arbitrary<Problem> Draws() => Arb.From(SmoothBelow(int.MaxValue), Shrink);
    }

    /// <summary>Smooth problems that a stream can run through.</summary>
    public static class SmoothStreams
    {
        public static Arbitrary<Problem> Draws() =>
            Smooth.Draws().Filter(problem => Array.TrueForAll(problem.Shape.Layers, Variants.IsStreaming));
    }

    /// <summary>
    /// Problems like <see cref="Smooth"/>, small enough for finite differences, which take two forward passes for every number.
    /// </summary>
    public static class Small
    {
        public static Arbitrary<Problem> Draws() => Arb.From(SmoothBelow(MostOperations), Shrink);
    }

    /// <summary>Smooth problems with dropout: between layers, recurrent or both.</summary>
    public static class SmoothDropped
    {
        public static Arbitrary<Problem> Draws() => Arb.From(Dropped(SmoothBelow(int.MaxValue)), Shrink);
    }

    /// <summary>Small problems with dropout: between layers, recurrent or both.</summary>
    public static class SmallDropped
    {
        public static Arbitrary<Problem> Draws() => Arb.From(Dropped(SmoothBelow(MostOperations)), Shrink);
    }
}
