using System.CommandLine;
using System.Diagnostics;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Inspect;

/// <summary>Command inspect: the layers, arrays and tensors of a model.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        var command = new CommandWithExample(
            "inspect",
            "Shows the layers, shapes, parameter counts and sizes of a model.",
            "inspect model.onnx") { model };
        command.SetAction(result => Run(ModelFile.Load(result.GetRequiredValue(model)), terminal));
        return command;
    }

    private static int Run(RecurrentModel model, Terminal terminal)
    {
        // For its warnings.
        _ = ModelParameters.Read<float>(model, terminal);
        NetworkSpec spec = model.Spec;
        TextWriter output = terminal.Output;
        output.WriteLine($"file        {model.Name}");
        output.WriteLine($"format      {Display.Printable(model.Format)}");
        output.WriteLine(spec.Embedding is { } table
            ? $"input       1 of {Amount.Of(table.Symbols, "symbol")} per step, embedded in {table.Size}"
            : $"input       {spec.InputSize} per step");
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            output.WriteLine($"layer {i,-5} {Describe(model, i)}");
        }

        string per = spec.IsManyToOne ? "sequence" : "step";
        string dtypes = string.Join(" and ", model.Sources.ToArray().Where(IsInFile).Select(source => source.Dtype).Distinct());
        long[] bytes = [.. Enumerable.Range(0, model.Sources.Length).Select(i => Bytes(model, i))];
        output.WriteLine($"output      {spec.OutputSize} per {per}");
        output.WriteLine($"state       {Amount.Of(spec.StateSize, "number")} per sequence");
        output.WriteLine($"parameters  {Amount.Of(spec.Parameters.Count)} of {dtypes}, {Amount.Of(bytes.Sum(), "byte")}");
        foreach (ModelPort port in model.Inputs)
        {
            output.WriteLine($"takes       {Display.Printable(port.Name)} {port.Axes}, {Describe(port)}");
        }

        foreach (ModelPort port in model.Outputs)
        {
            output.WriteLine($"returns     {Display.Printable(port.Name)} {port.Axes}, {Describe(port)}");
        }

        if (model.FixedLengths is { } lengths)
        {
            output.WriteLine($"lengths     {string.Join(", ", lengths)}, as in the file");
        }

        if (model.SampleRate is { } rate)
        {
            output.WriteLine(FormattableString.Invariant($"sample rate {rate:#,0.###} Hz"));
        }

        if (model.PrewarmSteps > 0)
        {
            output.WriteLine($"pre-warming {Amount.Of(model.PrewarmSteps, "step")} of zeros");
        }

        foreach ((string key, string value) in model.Metadata)
        {
            output.WriteLine($"metadata    {Display.Printable(key)} = {Display.Printable(value)}");
        }

        foreach (string sentence in model.Assumptions)
        {
            output.WriteLine($"assumed     {Display.Printable(sentence)}");
        }

        foreach (string part in model.Unused)
        {
            output.WriteLine($"not used    {Display.Printable(part)}");
        }

        List<string[]> rows = [];
        for (int i = 0; i < model.Sources.Length; i++)
        {
            (string name, int[] shape) = ModelParameters.Tensor(model, i);
            ParameterSource source = model.Sources[i];
            rows.Add(
            [
                name,
                Display.Shape(shape),
                IsInFile(source) ? source.Dtype : "-",
                Amount.Of(spec.Parameters.Slots[i].Length),
                Amount.Of(bytes[i]),
                source.IsWhole ? string.Empty : IsInFile(source) ? $"{source.Name} {Display.Shape(source.Shape)}" : "not in the file",
            ]);
        }

        terminal.WriteTable(["tensor", "shape", "dtype", "#parameters", "#bytes", "part of"], rows);
        return ExitCode.Success;
    }

    // Zeros, ones on a diagonal and the like are in no file.
    private static bool IsInFile(ParameterSource source) => source.Name.Length > 0;

    private static long Bytes(RecurrentModel model, int index)
    {
        ParameterSource source = model.Sources[index];
        int size = source.Dtype switch
        {
            "F64" => sizeof(double),
            "F32" => sizeof(float),
            _ => sizeof(ushort),
        };
        return IsInFile(source) ? (long)model.Spec.Parameters.Slots[index].Length * size : 0;
    }

    private static string Describe(ModelPort port) => port.Kind switch
    {
        PortKind.Values => "numbers",
        PortKind.Symbols => "symbols",
        PortKind.Lengths => "lengths of the sequences",
        _ => $"states {string.Join(" and ", port.States.ToArray().Select(state => state.Kind == StateKind.Hidden ? "h" : "c").Distinct())}",
    };

    private static string Describe(CellKind cell, LayerActivations own) => cell switch
    {
        CellKind.Elman => $"{own.Activation}",
        CellKind.Lstm => $"gates {own.GateActivation}, candidate {own.Activation}, output {own.OutputActivation}",
        CellKind.GruResetAfter or CellKind.GruResetBefore => $"gates {own.GateActivation}, candidate {own.Activation}",
        _ => throw new UnreachableException(),
    };

    private static string Describe(RecurrentModel model, int index) => model.Spec.Layers[index] switch
    {
        RecurrentLayer recurrent => Describe(model, index, recurrent),
        DenseLayer dense => $"dense, {model.Spec.LayerInputSize(index)} → {dense.OutputSize}"
            + (dense.Bias ? string.Empty : ", no bias")
            + (dense.Activation == ActivationKind.Identity ? string.Empty : $", {dense.Activation}"),
        AffineLayer affine => (affine.Scale ? "scale" : string.Empty)
            + (affine.Scale && affine.Shift ? " and " : string.Empty)
            + (affine.Shift ? "shift" : string.Empty)
            + $" of {Amount.Of(model.Spec.LayerInputSize(index), "feature")}",
        NormalizationLayer normalization => $"{(normalization.Kind == FeatureNormalization.Layer ? "layer" : "RMS")} normalization of "
            + Amount.Of(model.Spec.LayerInputSize(index), "feature")
            + FormattableString.Invariant($", epsilon {normalization.Epsilon}")
            + (normalization.Scale ? string.Empty : ", no scale")
            + (normalization.Shift ? string.Empty : ", no shift"),
        ActivationLayer activation => activation.Normalization == Normalization.None ? $"{activation.Activation}"
            : activation.Activation == ActivationKind.Identity ? $"{activation.Normalization}"
            : $"{activation.Activation}, {activation.Normalization}",
        PReluLayer => $"PReLU of {Amount.Of(model.Spec.LayerInputSize(index), "feature")}",
        MergeLayer merge => $"{merge.Merge} of both directions, {model.Spec.LayerInputSize(index)} → {OutputSize(model.Spec, index)}",
        PoolLayer { Kind: Pooling.Last } => "output of the last step",
        PoolLayer pool => $"{pool.Kind} of all steps",
        StepLayer step => $"output of step {step.Step}",
        AttentionLayer => $"attention over all steps, {Amount.Of(model.Spec.LayerInputSize(index), "feature")}",
        FinalStateLayer final => $"final h{(final.Cells ? " and c" : string.Empty)} of "
            + (final.AllLayers ? "all recurrent layers" : $"layer {index - 1}")
            + $", {OutputSize(model.Spec, index)} in all",
        SkipLayer skip => (skip.Features == 0 ? "plus the input" : $"plus {skip.Features} of the input")
            + (skip.From == 0 ? string.Empty : $" of layer {skip.From}")
            + skip.Scale switch
            {
                SkipScale.One => ", times one factor",
                SkipScale.PerFeature => ", times a factor per feature",
                _ => string.Empty,
            },
        _ => throw new UnreachableException(),
    };

    private static int OutputSize(NetworkSpec spec, int index) =>
        index + 1 < spec.Layers.Length ? spec.LayerInputSize(index + 1) : spec.OutputSize;

    private static string Describe(RecurrentModel model, int index, RecurrentLayer layer)
    {
        string cell = layer.Cell switch
        {
            CellKind.Elman => model.TellsNonlinearity
                ? $"Elman RNN ({layer.Activation})"
                : "Elman RNN (Tanh unless --nonlinearity says otherwise)",
            CellKind.Lstm => "LSTM",
            CellKind.GruResetAfter => "GRU, reset after the product",
            CellKind.GruResetBefore => "GRU, reset before the product",
            _ => throw new UnreachableException(),
        };
        return cell
            + $", {model.Spec.LayerInputSize(index)} → {layer.OutputSize}, hidden size {layer.HiddenSize}"
            + (layer.ProjectionSize > 0 ? $", projected to {layer.ProjectionSize}" : string.Empty)
            + (layer.Bidirectional ? ", both directions" : layer.Reverse ? ", in reverse" : string.Empty)
            + (layer.Bias ? string.Empty : ", no biases")
            + (layer.Peepholes ? ", peepholes" : string.Empty)
            + (layer.CoupledGates ? ", coupled input and forget gates" : string.Empty)
            + (layer.GateActivation == ActivationKind.Sigmoid ? string.Empty : $", gates {layer.GateActivation}")
            + (layer.Cell == CellKind.Elman || layer.Activation == ActivationKind.Tanh ? string.Empty : $", candidate {layer.Activation}")
            + (layer.OutputActivation == ActivationKind.Tanh ? string.Empty : $", output {layer.OutputActivation}")
            + (layer.ReverseActivations is { } reverse ? $", in reverse {Describe(layer.Cell, reverse)}" : string.Empty)
            + (double.IsFinite(layer.Clip) ? FormattableString.Invariant($", clipped at {layer.Clip}") : string.Empty)
            + (layer.TrainableInitialState ? ", trained initial state" : string.Empty);
    }
}
