using System.Globalization;
using System.Numerics;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Train;

/// <summary>Sequences and their targets, from arrays.</summary>
internal static class TrainData
{
    /// <summary>Reads the arrays and checks them against the network.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="file">The array x.</param>
    /// <param name="settings">The names of the other files, and the loss.</param>
    /// <param name="terminal">For warnings.</param>
    public static SequenceData<T> Read<T>(NetworkSpec spec, NpyArray file, TrainSettings settings, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ModelPort port = Ports.As(ModelPorts.Inputs(spec)[0], settings.BatchFirst);
        var input = InputSequences<T>.From(
            spec,
            settings.Symbols > 0 && port.Kind == PortKind.Values ? port.Symbols() : port,
            file,
            settings.Inputs.TryGetValue("lengths", out string? lengths) ? NpyArray.Load(lengths) : null,
            "lengths",
            fixedLengths: null,
            terminal.Notice);
        SequenceLayout layout = input.Layout;
        (int steps, int batch) = (layout.Steps, layout.Batch);
        var target = NpyArray.Load(settings.Target);
        bool isLast = spec.IsManyToOne;
        bool hasLabels = settings.Loss == Loss.SoftmaxCrossEntropy;
        bool exchange = settings.BatchFirst && !isLast;
        int[] outputs = isLast ? [batch] : exchange ? [batch, steps] : [steps, batch];
        string[] axes = isLast ? ["B"] : exchange ? ["B", "T"] : ["T", "B"];
        int[] labels = [];
        T[] targets = [];
        if (hasLabels)
        {
            labels = ArrayContent.ReadInts(target, axes);
            ArrayContent.ExpectShape(target, outputs, "one label for each output");
            labels = exchange ? AxisOrder.Exchange<int>(labels, batch, steps) : labels;
        }
        else
        {
            // With one number per output, [T, B] is as good as [T, B, 1].
            bool isShort = spec.OutputSize == 1 && target.Shape.Length == outputs.Length;
            targets = ArrayContent.Read<T>(target, terminal.Notice, isShort ? axes : [.. axes, "O"]);
            ArrayContent.ExpectShape(target, isShort ? outputs : [.. outputs, spec.OutputSize], "one target for each output");
            targets = exchange ? AxisOrder.Exchange<T>(targets, batch, steps) : targets;
        }

        T[] weights = settings.Weights.TryGetValue("outputs", out string? path)
            ? Weights<T>(path, layout, isLast, exchange, terminal)
            : [];
        var data = new SequenceData<T>(spec, settings.Loss);
        try
        {
            switch (input.Symbols, hasLabels)
            {
                case (null, false):
                    data.AddBatch(layout, input.X, targets, weights);
                    break;
                case (null, true):
                    data.AddBatch(layout, input.X, labels, weights);
                    break;
                case ({ } symbols, false):
                    data.AddBatch(layout, symbols, targets, weights);
                    break;
                case ({ } symbols, true):
                    data.AddBatch(layout, symbols, labels, weights);
                    break;
            }
        }
        catch (ArgumentException e)
        {
            // Labels, targets of binary cross-entropy and weights are not checked above; padding is not checked at all.
            throw new ModelFormatException(e.ParamName == nameof(weights) ? path! : target.Name, Display.Sentence(e));
        }

        return data;
    }

    /// <summary>Reads the weights of the classes, or null if none are given.</summary>
    public static double[]? ClassWeights(NetworkSpec spec, TrainSettings settings)
    {
        if (!settings.Weights.TryGetValue("classes", out string? path))
        {
            return null;
        }

        var file = NpyArray.Load(path);
        double[] weights = file.ToDoubles("O");
        ArrayContent.ExpectShape(file, [spec.OutputSize], "one weight for each label");
        int wrong = Array.FindIndex(weights, weight => !(weight >= 0 && double.IsFinite(weight)));
        return wrong < 0
            ? weights
            : throw new ModelFormatException(
                file.Name,
                string.Create(
                    CultureInfo.InvariantCulture, $"the weight of label {wrong} is {weights[wrong]}, expected a finite number from 0 on."));
    }

    // [T, B], or [B] if there is one weight for each sequence.
    private static T[] Weights<T>(string path, SequenceLayout layout, bool isLast, bool exchange, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var file = NpyArray.Load(path);
        bool isPerSequence = isLast || file.Shape.Length == 1;
        int[] shape = isPerSequence ? [layout.Batch] : exchange ? [layout.Batch, layout.Steps] : [layout.Steps, layout.Batch];
        T[] weights = ArrayContent.Read<T>(file, terminal.Notice, isPerSequence ? ["B"] : exchange ? ["B", "T"] : ["T", "B"]);
        ArrayContent.ExpectShape(file, shape, isPerSequence ? "one weight for each sequence" : "one weight for each step");
        return exchange && !isPerSequence ? AxisOrder.Exchange<T>(weights, layout.Batch, layout.Steps) : weights;
    }
}
