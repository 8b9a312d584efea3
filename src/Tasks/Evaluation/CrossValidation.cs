using SpanRnn.Tasks.Evaluation;

namespace SpanRnn.Tasks;

/// <summary>
/// Training and evaluation again and again, by fold, by seed or both. Every run is evaluated on sequences that it has not seen, and its
/// validation comes out of its own training part.
/// </summary>
public static class CrossValidation
{
    /// <summary>Trains and evaluates one network for each seed and fold.</summary>
    /// <remarks>
    /// As many runs as options.Threads go on at a time, each on one thread; results do not depend on it. Options.Step and Options.Epoch are
    /// called from their threads. Labels, alphabet and scales are those of the task, and so of all sequences. Folds of a running text are
    /// stretches of it.
    /// </remarks>
    /// <param name="task">The task.</param>
    /// <param name="file">The sequences.</param>
    /// <param name="folds">Folds of each seed, from 2 to the number of sequences.</param>
    /// <param name="seeds">Number of seeds, at least 1: options.Seed and those behind it. Each draws folds of its own.</param>
    /// <param name="options">Choices of each training; null for those of the task. Start is the model that every run starts from.</param>
    /// <param name="run">Called after every run, one call at a time; null for none.</param>
    /// <param name="cancellationToken">Ends all runs.</param>
    /// <returns>The runs, seed by seed and fold by fold.</returns>
    /// <exception cref="ModelFormatException">A record does not fit the task; the message has its line.</exception>
    /// <exception cref="ArgumentException">Choices contradict each other or are out of range.</exception>
    /// <exception cref="TrainingException">A loss or a gradient is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static IReadOnlyList<CrossValidationRun> Of(
        SequenceTask task,
        SequenceFile file,
        int folds,
        int seeds = 1,
        SequenceTrainingOptions? options = null,
        Action<CrossValidationRun>? run = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        options ??= new SequenceTrainingOptions();
        (ulong Seed, int Fold, int[] Train, int[] Test)[] plan =
        [
            .. Enumerable.Range(0, seeds)
                .Select(i => options.Seed + (ulong)i)
                .SelectMany(seed => Parts.Folds(task, file, folds, seed).Select((part, fold) => (seed, fold, part.Train, part.Test))),
        ];
        var runs = new CrossValidationRun[plan.Length];
        Lock turn = new();
        try
        {
            Parallel.For(
                0,
                plan.Length,
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellationToken },
                i =>
                {
                    (ulong seed, int fold, int[] trainRows, int[] testRows) = plan[i];
                    SequenceFile train = file.Part(trainRows);
                    using var training = new SequenceTraining(task, train, options with { Seed = seed, Threads = 1 });
                    SequenceModel model = training.Run(cancellationToken);
                    var evaluation = SequenceEvaluation.Of(
                        model, file.Part(testRows), new SequenceEvaluationOptions { Training = train, Seed = seed });
                    runs[i] = new CrossValidationRun(seed, fold, model.Epochs, evaluation);
                    lock (turn)
                    {
                        run?.Invoke(runs[i]);
                    }
                });
        }
        catch (AggregateException e)
        {
            // The first one says it; the others are most often the same.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return runs;
    }
}
