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
    int InputSize, LayerSpec[] Layers, HeadSpec? Head, int Steps, int[] Lengths, bool InitialState, ProblemLoss Loss, int Seed)
{
    /// <summary>Rate of dropout between layers.</summary>
    public double Between { get; init; }

    /// <summary>Rate of dropout of h′ where it enters U.</summary>
    public double Recurrent { get; init; }

    /// <summary>True if such a network is possible: a head on the last step reads the final state of a recurrent layer.</summary>
    public bool IsLegal => Head == LegalHead && !Enumerable.Range(0, Layers.Length).Any(i =>
        Layers[i] is MergeLayer && (i == 0 || Layers[i - 1] is not RecurrentLayer { Bidirectional: true }));

    /// <summary>The shape with a head that the layers and sizes allow.</summary>
    public ProblemShape Legal => this with { Head = LegalHead };

    private HeadSpec? LegalHead
    {
        get
        {
            HeadSpec? head = Head is { Position: not HeadPosition.EveryStep } && !Array.Exists(Layers, layer => layer is RecurrentLayer)
                ? Head with { Position = HeadPosition.EveryStep }
                : Head;
            int most = head is { Position: HeadPosition.EveryStep } ? Math.Min(InputSize, head.OutputSize) : 0;
            return head is null ? null : head with { Skip = Math.Min(head.Skip, most) };
        }
    }

    /// <summary>Shapes with something left out, for shrinking.</summary>
    public IEnumerable<ProblemShape> Smaller() => WithLess().Where(shape => shape.IsLegal);

    private IEnumerable<ProblemShape> WithLess()
    {
        if (Layers.Length > 1)
        {
            yield return this with { Layers = Layers[..^1] };
            yield return this with { Layers = Layers[1..] };
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

        if (Head is not null)
        {
            yield return this with { Head = null };
            var plain = new HeadSpec(Head.OutputSize, Head.Position);
            if (Head != plain)
            {
                yield return this with { Head = plain };
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
            Head?.ToString() ?? "no head",
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
        AffineLayer or NormalizationLayer or ActivationLayer or PReluLayer or MergeLayer => [],
        _ => throw new UnreachableException(),
    };

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

    private ProblemShape With(int index, LayerSpec layer)
    {
        LayerSpec[] layers = [.. Layers];
        layers[index] = layer;
        return this with { Layers = layers };
    }
}
