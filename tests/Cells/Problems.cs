using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

/// <summary>Draws problems of every cell, variant, stack, direction, head, size, length, initial state and loss.</summary>
internal static class Problems
{
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

    private static readonly Gen<LayerSpec> _rowLayer =
        from kind in Gen.Choose(0, 4)
        from scale in _coin
        from shift in _coin
        from epsilon in Gen.Elements(0.01, 0.5)
        from activation in _output
        from normalization in Gen.Elements(Enum.GetValues<Normalization>())
        select kind switch
        {
            0 => (LayerSpec)new AffineLayer { Scale = scale || !shift, Shift = shift },
            1 => new NormalizationLayer(FeatureNormalization.Layer) { Epsilon = epsilon, Scale = scale, Shift = shift },
            2 => new NormalizationLayer(FeatureNormalization.RootMeanSquare) { Epsilon = epsilon, Scale = scale, Shift = shift },
            3 => new ActivationLayer(activation ?? ActivationKind.Identity) { Normalization = normalization },
            _ => new PReluLayer(),
        };

    private static readonly Gen<LayerSpec> _layer = Gen.Frequency((3, _recurrentLayer), (1, _denseLayer), (1, _rowLayer));

    // Merges behind some of the bidirectional layers: 0 to 2 for a merge, else none.
    private static LayerSpec[] Merged(LayerSpec[] layers, int[] merges) =>
    [
        .. layers.SelectMany((layer, i) => layer is RecurrentLayer { Bidirectional: true } && merges[i] <= 2
            ? new LayerSpec[] { layer, new MergeLayer((DirectionMerge)merges[i]) }
            : [layer]),
    ];

    private static readonly Gen<HeadSpec?> _head =
        from kind in Gen.Choose(0, 3)
        from outputSize in _size
        from bias in _coin
        from activation in _output
        from skip in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from normalization in Gen.Frequency((3, Gen.Constant(Normalization.None)), (2, Gen.Elements(Enum.GetValues<Normalization>())))
        select kind == 0
            ? null
            : new HeadSpec(outputSize, (HeadPosition)(kind - 1))
            {
                Bias = bias,
                Activation = activation ?? ActivationKind.Identity,
                Normalization = normalization,
                Skip = skip,
            };

    /// <summary>Shapes for forward runs: any activation.</summary>
    public static Gen<ProblemShape> Shapes { get; } =
        from inputSize in _size
        from layers in Gen.Choose(1, 3).SelectMany(count => _layer.ArrayOf(count))
        from merges in Gen.Choose(0, 4).ArrayOf(3)
        from head in _head
        from steps in Gen.Frequency((1, Gen.Constant(0)), (14, Gen.Choose(1, 8)))
        from batch in Gen.Frequency((1, Gen.Constant(0)), (14, Gen.Choose(1, 4)))
        from lengths in Gen.Choose(0, steps).ArrayOf(batch)
        from ragged in Gen.Elements(true, true, false)
        from initialState in Gen.Elements(true, true, false)
        from loss in Gen.Elements(Enum.GetValues<ProblemLoss>())
        from seed in Gen.Choose(0, int.MaxValue)
        let shape = new ProblemShape(
            inputSize,
            Merged(Tamed(layers), merges),
            head,
            steps,
            ragged ? lengths : Array.ConvertAll(lengths, _ => steps),
            initialState,
            loss,
            seed)
        select shape.Legal;

    /// <summary>Problems that can be differentiated: without hard steps; a problem too close to a kink is drawn again.</summary>
    public static Gen<Problem> Smooth { get; } = SmoothBelow(int.MaxValue);

    /// <summary>
    /// Problems like <see cref="Smooth"/>, small enough for finite differences, which take two forward passes for every number.
    /// </summary>
    public static Gen<Problem> Small { get; } = SmoothBelow(6_000_000);

    /// <summary>The problems with dropout: between layers, recurrent or both.</summary>
    public static Gen<Problem> Dropped(Gen<Problem> problems) =>
        from problem in problems
        from between in Gen.Elements(0, 0.2, 0.6)
        from recurrent in Gen.Elements(0, 0.2, 0.6)
        where between + recurrent > 0
        let dropped = Problem.AwayFromKinks(problem.Shape with { Between = between, Recurrent = recurrent })
        where dropped is not null
        select dropped;

    /// <summary>Sizes beyond those drawn: inner sizes above the 256 that a product sums in one go, columns for its widest tiles.</summary>
    public static IReadOnlyList<ProblemShape> Large { get; } =
    [
        new(3, [new RecurrentLayer(CellKind.GruResetBefore, 260)], new(2, HeadPosition.EveryStep), 1, [0, 1], true, ProblemLoss.Linear, 1),
        new(2, [new RecurrentLayer(CellKind.Lstm, 3) { ProjectionSize = 2 }], null, 20, Lengths(18, 20), true, ProblemLoss.Linear, 2),
        new(68, [new RecurrentLayer(CellKind.GruResetAfter, 34)], null, 2, [2, 1, 2, 0, 2], true, ProblemLoss.MeanSquaredError, 3),
        new(
            33,
            [new RecurrentLayer(CellKind.GruResetBefore, 67)],
            new(65, HeadPosition.LastStep),
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
                new DenseLayer(34) { Activation = ActivationKind.Softplus },
            ],
            new(35, HeadPosition.LastStep) { Normalization = Normalization.LogSoftmax },
            2,
            [2, 1, 2, 0, 2],
            true,
            ProblemLoss.Linear,
            5),
    ];

    public static IEnumerable<Problem> Shrink(Problem problem) => problem.Shape.Smaller().Select(Problem.AwayFromKinks).OfType<Problem>();

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
        Shapes
            .Where(shape => Array.TrueForAll(shape.Layers, Variants.HasGradients) && shape.Head?.Activation != ActivationKind.HardStep)
            .Where(shape => Operations(shape) <= operations)
            .Select(Problem.AwayFromKinks)
            .Where(problem => problem is not null)
            .Select(problem => problem!);

    private static long Operations(ProblemShape shape)
    {
        long parameters = new NetworkSpec(shape.InputSize, shape.Layers, shape.Head).Parameters.Count;
        return 2 * parameters * parameters * (shape.Steps * shape.Lengths.Length);
    }
}
