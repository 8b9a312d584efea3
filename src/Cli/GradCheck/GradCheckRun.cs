using System.Globalization;
using System.Numerics;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Cli.GradCheck;

/// <summary>One gradient check: a model, its inputs, and the gradients of the loss by its outputs.</summary>
internal sealed class GradCheckRun
{
    private const double DoubleTolerance = 1e-6;
    private const double SingleTolerance = 1e-4;
    private const double LargeX = 10;

    private readonly RecurrentModel _model;
    private readonly Terminal _terminal;
    private readonly SequenceLayout _layout;
    private readonly double[] _point;
    private readonly double[] _dy;
    private readonly double[] _dState;
    private readonly List<CheckedTensor> _tensors;
    private readonly StateSlot[] _given;

    /// <summary>Reads all files.</summary>
    public GradCheckRun(ModelInputs inputs, Dictionary<string, string> outputGradients, Terminal terminal)
    {
        RecurrentModel model = inputs.Model;
        Derivatives.Expect(model.Spec, model.Name);
        _model = model;
        _terminal = terminal;
        AlignedBuffer<double> parameters = ModelParameters.Read<double>(model, terminal);
        var input = ModelInput<double>.From(model, parameters.Span, inputs.Arrays, inputs.BatchFirst, terminal.Notice);
        _layout = input.Layout;
        _point = [.. parameters.Span, .. input.X, .. input.State];
        _dy = new double[new Network<double>(model.Spec).Spec.OutputLength(_layout.Steps, _layout.Batch)];
        _dState = new double[input.State.Length];
        foreach (ModelPort port in model.Outputs)
        {
            if (!outputGradients.TryGetValue(port.Name, out string? path))
            {
                continue;
            }

            if (port.Kind == PortKind.States)
            {
                ArrayContent.ReadStates(port, NpyArray.Load(path), _layout.Batch, _dState, terminal.Notice);
            }
            else
            {
                ReadOutputGradient(Ports.As(port, inputs.BatchFirst), path);
            }
        }

        _tensors = ListTensors(input);
        _given = [.. input.Given.SelectMany(port => port.States.ToArray())];
    }

    /// <summary>The largest error that passes; null for the default of the precision.</summary>
    public double? Tolerance { get; init; }

    /// <summary>The magnitude below which errors are absolute, if differences are as exact.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Computes the gradient of the loss by backpropagation through time.</summary>
    public double[] Gradient(Precision precision) => precision == Precision.Single ? Gradient<float>() : Gradient<double>();

    /// <summary>Writes a gradient as a safetensors file. As in PyTorch, it has the element type of its model.</summary>
    public byte[] ToBytes(double[] gradient)
    {
        var writer = new SafetensorsWriter();
        foreach (CheckedTensor tensor in _tensors)
        {
            double[] values = tensor.Values(gradient);
            if (_model.Dtype == "F64")
            {
                writer.Add<double>($"grad.{tensor.Name}", tensor.Shape, values);
            }
            else
            {
                writer.Add<float>($"grad.{tensor.Name}", tensor.Shape, Array.ConvertAll(values, value => (float)value));
            }
        }

        return writer.ToBytes();
    }

    /// <summary>Compares a gradient with finite differences, in double, and reports the errors.</summary>
    /// <param name="gradient">The gradient of the loss.</param>
    /// <param name="precision">The precision of <paramref name="gradient"/>.</param>
    /// <returns>The exit code.</returns>
    public int Check(double[] gradient, Precision precision)
    {
        if (Array.TrueForAll(_dy, value => value == 0) && Array.TrueForAll(_dState, value => value == 0))
        {
            _terminal.WriteError("the output gradients are all 0, and so is every gradient, expected a number that is not 0.");
            return ExitCode.Failure;
        }

        double tolerance = Tolerance ?? (precision == Precision.Single ? SingleTolerance : DoubleTolerance);

        // Rounding in float is relative to the largest terms of a tensor's sums, not to each of its numbers.
        var differences = new FiniteDifferences(
            MakeLoss<double>,
            _point,
            gradient,
            tolerance,
            Scale,
            Derivatives.HaveKinks(_model.Spec),
            perTensor: precision == Precision.Single);
        TensorFinding[] findings = [];
        _terminal.WithProgress(
            "finite differences",
            report => findings = differences.Check(_tensors, done => report(done, string.Empty)));
        return Report(findings, precision, tolerance, differences.Scale);
    }

