using System.Diagnostics;

namespace SpanRnn.Tests;

/// <summary>A function from outputs to a loss. The final states always enter through a linear functional.</summary>
internal enum ProblemLoss
{
    Linear,
    MeanSquaredError,
    SoftmaxCrossEntropy,
    BinaryCrossEntropy,
}

/// <summary>A random problem without its numbers, which follow from <see cref="Seed"/>.</summary>
internal sealed record ProblemShape(
    int InputSize, LayerSpec[] Layers, int Steps, int[] Lengths, bool InitialState, ProblemLoss Loss, int Seed)
{
    /// <summary>Rate of dropout between layers.</summary>
    public double Between { get; init; }

    /// <summary>Rate of dropout of h′ where it enters U.</summary>
    public double Recurrent { get; init; }

    /// <summary>True if such a network is possible.</summary>
    public bool IsLegal => CanBe(Layers);

    /// <summary>
    /// The shape with a chain of its layers that is possible: each layer as it is, or as near to it as the layers below allow, or left out.
    /// A skip of all features may need a dense layer below that makes as many.
    /// </summary>
    public ProblemShape Legal
    {
        get
        {
            List<LayerSpec> chain = [];
            foreach (LayerSpec layer in Layers)
            {
                chain.AddRange(Candidates(layer, chain).FirstOrDefault(candidate => CanBe([.. chain, .. candidate])) ?? []);
            }

            return this with { Layers = chain.Count == 0 ? [new PReluLayer()] : [.. chain] };
        }
    }

    /// <summary>Shapes with something left out, for shrinking.</summary>
    public IEnumerable<ProblemShape> Smaller() => WithLess().Where(shape => shape.IsLegal);

    private IEnumerable<ProblemShape> WithLess()
    {
        for (int i = 0; i < Layers.Length && Layers.Length > 1; i++)
        {
            int left = i;
            yield return this with { Layers = [.. Layers.Where((_, j) => j != left).Select(layer => Without(layer, left))] };
        }

        if (Lengths.Length > 1)
        {
            yield return this with { Lengths = Lengths[..^1] };
            yield return this with { Lengths = Lengths[1..] };
        }

        if (Steps > 1)
        {
            yield return this with { Steps = Steps - 1, Lengths = Array.ConvertAll(Lengths, l => Math.Min(l, Steps - 1)) };
        }

        if (InputSize > 1)
        {
            yield return this with { InputSize = 1 };
        }

        for (int i = 0; i < Layers.Length; i++)
        {
            foreach (LayerSpec less in Less(Layers[i]))
            {
                yield return With(i, less);
            }
        }

        if (InitialState)
        {
            yield return this with { InitialState = false };
        }

        if (Loss != ProblemLoss.Linear)
        {
            yield return this with { Loss = ProblemLoss.Linear };
        }

        if (Between > 0)
        {
            yield return this with { Between = 0 };
        }

        if (Recurrent > 0)
        {
            yield return this with { Recurrent = 0 };
        }
    }

    public override string ToString() => string.Join(
        ", ",
        [
            $"input {InputSize}",
            .. Layers.Select(Describe),
            $"{Steps} steps",
            $"lengths [{string.Join(' ', Lengths)}]",
            InitialState ? "random initial state" : "zero initial state",
            $"loss {Loss}",
            $"seed {Seed}",
            .. Between > 0 ? [$"dropout {Between} between layers"] : Array.Empty<string>(),
            .. Recurrent > 0 ? [$"recurrent dropout {Recurrent}"] : Array.Empty<string>(),
        ]);

    private static IEnumerable<LayerSpec> Less(LayerSpec layer) => layer switch
    {
        RecurrentLayer recurrent => Less(recurrent),
        DenseLayer dense => Less(dense),
        PoolLayer { Kind: not Pooling.Last } => [new PoolLayer(Pooling.Last)],
        StepLayer { Step: > 0 } => [new StepLayer(0)],
        FinalStateLayer final => Less(final),
        SkipLayer skip => Less(skip),
        ActivationLayer activation => Less(activation),
        AffineLayer or NormalizationLayer or PReluLayer or MergeLayer or PoolLayer or StepLayer or AttentionLayer => [],
        _ => throw new UnreachableException(),
    };

    private static IEnumerable<LayerSpec> Less(FinalStateLayer layer)
    {
        if (layer.AllLayers)
        {
            yield return layer with { AllLayers = false };
        }

        if (layer.Cells)
        {
            yield return layer with { Cells = false };
        }
    }

    private static IEnumerable<LayerSpec> Less(SkipLayer layer)
    {
        if (layer.Scale != SkipScale.None)
        {
            yield return layer with { Scale = SkipScale.None };
        }

        if (layer.Features > 1)
        {
            yield return layer with { Features = 1 };
        }

        yield return layer with { From = layer.From + 1 };
    }

    private static IEnumerable<LayerSpec> Less(ActivationLayer layer)
    {
        if (layer.Normalization != Normalization.None)
        {
            yield return layer with { Normalization = Normalization.None };
        }

        if (layer.Activation != ActivationKind.Identity)
        {
            yield return layer with { Activation = ActivationKind.Identity };
        }
    }

    private static IEnumerable<LayerSpec> Less(DenseLayer layer)
    {
        if (layer.OutputSize > 1)
        {
            yield return layer with { OutputSize = layer.OutputSize / 2 };
        }

        if (layer.Activation != ActivationKind.Tanh)
        {
            yield return layer with { Activation = ActivationKind.Tanh };
        }
    }

    private static IEnumerable<LayerSpec> Less(RecurrentLayer layer)
    {
        if (layer.HiddenSize > 1)
        {
            yield return layer with { HiddenSize = layer.HiddenSize / 2 };
        }

        if (layer.ProjectionSize > 0)
        {
            yield return layer with { ProjectionSize = 0 };
        }

        if (layer.Bidirectional)
        {
            yield return layer with { Bidirectional = false, ReverseActivations = null };
        }

        if (layer.ReverseActivations is not null)
        {
            yield return layer with { ReverseActivations = null };
        }

        if (layer.Reverse)
        {
            yield return layer with { Reverse = false };
        }

        if (layer.Peepholes)
        {
            yield return layer with { Peepholes = false };
        }

        if (layer.CoupledGates)
        {
            yield return layer with { CoupledGates = false };
        }

        if (double.IsFinite(layer.Clip))
        {
            yield return layer with { Clip = double.PositiveInfinity };
        }

        if (layer.TrainableInitialState)
        {
            yield return layer with { TrainableInitialState = false };
        }

        if (layer.Cell != CellKind.Elman && layer.Activation != ActivationKind.Tanh)
        {
            yield return layer with { Activation = ActivationKind.Tanh };
        }

        if (layer.GateActivation != ActivationKind.Sigmoid)
        {
            yield return layer with { GateActivation = ActivationKind.Sigmoid };
        }

        if (layer.OutputActivation != ActivationKind.Tanh)
        {
            yield return layer with { OutputActivation = ActivationKind.Tanh };
        }
    }

    private static string Describe(LayerSpec layer) => layer switch
    {
        RecurrentLayer recurrent => Describe(recurrent),
        DenseLayer dense => $"dense {dense.OutputSize} {dense.Activation}{(dense.Bias ? "" : " without bias")}",
        _ => layer.ToString(),
    };

    private static string Describe(RecurrentLayer layer) => string.Concat(
        $"{layer.Cell} {layer.HiddenSize}",
        $" {layer.GateActivation}/{layer.Activation}/{layer.OutputActivation}",
        layer.Peepholes ? " with peepholes" : "",
        layer.CoupledGates ? " coupled" : "",
        double.IsFinite(layer.Clip) ? $" clipped at {layer.Clip}" : "",
        layer.TrainableInitialState ? " with a trained start" : "",
        layer.ProjectionSize > 0 ? $" projected to {layer.ProjectionSize}" : "",
        layer.Bidirectional ? " both ways" : layer.Reverse ? " in reverse" : "",
        layer.ReverseActivations is { } own ? $" back {own.GateActivation}/{own.Activation}/{own.OutputActivation}" : "",
        layer.Bias ? "" : " without bias");

    // A layer above one that is left out.
    private static LayerSpec Without(LayerSpec layer, int left) =>
        layer is SkipLayer skip && skip.From > left ? skip with { From = skip.From - 1 } : layer;

    private bool CanBe(ReadOnlySpan<LayerSpec> layers)
    {
        try
        {
            return NetworkSpec.OutputSizeOf(InputSize, layers) > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private IEnumerable<LayerSpec[]> Candidates(LayerSpec layer, List<LayerSpec> below)
    {
        switch (layer)
        {
            case FinalStateLayer final:
                return [[final], [final with { Cells = false }], [new FinalStateLayer()], [new PoolLayer(Pooling.Last)]];
            case SkipLayer skip:
                SkipLayer[] starts =
                [
                    .. Enumerable.Range(0, below.Count).Select(i => skip with { From = (skip.From + i) % below.Count }),
                ];
                return
                [
                    .. starts.Select(start => (LayerSpec[])[start]),
                    .. starts.Select(start => (LayerSpec[])[new DenseLayer(SizeAt(start.From, below)), start]),
                    .. starts.Select(start => (LayerSpec[])[start with { Features = 1 }]),
                ];
            default:
                return [[layer]];
        }
    }

    private int SizeAt(int layer, List<LayerSpec> below) =>
        layer == 0 ? InputSize : NetworkSpec.OutputSizeOf(InputSize, [.. below[..layer]]);

    private ProblemShape With(int index, LayerSpec layer)
    {
        LayerSpec[] layers = [.. Layers];
        layers[index] = layer;
        return this with { Layers = layers };
    }
}
