using SpanRnn.Tasks.Training;

namespace SpanRnn.Tasks;

/// <summary>
/// Training of a network for a task on the sequences of a file, epoch by epoch, with the parameters of the best epoch kept. With the same
/// seed the result is the same to the bit, for any number of threads.
/// </summary>
/// <remarks>
/// Belongs to one thread at a time. Sequences have the lengths that they have: a batch has no padding that counts for anything. A running
/// text is cut into parts that are read side by side, in chunks whose states carry on.
/// </remarks>
public sealed class SequenceTraining : IDisposable
{
    // Steps of a chunk, where the next symbol is predicted.
    private const int ChunkSteps = 128;

    // Hash of all sequences and the seed: a checkpoint continues no other run.
    private readonly string _fingerprint;
    private readonly SequenceData<float>? _validation;
    private readonly BatchReader<float> _reader;
    private readonly Trainer<float> _trainer;

    /// <summary>Prepares a training: chooses what the options leave open, encodes all sequences, makes the network.</summary>
    /// <param name="task">The task, such as SequenceTask.Of(file).</param>
    /// <param name="file">Sequences to train on and, unless the options have a file for it, to validate with.</param>
    /// <param name="options">Choices; null for those of the task.</param>
    /// <exception cref="ModelFormatException">A record does not fit the task; the message has its line.</exception>
    /// <exception cref="ArgumentException">Choices contradict each other or are out of range.</exception>
    public SequenceTraining(SequenceTask task, SequenceFile file, SequenceTrainingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(file);
        Task = task;
        Options = TaskDefaults.Resolve(task, file, options ?? new SequenceTrainingOptions());
        Spec = TaskDefaults.Network(task, Options);
        task.Check(file, SequenceModel.LeastLength(Spec));
        if (Options.ValidationFile is { } held)
        {
            task.Check(held, SequenceModel.LeastLength(Spec));
        }

        (Training, Validation) = Options.ValidationFile is { } other ? (file, other) : Divide(task, file, Options);
        _fingerprint = TaskData.Fingerprint(Training, Validation, Options.Seed);
        SequenceData<float> training;
        if (task.IsRunningText)
        {
            training = TaskData.OfText(task, Spec, TaskData.Text(task, Training), Options.BatchSize!.Value);
            _validation = Validation is null ? null : TaskData.OfText(task, Spec, TaskData.Text(task, Validation), 1);
        }
        else
        {
            training = TaskData.Of(task, Spec, Training, Options.EarlierWeight!.Value);
            _validation = Validation is null ? null : TaskData.Of(task, Spec, Validation, 0);
        }

        _reader = new BatchReader<float>(training, Options.BatchSize!.Value)
        {
            Shuffle = true,
            Seed = Options.Seed,
            Chunk = task.Kind == TaskKind.Next ? ChunkSteps : 0,
        };
        int length = Spec.Parameters.Length;
        double rate = Options.LearningRate!.Value;
        Optimizer<float> optimizer = Options.Optimizer?.Invoke(length) ?? new Adam<float>(length);
        _trainer = new Trainer<float>(Spec, optimizer, new TrainerOptions(TaskData.LossOf(task))
        {
            Schedule = Options.Schedule?.Invoke(rate) ?? LearningRateSchedule.Cosine(rate, checked(Options.Epochs!.Value * StepsPerEpoch)),
            ClipNorm = Options.ClipNorm!.Value,
            Dropout = Options.Dropout!.Value,
            RecurrentDropout = Options.RecurrentDropout!.Value,
            Seed = Options.Seed,
            Threads = Options.Threads,
        });
        Options.Start?.Parameters.CopyTo(_trainer.Parameters);
    }

    /// <summary>The task.</summary>
    public SequenceTask Task { get; }

    /// <summary>
    /// All choices, none of a network or a training null but the optimizer, the readout and files that there are none of.
    /// </summary>
    public SequenceTrainingOptions Options { get; }

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>Sequences that are trained on.</summary>
    public SequenceFile Training { get; }

    /// <summary>Sequences that decide when training ends; null for none.</summary>
    public SequenceFile? Validation { get; }

    /// <summary>Number of training steps in an epoch.</summary>
    public long StepsPerEpoch => _reader.BatchesPerEpoch;

    /// <summary>Number of whole epochs so far.</summary>
    public long Epochs => _reader.Epoch;

    /// <summary>
    /// The best model so far: of the smallest validation loss, or of the last epoch without validation; null before an epoch.
    /// </summary>
    public SequenceModel? Best { get; private set; }

