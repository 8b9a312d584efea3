using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SpanRnn.Cells.Training.Loop;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Checks of options and batches, and the reasons to stop training.</content>
public sealed partial class Trainer<T>
{
    private static void Check(TrainerOptions options)
    {
        DataShape.Check(options.Loss);
        Limit(options.ClipNorm, "options.ClipNorm");
        Limit(options.ClipValue, "options.ClipValue");
        Guard.Fraction(options.Dropout, "options.Dropout");
        Guard.Fraction(options.RecurrentDropout, "options.RecurrentDropout");
        Guard.Positive(options.Threads, "options.Threads");
    }

    // Cross-entropies take logits and apply the sigmoid or softmax themselves.
    private static void Check(Loss loss, NetworkSpec spec)
    {
        string? found = loss == Loss.MeanSquaredError ? null : spec.Layers[^1] switch
        {
            DenseLayer { Activation: { Kind: not ActivationKind.Identity } activation } => $"{activation}",
            ActivationLayer { Normalization: not Normalization.None } layer => $"{layer.Normalization}",
            ActivationLayer { Activation: { Kind: not ActivationKind.Identity } activation } => $"{activation}",
            _ => null,
        };
        if (found is not null)
        {
            throw new ArgumentException($"The network ends in {found}, expected logits: {loss} applies its own function.", nameof(spec));
        }
    }

    // Weights of the classes as numbers of the training; none if all are 1.
    private static T[] ClassWeights(TrainerOptions options, NetworkSpec spec)
    {
        if (options.ClassWeights is not { } weights)
        {
            return [];
        }

        if (options.Loss != Loss.SoftmaxCrossEntropy)
        {
            throw new ArgumentException(
                $"'options.ClassWeights' is given with {options.Loss}, expected null: only labels have classes.", nameof(options));
        }

        if (weights.Count != spec.OutputSize)
        {
            throw new ArgumentException(
                $"'options.ClassWeights' has {weights.Count} elements, expected {spec.OutputSize} = spec.OutputSize.", nameof(options));
        }

        var numbers = new T[weights.Count];
        for (int label = 0; label < numbers.Length; label++)
        {
            numbers[label] = T.CreateTruncating(Guard.NotNegative(weights[label], "options.ClassWeights"));
        }

        return numbers;
    }

    private static void Limit(double value, string name)
    {
        if (!(T.CreateTruncating(value) > T.Zero))
        {
            throw new ArgumentOutOfRangeException(
                name,
                string.Create(CultureInfo.InvariantCulture, $"'{name}' is {value}, expected a number above 0, or infinity for none."));
        }
    }

    // Throws unless the data are for this network and loss. Without an embedding it takes numbers and symbols.
    private void Check(in DataShape shape, string name) =>
        shape.Expect(new DataShape(Spec, Options.Loss, shape.HasSymbols || Spec.Embedding is not null), name, "as the trainer");

    // Checks all but the symbols, which Embed checks before it writes. Returns the weight of what the loss counts.
    private double Check(Batch<T> batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(batch);
        DataShape shape = batch.Shape;
        Check(shape, nameof(batch));
        SequenceLayout layout = batch.Layout;
        if (batch.Carry > 0)
        {
            shape.CheckCuttable();
            if (batch.Carry > CarriedSteps)
            {
                throw new ArgumentException(
                    $"'batch' carries on from {batch.Carry} steps before, expected at most {CarriedSteps} = CarriedSteps.", nameof(batch));
            }

            if (layout.Batch != CarriedBatch)
            {
                throw new ArgumentException(
                    $"'batch' carries on with {layout.Batch} sequences, expected {CarriedBatch} as in the steps before.", nameof(batch));
            }
        }

        // States are kept after the update, so a length that overflows must throw before it.
        _ = checked(batch.Keep * _network.StateLength(layout.Batch));
        int last = shape.LastStep ? 0 : layout.Steps;
        if (batch.FirstCounted > last)
        {
            throw new ArgumentException(
                $"'batch' counts steps from {batch.FirstCounted} on, "
                + $"expected 0{(shape.LastStep ? " with one output per sequence" : $" to {last}")}.",
                nameof(batch));
        }

        return CheckOutputs(batch);
    }

    // Checks what the loss counts and returns its weight, Σ w: the number of outputs if they have no weights.
    private double CheckOutputs(Batch<T> batch)
    {
        DataShape shape = batch.Shape;
        SequenceLayout layout = batch.Layout;
        if (!shape.HasLabels && !shape.HasFractions && !batch.IsWeighted)
        {
            return shape.LastStep ? layout.Live(0) : layout.Rows - layout.Offset(batch.FirstCounted);
        }

        double sum = 0;
        for (int sequence = 0; sequence < layout.Batch; sequence++)
        {
            int length = layout.Length(sequence);
            for (int step = batch.FirstCounted; step < (shape.LastStep ? Math.Min(length, 1) : length); step++)
            {
                int place = (step * layout.Batch) + sequence;
                T weight = batch.IsWeighted ? batch.Weights[place] : T.One;
                shape.CheckWeight(weight, sequence, step);
                if (weight == T.Zero)
                {
                    continue;
                }

                if (shape.HasLabels)
                {
                    int label = batch.Labels[place];
                    shape.CheckLabel(label, sequence, step);
                    weight *= label < 0 ? T.Zero : _classWeights.Length == 0 ? T.One : _classWeights[label];
                }
                else
                {
                    shape.CheckTargets<T>(batch.Targets.Slice(place * shape.OutputSize, shape.OutputSize), sequence, step);
                }

                sum += double.CreateTruncating(weight);
            }
        }

        return sum;
    }

    [DoesNotReturn]
    private void ThrowLoss(double loss) => throw new TrainingException(
        string.Create(CultureInfo.InvariantCulture, $"The loss of step {Steps} is {loss}, expected a finite number{Checkpoint}."),
        Steps,
        "loss");

    [DoesNotReturn]
    private void ThrowGradients(T norm)
    {
        if (Spec.FirstNotFinite<T>(Gradients, out int index) is { } slot)
        {
            throw new TrainingException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The gradient of '{slot.Name}' has {slot.In(Gradients)[index]} in step {Steps}, expected finite numbers{Checkpoint}."),
                Steps,
                slot.Name);
        }

        throw new TrainingException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The norm of the gradients of step {Steps} is {norm} though each gradient is finite, "
                + $"expected a norm within {typeof(T).Name}{Checkpoint}."),
            Steps,
            "gradients");
    }

    private string Checkpoint => LastCheckpoint is null ? string.Empty : $"; last good checkpoint: {LastCheckpoint}";
}
