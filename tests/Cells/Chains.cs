using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

/// <summary>
/// Draws chains: layers in any order, merges of directions, a layer that makes one row per sequence on top of some, layers above that one,
/// and skips anywhere. A chain that was drawn may be impossible; <see cref="ProblemShape.Legal"/> makes it possible.
/// </summary>
internal static class Chains
{
    private static readonly Gen<bool> _coin = Gen.Elements(false, true);

    /// <summary>A layer without a matrix that computes every row on its own.</summary>
    public static Gen<LayerSpec> RowLayer(Gen<ActivationSpec> activations) =>
        from kind in Gen.Choose(0, 4)
        from scale in _coin
        from shift in _coin
        from epsilon in Gen.Elements(0.01, 0.5)
        from activation in activations
        from normalization in Gen.Elements(Enum.GetValues<Normalization>())
        select kind switch
        {
            0 => (LayerSpec)new AffineLayer { Scale = scale || !shift, Shift = shift },
            1 => new NormalizationLayer(FeatureNormalization.Layer) { Epsilon = epsilon, Scale = scale, Shift = shift },
            2 => new NormalizationLayer(FeatureNormalization.RootMeanSquare) { Epsilon = epsilon, Scale = scale, Shift = shift },
            3 => new ActivationLayer(activation) { Normalization = normalization },
            _ => new PReluLayer(),
        };

    /// <summary>Chains of 1 to 3 of the lower layers, with whatever may be beside and above them.</summary>
    /// <param name="lower">A layer of steps.</param>
    /// <param name="upper">A layer of steps or of one row per sequence.</param>
    /// <param name="whole">True for layers that need whole sequences among the poolings.</param>
    public static Gen<LayerSpec[]> Of(Gen<LayerSpec> lower, Gen<LayerSpec> upper, bool whole) =>
        from layers in Gen.Choose(1, 3).SelectMany(count => lower.ArrayOf(count))
        from merges in Gen.Choose(0, 8).ArrayOf(3)
        from pooling in Gen.Frequency((2, Gen.Constant<LayerSpec?>(null)), (3, Pooling(whole)))
        from above in Gen.Choose(0, 2).SelectMany(count => upper.ArrayOf(count))
        from skips in Gen.Elements(0, 0, 1, 2).SelectMany(count => _skip.ArrayOf(count))
        select Chain(layers, merges, pooling, above, skips);

    private static Gen<LayerSpec?> Pooling(bool whole) =>
        from kind in Gen.Choose(0, whole ? 5 : 3)
        from pooling in Gen.Elements(Enum.GetValues<Pooling>())
        from step in Gen.Choose(0, 3)
        from allLayers in _coin
        from cells in _coin
        select kind switch
        {
            < 2 => (LayerSpec?)new PoolLayer(pooling),
            < 4 => new FinalStateLayer { AllLayers = allLayers, Cells = cells },
            4 => new StepLayer(step),
            _ => new AttentionLayer(),
        };

    // A skip, and its place in quarters of the chain.
    private static readonly Gen<(SkipLayer Skip, int Quarter)> _skip =
        from start in Gen.Choose(0, 5)
        from scale in Gen.Elements(Enum.GetValues<SkipScale>())
        from features in Gen.Elements(0, 0, 0, 1, 3)
        from quarter in Gen.Choose(1, 4)
        select (new SkipLayer(start) { Scale = scale, Features = features }, quarter);

    // Merges of each bidirectional layer: 0 to 2 for one directly behind it, 3 to 5 for one behind the pooling above it, else none.
    private static LayerSpec[] Chain(
        LayerSpec[] layers, int[] merges, LayerSpec? pooling, LayerSpec[] above, (SkipLayer Skip, int Quarter)[] skips)
    {
        List<LayerSpec> chain = [];
        for (int i = 0; i < layers.Length; i++)
        {
            chain.Add(layers[i]);
            if (layers[i] is RecurrentLayer { Bidirectional: true } && merges[i] < 3)
            {
                chain.Add(new MergeLayer((DirectionMerge)merges[i]));
            }
        }

        if (pooling is FinalStateLayer final)
        {
            ReadFrom(chain, final);
        }

        if (pooling is not null)
        {
            bool mergeable = chain[^1] is RecurrentLayer { Bidirectional: true };
            chain.Add(pooling);
            if (mergeable && merges[layers.Length - 1] is >= 3 and < 6 and int merge)
            {
                chain.Add(new MergeLayer((DirectionMerge)(merge - 3)));
            }
        }

        chain.AddRange(above);
        foreach ((SkipLayer skip, int quarter) in skips)
        {
            chain.Insert(chain.Count * quarter / 4, skip with { From = skip.From % chain.Count });
        }

        return [.. chain];
    }

    // Makes the layers such that their final states can be read: the top one is recurrent, and those whose c is read are LSTMs.
    private static void ReadFrom(List<LayerSpec> chain, FinalStateLayer final)
    {
        int top = chain.FindLastIndex(layer => layer is RecurrentLayer);
        if (top < 0)
        {
            return;
        }

        LayerSpec last = chain[top];
        chain.RemoveAt(top);
        chain.Add(last);
        for (int i = 0; i < chain.Count && final.Cells; i++)
        {
            if (chain[i] is RecurrentLayer recurrent && (final.AllLayers || i == chain.Count - 1))
            {
                chain[i] = recurrent with { Cell = CellKind.Lstm };
            }
        }
    }
}
