using System.Numerics;
using System.Text.Json;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Tests;

/// <summary>
/// Ten steps of training against PyTorch's: forward, loss, backward, clipping and optimiser together, by the losses on the way and the
/// weights at the end.
/// </summary>
[Trait("Category", "Simd")]
public class PyTorchTrainingTests
{
    public static TheoryData<string> Names() => [.. PyTorchReferenceTests.Files(training: true)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Single_precision_agrees(string name) => Agrees<float>(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Double_precision_agrees(string name) => Agrees<double>(name);

    private static void Agrees<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        PyTorchCase reference = PyTorchReferenceTests.Read(name);
        PyTorchComparison.Agree<T>(reference, Train<T>(reference));
    }

    private static Dictionary<string, double[]> Train<T>(PyTorchCase reference)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(reference.Model.Spec);
        SequenceLayout layout = reference.Layout();
        AlignedBuffer<T> parameters = reference.Model.ReadParameters<T>();
        var gradients = new AlignedBuffer<T>(parameters.Length);
        Optimiser<T> optimiser = Made<T>(reference, parameters.Length);
        T[] x = reference.Input<T>("x", network.InputLength(layout));
        T[] target = reference.Input<T>("target", network.OutputLength(layout));
        var state = new T[network.StateLength(layout.Batch)];
        var y = new T[network.OutputLength(layout)];
        var tape = new T[network.TapeLength(layout)];
        var workspace = new T[network.WorkspaceLength(layout)];
        double[] losses = new double[reference.Number("steps")];
        for (int step = 0; step < losses.Length; step++)
        {
            Array.Clear(state);
            network.Forward(parameters.Span, layout, x, state, y, tape, workspace);

            // y becomes dL/dy; the final states have no gradient.
            losses[step] = double.CreateTruncating(Loss(reference, y, target));
            Array.Clear(state);
            gradients.Span.Clear();
            network.Backward(parameters.Span, layout, tape, y, state, [], gradients.Span, workspace);
            Gradients.ClipNorm(gradients.Span, T.CreateTruncating(reference.Config.GetProperty("clip").GetDouble()));
            optimiser.Step(parameters.Span, gradients.Span);
        }

        Dictionary<string, double[]> results = new() { ["losses"] = losses };
        reference.AddParameters<T>(results, "after.", parameters.Span);
        return results;
    }

    private static T Loss<T>(PyTorchCase reference, T[] y, T[] target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => reference.Text("loss") switch
        {
            "mean_squared_error" => Losses.MeanSquaredError<T>(y, target, y),
            "softmax_cross_entropy" => Losses.SoftmaxCrossEntropy<T>(
                y, reference.Number("head_size"), Array.ConvertAll(target, int.CreateChecked), y),
            "binary_cross_entropy" => Losses.BinaryCrossEntropyWithLogits<T>(y, target, y),
            var other => throw new InvalidOperationException($"{reference.Name}: the loss '{other}' is not known."),
        };

    private static Optimiser<T> Made<T>(PyTorchCase reference, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        JsonElement arguments = reference.Config.GetProperty("arguments");
        double learningRate = arguments.GetProperty("lr").GetDouble();
        return reference.Text("optimiser") switch
        {
            "SGD" => new Sgd<T>(length)
            {
                LearningRate = learningRate,
                Momentum = arguments.GetProperty("momentum").GetDouble(),
            },
            "Adam" => new Adam<T>(length) { LearningRate = learningRate },
            "AdamW" => new Adam<T>(length)
            {
                LearningRate = learningRate,
                WeightDecay = arguments.GetProperty("weight_decay").GetDouble(),
                DecoupledWeightDecay = true,
            },
            var other => throw new InvalidOperationException($"{reference.Name}: the optimiser '{other}' is not known."),
        };
    }
}
