using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

/// <summary>Draws networks for packed inference: sizes on both sides of every panel, every cell, chain and direction.</summary>
internal static class PackedProblems
{
    private static readonly Gen<int> _size = Gen.Frequency((2, Gen.Choose(1, 9)), (3, Gen.Choose(10, 70)));

    private static readonly Gen<bool> _coin = Gen.Elements(false, true);

    // No exponential of a sum over the steps, which nothing limits.
    private static readonly Gen<ActivationSpec> _activation = Gen.Frequency(
        (2, Gen.Constant<ActivationSpec>(ActivationKind.Identity)),
        (1, Gen.Elements(Variants.Activations.Where(activation => activation.Kind != ActivationKind.Exp).ToArray())));

    private static readonly Gen<LayerSpec> _rowLayer = Chains.RowLayer(_activation);

    private static readonly Gen<LayerSpec> _denseLayer =
        from size in _size
        from activation in _activation
        from bias in _coin
        select (LayerSpec)new DenseLayer(size) { Activation = activation, Bias = bias };

    public static IReadOnlyList<WeightPrecision> Precisions { get; } = Enum.GetValues<WeightPrecision>();

    /// <summary>Every kind of recurrent layer, at one size.</summary>
    public static IReadOnlyList<RecurrentLayer> Layers(int size) =>
    [
        .. Variants.Activations.Select(activation => new RecurrentLayer(CellKind.Elman, size)
        {
            Activation = activation,
            Clip = activation == ActivationKind.Exp ? 1 : double.PositiveInfinity,
        }),
        new RecurrentLayer(CellKind.Lstm, size),
        new RecurrentLayer(CellKind.Lstm, size) { ProjectionSize = Math.Max(1, size / 2) },
        new RecurrentLayer(CellKind.GruResetAfter, size),
        new RecurrentLayer(CellKind.GruResetBefore, size),
        .. Variants.Unusual(size),
    ];

    /// <summary>
    /// Chains with rows of one size for every kind of layer that a stream runs through: recurrent layers, a dense layer with one of the
    /// activations in turn, and the others above one of these.
    /// </summary>
    public static IReadOnlyList<LayerSpec[]> Kinds(int size) =>
    [
        .. Layers(size).Select(layer => (LayerSpec[])[layer]),
        [Dense(size, size)],
        .. Variants.RowLayers.Select(layer => (LayerSpec[])[new DenseLayer(size), layer]),
        .. Enum.GetValues<Pooling>().Select(kind => (LayerSpec[])[new RecurrentLayer(CellKind.Elman, size), new PoolLayer(kind)]),
        [new RecurrentLayer(CellKind.Lstm, size), new FinalStateLayer { Cells = true }],
        .. Enum.GetValues<SkipScale>().Select(scale => (LayerSpec[])
        [
            new DenseLayer(size), new RecurrentLayer(CellKind.Elman, size), new SkipLayer(1) { Scale = scale },
        ]),
    ];

    // 0: forward; 1: in reverse; 2: both ways; 3: both, each with activations of its own.
    private static Arbitrary<Problem> Of(Gen<int> directions, bool whole) => Arb.From(
        from inputSize in _size
        from layers in Chains.Of(
            Gen.Frequency((4, Layer(directions)), (1, _rowLayer)), Gen.Frequency((1, _denseLayer), (1, _rowLayer)), whole)
        from steps in Gen.Choose(0, 5)
        from batch in Gen.Frequency((1, Gen.Constant(0)), (12, Gen.Choose(1, 5)), (2, Gen.Choose(6, 19)))
        from lengths in Gen.Choose(0, steps).ArrayOf(batch)
        from ragged in _coin
        from initialState in _coin
        from seed in Gen.Choose(0, int.MaxValue)
        let shape = new ProblemShape(
            inputSize,
            layers,
            steps,
            ragged ? lengths : Array.ConvertAll(lengths, _ => steps),
            initialState,
            ProblemLoss.Linear,
            seed)
        select new Problem(shape.Legal),
        problem => problem.Shape.Smaller().Select(shape => new Problem(shape)));

    private static Gen<LayerSpec> Layer(Gen<int> directions) =>
        from size in _size
        from kind in Gen.Elements(Enumerable.Range(0, Layers(1).Count).ToArray())
        from dense in Gen.Elements(true, false, false, false)
        from projectionSize in _size
        from direction in directions
        from bias in Gen.Elements(true, true, false)
        let layer = Layers(size)[kind]
        select dense
            ? (LayerSpec)(Dense(size, kind) with { Bias = bias })
            : layer with
            {
                Bidirectional = direction > 1,
                Reverse = direction == 1,
                ReverseActivations = direction == 3 ? Variants.Other(layer.Cell) : null,
                Bias = bias,
                ProjectionSize = layer.ProjectionSize > 0 ? projectionSize : 0,
            };

    private static DenseLayer Dense(int size, int activation) =>
        new(size) { Activation = Variants.Activations[activation % Variants.Activations.Count] };

    /// <summary>Networks that a stream can run through.</summary>
    public static class Streams
    {
        public static Arbitrary<Problem> Draws() => Of(Gen.Constant(0), whole: false);
    }

    /// <summary>Networks of layers in either direction or in both, and of layers that need whole sequences.</summary>
    public static class All
    {
        public static Arbitrary<Problem> Draws() => Of(Gen.Choose(0, 3), whole: true);
    }
}