    /// <summary>True if all epochs have run, or the validation loss has not become smaller for as many as the patience.</summary>
    public bool IsDone => Epochs >= Options.Epochs
        || (_validation is not null && Best is not null && Epochs - Best.Epochs >= Options.Patience);

    /// <summary>Trains until <see cref="IsDone"/>.</summary>
    /// <param name="cancellationToken">
    /// Read before every step. The best model so far stays; whoever wants to go on resumes another training from a checkpoint.
    /// </param>
    /// <returns><see cref="Best"/>.</returns>
    /// <exception cref="TrainingException">A loss or a gradient is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public SequenceModel Run(CancellationToken cancellationToken = default)
    {
        while (!IsDone)
        {
            EpochReport report = _trainer.Fit(_reader, _validation, new FitOptions(1) { Step = Options.Step }, cancellationToken);
            bool isBest = _validation is null || Best is null || report.ValidationLoss < Best.ValidationLoss;
            if (isBest)
            {
                Best = new SequenceModel(Task, Spec, _trainer.Parameters)
                {
                    Epochs = _reader.Epoch,
                    ValidationLoss = report.ValidationLoss,
                    Fingerprint = _fingerprint,
                };
            }

            Options.Epoch?.Invoke(report with { IsBest = isBest });
        }

        return Best!;
    }

    /// <summary>Saves the training at the end of an epoch: parameters, moments of the optimizer, the place in the data.</summary>
    /// <remarks>The best model is not in it: save it with <see cref="SequenceModel.Save"/> before.</remarks>
    /// <param name="path">The checkpoint; an existing one is replaced, whole or not at all.</param>
    /// <exception cref="IOException">The file cannot be written; an existing one is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; an existing one is untouched.</exception>
    public void SaveCheckpoint(string path) => TrainingCheckpoint.Save(path, _trainer, _reader);

    /// <summary>Goes on where <see cref="SaveCheckpoint"/> was called, with the same bits as a run that never stopped.</summary>
    /// <param name="path">The checkpoint of a training with the same task, file and options; threads and patience may differ.</param>
    /// <param name="best">The best model up to then; null if there was none yet.</param>
    /// <exception cref="ModelFormatException">
    /// The checkpoint or the model is of another training; the message says what differs. Without a schedule of its own, the rate of a
    /// training depends on the number of epochs. The training is of no use then.
    /// </exception>
    /// <exception cref="IOException">The checkpoint is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The checkpoint may not be read.</exception>
    public void Resume(string path, SequenceModel? best)
    {
        if (best is not null && (best.Fingerprint != _fingerprint || best.Task.ToJson() != Task.ToJson()
            || best.Parameters.Length != Spec.Parameters.Length))
        {
            throw new ModelFormatException(
                path,
                "the best model is of a run on other sequences, or with another task, network or seed, expected those of the run before.");
        }

        TrainingCheckpoint.Load(path).Restore(_trainer, _reader);
        if (best is null ? _reader.Epoch > 0 : best.Epochs < 1 || best.Epochs > _reader.Epoch + 1)
        {
            throw new ModelFormatException(
                path,
                $"the best model {(best is null ? "is missing" : $"is of epoch {best.Epochs}")}, expected one of 1 to {_reader.Epoch + 1}: "
                + "it is saved before the checkpoint.");
        }

        Best = best;
    }

    /// <summary>Ends the threads; there is no training afterwards, and the best model stays.</summary>
    public void Dispose() => _trainer.Dispose();

    private static (SequenceFile Training, SequenceFile? Validation) Divide(
        SequenceTask task, SequenceFile file, SequenceTrainingOptions options)
    {
        double share = options.Validation!.Value;
        if (share == 0)
        {
            return (file, null);
        }

        if (task.IsRunningText)
        {
            return TaskData.DivideText(task, file, share);
        }

        string?[] labels = [.. file.Records.Select(record => task.Kind == TaskKind.Classify ? record.Label : null)];
        var split = Split.Of(labels, share, 0, options.Seed);
        return split.Validation.Count > 0 && split.Train.Count > 0
            ? (file.Part(split.Train), file.Part(split.Validation))
            : throw new ModelFormatException(
                file.Name,
                FormattableString.Invariant(
                    $"{file.Records.Count} sequences are too few to take {share} of them for validation, expected more; ")
                + "or a share of 0, without validation.");
    }
}
