using System.Numerics;
using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>
/// Ten training steps against PyTorch's: a trainer with all its features, by the losses on the way and the weights at the end.
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
        NetworkSpec spec = reference.Model.Spec;
        AlignedBuffer<T> parameters = reference.Model.ReadParameters<T>();
        var options = new TrainerOptions(Loss(reference)) { ClipNorm = reference.Config.GetProperty("clip").GetDouble() };
        using var trainer = new Trainer<T>(spec, Made<T>(reference, parameters.Length), options);
        parameters.Span.CopyTo(trainer.Parameters);
        SequenceData<T> data = Data<T>(reference, options.Loss);
        var reader = new BatchReader<T>(data, data.Count);
        double[] losses = new double[reference.Number("steps")];
        for (int step = 0; step < losses.Length; step++)
        {
            losses[step] = trainer.Step(reader.Next()).Loss;
        }

        Dictionary<string, double[]> results = new() { ["losses"] = losses };
        reference.AddParameters<T>(results, "after.", trainer.Parameters);
        return results;
    }

    private static Loss Loss(PyTorchCase reference) => reference.Text("loss") switch
    {
        "mean_squared_error" => SpanRnn.Loss.MeanSquaredError,
        "softmax_cross_entropy" => SpanRnn.Loss.SoftmaxCrossEntropy,
        "binary_cross_entropy" => SpanRnn.Loss.BinaryCrossEntropy,
        var other => throw new InvalidOperationException($"{reference.Name}: the loss '{other}' is not known."),
    };

    private static SequenceData<T> Data<T>(PyTorchCase reference, Loss loss)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SequenceLayout layout = reference.Layout();
        T[] x = reference.Input<T>("x", 0);
        T[] target = reference.Input<T>("target", 0);
        var data = new SequenceData<T>(reference.Model.Spec, loss);
        if (loss == SpanRnn.Loss.SoftmaxCrossEntropy)
        {
            data.AddBatch(layout, x, Array.ConvertAll(target, int.CreateChecked));
        }
        else
        {
            data.AddBatch(layout, x, target);
        }

        return data;
    }

    private static Optimizer<T> Made<T>(PyTorchCase reference, int length)
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
