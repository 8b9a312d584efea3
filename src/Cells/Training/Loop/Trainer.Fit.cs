using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SpanRnn.Cells.Training.Loop;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Evaluation of whole collections, and training that it ends.</content>
public sealed partial class Trainer<T>
{
    // Longer sequences are evaluated in chunks of so many steps where the network allows it, so that the tape stays short.
    private const int EvaluatedSteps = 256;

    /// <summary>
    /// Computes the loss of all sequences without learning and without dropout: the mean over all that counts, Σ w·L / Σ w, as if they were
    /// one batch. Nothing changes that training depends on.
    /// </summary>
    /// <param name="data">The sequences.</param>
    /// <param name="batchSize">Sequences at a time, at least 1. The loss depends on it by rounding only.</param>
    /// <returns>The loss, 0 if nothing is counted; it may be NaN or infinite.</returns>
    /// <exception cref="ArgumentException">The data are for another network or loss, or there are no sequences.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    /// <exception cref="OverflowException">A buffer for a batch would have more than 2³¹ − 1 numbers.</exception>
    /// <remarks>Allocates a reader and a batch.</remarks>
    public double Evaluate(SequenceData<T> data, int batchSize = 32)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        BatchReader<T> batches = EvaluationReader(data, batchSize);
        Check(data.Shape, nameof(data));
        return Evaluate(batches, CancellationToken.None);
    }

    /// <summary>
    /// Trains epoch by epoch, evaluates the validation data after each, and keeps the parameters of the epoch with the smallest validation
    /// loss. Training ends after the last epoch, or when the validation loss has not become smaller for as many epochs as the patience of
    /// the options.
    /// </summary>
    /// <param name="batches">
    /// The source of the batches. If it is within an epoch, the rest of that is the first epoch here. Its batch size is that of the
    /// evaluation too.
    /// </param>
    /// <param name="validation">
    /// Sequences that are not trained on; null for none: then all epochs run, and the last one is the best.
    /// </param>
    /// <param name="options">The number of epochs, the patience and the report.</param>
    /// <param name="cancellationToken">Read before every step and every batch of the evaluation.</param>
    /// <returns>The best epoch, whose parameters are <see cref="Parameters"/> now.</returns>
    /// <exception cref="TrainingException">
    /// A training loss or a gradient is NaN or infinite, as in <see cref="Step"/>, or the validation loss is.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The batches or the validation data are for another network or loss, or have different kinds of input; or nothing of the validation
    /// data counts; nothing has changed. Or the reader is at a chunk that carries on from states that are not kept; it is past that chunk.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is below 1; nothing has changed.</exception>
    /// <exception cref="ArgumentNullException">There is a patience and no validation; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">As in <see cref="Step"/> and <see cref="BatchReader{T}.Next"/>.</exception>
    /// <exception cref="OverflowException">As in <see cref="Step"/>.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    /// <remarks>
    /// <para>However it ends, with an exception too, <see cref="Parameters"/> are those of the best epoch, once an epoch has ended. All
    /// else is as the last step left it: the optimizer, <see cref="Steps"/>, the kept states and the reader.</para>
    /// <para>Allocates a copy of the parameters and what the first epoch and its evaluation need, and nothing in later epochs.</para>
    /// </remarks>
    public EpochReport Fit(
        BatchReader<T> batches, SequenceData<T>? validation, FitOptions options, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Patience is not null)
        {
            ArgumentNullException.ThrowIfNull(validation);
        }

        Guard.Positive(options.Epochs, "options.Epochs");
        int patience = Guard.Positive(options.Patience ?? int.MaxValue, "options.Patience");
        Check(batches.Data.Shape, nameof(batches));
        BatchReader<T>? validated = validation is null ? null : ValidationReader(batches, validation);

        var parameters = new AlignedBuffer<T>(Spec.Parameters.Length);
        EpochReport? best = null;
        int worse = 0;
        try
        {
            for (int epoch = 0; epoch < options.Epochs && worse < patience; epoch++)
            {
                EpochReport report = TrainEpoch(batches, options, cancellationToken);
                if (validated is not null)
                {
                    report = report with { ValidationLoss = Evaluate(validated, cancellationToken) };
                    if (!double.IsFinite(report.ValidationLoss))
                    {
                        ThrowValidation(report);
                    }
                }

                report = report with
                {
                    IsBest = validated is null || best is not { } before || report.ValidationLoss < before.ValidationLoss,
                };
                worse++;
                if (report.IsBest)
                {
                    best = report;
                    worse = 0;
                    _parameters.Span.CopyTo(parameters.Span);
                }

                options.Report?.Invoke(report);
            }

            return best!.Value;
        }
        finally
        {
            if (best is not null)
            {
                parameters.Span.CopyTo(_parameters.Span);
            }
        }
    }

    // A step for every batch of the rest of the epoch.
    private EpochReport TrainEpoch(BatchReader<T> batches, FitOptions options, CancellationToken cancellationToken)
    {
        long epoch = batches.Epoch;
        double loss = 0;
        double weight = 0;
        double norm = 0;
        int steps = 0;
        while (batches.Epoch == epoch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            StepReport step = Step(batches.Next());
            loss += step.Weight * step.Loss;
            weight += step.Weight;
            norm += step.GradientNorm;
            steps++;
            options.Step?.Invoke(step);
        }

        return new EpochReport(epoch, Mean(loss, weight), double.NaN, norm / steps, IsBest: false);
    }

    // One epoch of a reader that EvaluationReader made.
    private double Evaluate(BatchReader<T> batches, CancellationToken cancellationToken)
    {
        // A step before must not leave its states to an evaluation, nor the other way round.
        using PooledBuffer<T> states = _pool.Rent(_network.StateLength(batches.BatchSize));
        double loss = 0;
        double weight = 0;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            Batch<T> batch = batches.Next();
            double counted = CheckOutputs(batch);
            using StepMemory<T> memory = Rent(batch);
            Span<T> carried = states.Span[..memory.State.Length];
            loss += counted * Forward(batch, carried, memory, dropout: null);
            weight += counted;
            memory.State.CopyTo(carried);
        }
        while (batches.Position > 0);
        return Mean(loss, weight);
    }

    // The order of the data; in chunks, each of which carries on from the one before.
    private static BatchReader<T> EvaluationReader(SequenceData<T> data, int batchSize) =>
        new(data, batchSize) { Chunk = data.Shape.IsCuttable ? EvaluatedSteps : 0 };

    private BatchReader<T> ValidationReader(BatchReader<T> batches, SequenceData<T> validation)
    {
        if (validation.Count == 0)
        {
            throw new ArgumentException("'validation' has no sequences, expected at least one.", nameof(validation));
        }

        validation.Shape.Expect(batches.Data.Shape, nameof(validation), "as the training data");
        BatchReader<T> reader = EvaluationReader(validation, batches.BatchSize);
        double weight = 0;
        do
        {
            weight += CheckOutputs(reader.Next());
        }
        while (reader.Position > 0);
        return weight > 0
            ? reader
            : throw new ArgumentException("'validation' has no output that counts, expected at least one.", nameof(validation));
    }

    private static double Mean(double sum, double weight) => weight == 0 ? 0 : sum / weight;

    [DoesNotReturn]
    private void ThrowValidation(EpochReport report) => throw new TrainingException(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The validation loss of epoch {report.Epoch} is {report.ValidationLoss}, expected a finite number{Checkpoint}."),
        Steps,
        "loss");
}