    private double[] Gradient<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] point = Array.ConvertAll(_point, T.CreateTruncating);
        var gradient = new T[point.Length];
        MakeLoss<T>().Gradient(point, gradient);
        return Array.ConvertAll(gradient, double.CreateTruncating);
    }

    private ModelLoss<T> MakeLoss<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(_model.Spec, _layout, Array.ConvertAll(_dy, T.CreateTruncating), Array.ConvertAll(_dState, T.CreateTruncating), _given);

    // _dy ← gy, zeros in padding: y is always 0 there, so gy there is not part of the loss.
    private void ReadOutputGradient(ModelPort port, string path)
    {
        var file = NpyArray.Load(path);
        double[] dy = ArrayContent.Read<double>(file, _terminal.Notice, ArrayContent.Axes(port));
        ArrayContent.ExpectShape(file, port.Shape(_layout.Steps, _layout.Batch), $"the shape of {port.Name}");
        port.ToNetwork<double>(_layout.Steps, _layout.Batch, dy, _dy);
        if (!_model.Spec.IsManyToOne)
        {
            Padding.Clear<double>(_layout, _dy);
        }

        port.FromNetwork<double>(_layout.Steps, _layout.Batch, _dy, dy);
        ArrayContent.WarnUnlessFinite<double>(file.Name, file.Shape, dy, _terminal.Notice);
    }

    // All parameters, x, and the initial states that were given.
    private List<CheckedTensor> ListTensors(ModelInput<double> input)
    {
        NetworkSpec spec = _model.Spec;
        List<CheckedTensor> tensors = [];

        double[] factors = Factors(input.X, spec.InputSize);
        ParameterSlot[] firstWeights = [.. FirstWeights(spec)];
        for (int i = 0; i < _model.Sources.Length; i++)
        {
            ParameterSlot slot = spec.Parameters.Slots[i];
            (string name, int[] shape) = ModelParameters.Tensor(_model, i);
            tensors.Add(new CheckedTensor(name, shape, [(slot.Offset, slot.Length)])
            {
                Factors = firstWeights.Contains(slot) ? factors : [1],
            });
        }

        // For symbols, the numbers that each becomes.
        int xStart = spec.Parameters.Length;
        int perStep = input.Port.Kind == PortKind.Symbols ? spec.InputSize : 1;
        int[] indices = [.. AxisOrder.FileIndices(input.Port, _layout.Steps, _layout.Batch)
            .SelectMany(index => Enumerable.Range(index * perStep, perStep))];
        int[] shapeOfX = input.Port.Shape(_layout.Steps, _layout.Batch);
        tensors.Add(new CheckedTensor(
            input.Port.Name,
            input.Port.Kind == PortKind.Symbols ? [.. shapeOfX, perStep] : shapeOfX,
            [(xStart, indices.Length)])
        {
            FileIndices = indices,
        });
        foreach (ModelPort port in input.Given)
        {
            int stateStart = xStart + indices.Length;
            tensors.Add(new CheckedTensor(
                port.Name,
                port.Shape(1, _layout.Batch),
                [.. port.States.ToArray().Select(slot => (stateStart + (slot.Offset * _layout.Batch), slot.Size * _layout.Batch))])
            {
                FileIndices = AxisOrder.FileIndices(port, steps: 1, _layout.Batch),
            });
        }

        return tensors;
    }

    // The weights that multiply x itself: those of the first layer, and of the next one if that only chooses or adds steps.
    private static IEnumerable<ParameterSlot> FirstWeights(NetworkSpec spec)
    {
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            foreach (Direction direction in Enum.GetValues<Direction>())
            {
                foreach (ParameterRole role in new[] { ParameterRole.InputWeights, ParameterRole.Scale })
                {
                    if (spec.Slot(i, direction, role) is { } slot)
                    {
                        yield return slot;
                    }
                }
            }

            if (spec.Layers[i] is not (PoolLayer or StepLayer or AttentionLayer))
            {
                break;
            }
        }
    }

    // The largest |x| of each column, or 1 if no x of it is large. Outputs of layers are seldom large, but x may be anything.
    private static double[] Factors(double[] x, int columns)
    {
        double[] factors = new double[columns];
        Array.Fill(factors, 1);
        for (int i = 0; i < x.Length; i++)
        {
            double magnitude = Math.Abs(x[i]);
            if (magnitude > LargeX && double.IsFinite(magnitude))
            {
                factors[i % columns] = Math.Max(factors[i % columns], magnitude);
            }
        }

        return factors;
    }

    private int Report(TensorFinding[] findings, Precision precision, double tolerance, double scale)
    {
        static string Number(double value) => value.ToString("g6", CultureInfo.InvariantCulture);

        int failed = findings.Count(finding => !finding.Passed(tolerance));
        int kinks = findings.Sum(finding => finding.Kinks);
        _terminal.WriteTable(
            ["gradient of", "#largest error", "at", "#analytic", "#numeric", "verdict"],
            findings.Select(finding => new[]
            {
                finding.Tensor.Name,
                finding.Element < 0 ? "-" : finding.Worst.Error.ToString("0.0e-00", CultureInfo.InvariantCulture),
                finding.Element < 0 ? "-" : Display.Shape(finding.Tensor.FileIndex(finding.Element)),
                finding.Element < 0 ? "-" : Number(finding.Worst.Analytic),
                finding.Element < 0 ? "-" : Number(finding.Worst.Numeric),
                (finding.Element < 0 ? "not compared" : finding.Passed(tolerance) ? "passed" : "FAILED")
                    + (finding.Kinks > 0 ? $", {Amount.Of(finding.Kinks)} on a kink" : string.Empty),
            }));
        if (kinks > 0)
        {
            _terminal.Output.WriteLine(
                $"{Amount.Of(kinks, "number")} {Amount.Are(kinks)} on a kink: the slopes of the two sides differ, "
                + "so there is no derivative to compare with.");
        }

        string kind = precision == Precision.Single ? "single" : "double";
        string relative = precision == Precision.Single ? "the largest |analytic| of the tensor" : "|analytic|, |numeric|";
        bool isLarge = findings.Any(finding => finding.Tensor.Factors.Max() > 1);
        string largestX = isLarge ? " (times the largest |x| for weights of x)" : string.Empty;
        string bound = $"|analytic - numeric| <= {Number(tolerance)} max({Number(scale)}{largestX}, {relative})";
        if (failed > 0)
        {
            _terminal.WriteError(
                $"{failed} of {Amount.Of(findings.Length, "gradient")} in {kind} precision {(failed == 1 ? "differs" : "differ")} "
                + $"from finite differences, expected {bound}.");
            return ExitCode.Failure;
        }

        int compared = findings.Count(finding => finding.Element >= 0);
        if (compared == 0)
        {
            _terminal.WriteError("all numbers are on a kink, so nothing was compared, expected another input.");
            return ExitCode.Failure;
        }

        string numbers = Amount.Of(findings.Sum(finding => (long)finding.Tensor.Length) - kinks, "number");
        _terminal.Output.WriteLine($"{Amount.Of(compared, "gradient")} in {kind} precision, {numbers}: all satisfy {bound}.");
        return ExitCode.Success;
    }
}
