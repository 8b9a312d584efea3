using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace SpanRnn.Tasks.Evaluation;

/// <summary>Trainings of a <see cref="CellComparison"/>, as many at a time as there are threads, until the budget ends.</summary>
internal sealed class ComparedTrainings : IDisposable
{
    // What trainings may take of a budget; the rest is for epochs that take longer than those that were timed.
    private const double Planned = 0.85;

    // What times of another run may be larger by.
    private const double Margin = 1.5;

    // What timing may take of a budget: twice each network, because code is compiled at first, and again where it runs often.
    private const double Timed = 0.2;
    private const int TimedEpochs = 30;

    private readonly SequenceTask _task;
    private readonly SequenceFile _file;
    private readonly SequenceTrainingOptions _options;
    private readonly TimeSpan? _budget;
    private readonly CancellationToken _canceled;
    private readonly CancellationTokenSource _stop;
    private readonly long _start = Stopwatch.GetTimestamp();

    public ComparedTrainings(
        SequenceTask task, SequenceFile file, int folds, SequenceTrainingOptions options, TimeSpan? budget, CancellationToken canceled)
    {
        (_task, _file, Folds, _options, _budget, _canceled) = (task, file, folds, options, budget, canceled);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(canceled);
        if (budget is { } time)
        {
            _stop.CancelAfter(time);
        }
    }

    /// <summary>Parts of the sequences, of which one is held out.</summary>
    public int Folds { get; }

    public void Dispose() => _stop.Dispose();

    /// <summary>Finds the most epochs of each training for which the budget is enough.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="seeds">Trainings of each.</param>
    /// <param name="usual">Epochs without a budget.</param>
    public int Epochs(ComparedNetwork[] networks, int seeds, int usual)
    {
        if (_budget is not { } budget)
        {
            return usual;
        }

        var others = new TimeSpan[networks.Length];
        var epochs = new TimeSpan[networks.Length];
        TimeSpan share = Timed * budget * Math.Min(_options.Threads, networks.Length) / (2 * networks.Length);
        for (int round = 0; round < 2; round++)
        {
            ForEach(networks.Length, i =>
            {
                // A long epoch has little of compilation in it.
                if (epochs[i] < share)
                {
                    (epochs[i], others[i]) = Time(networks[i], share);
                }
            });
        }

        int trainings = networks.Length * seeds;
        if (_stop.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The budget of {Seconds(budget)} is too small for one epoch of each of the {trainings} trainings, expected more time.");
        }

        double epoch = epochs.Sum(time => time.TotalSeconds);
        double other = others.Sum(time => time.TotalSeconds);
        double spent = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        double left = (Planned * budget.TotalSeconds) - spent;
        int threads = Math.Min(_options.Threads, trainings);
        double possible = ((left * threads / seeds) - other) / epoch;
        double needed = Margin * (spent + (seeds * (epoch + other) / threads)) / Planned;
        return possible >= 1 ? (int)Math.Min(usual, possible) : throw new TimeoutException(
            $"The budget of {Seconds(budget)} is too small for one epoch of each of the {trainings} trainings, expected "
            + $"{Seconds(TimeSpan.FromSeconds(Math.Ceiling(needed)))} or more, or fewer seeds.");
    }

    /// <summary>Trains all networks with all seeds, seed by seed.</summary>
    /// <returns>For each network and seed what came of it; null where the budget ended before.</returns>
    public (SequenceEvaluation Evaluation, TimeSpan Time)?[][] Run(
        ComparedNetwork[] networks, int seeds, int epochs, Action<CellComparisonRun>? run)
    {
        (SequenceEvaluation, TimeSpan)?[][] runs = [.. networks.Select(_ => new (SequenceEvaluation, TimeSpan)?[seeds])];
        int all = networks.Length * seeds;
        int done = 0;
        Lock turn = new();
        ForEach(all, i =>
        {
            ComparedNetwork network = networks[i % networks.Length];
            int seed = i / networks.Length;
            (SequenceEvaluation evaluation, TimeSpan time) = Train(network, seed, epochs);
            runs[i % networks.Length][seed] = (evaluation, time);
            lock (turn)
            {
                done++;
                run?.Invoke(new CellComparisonRun(network, _options.Seed + (ulong)seed, evaluation, time, done, all));
            }
        });
        return runs;
    }

    // The last epoch that was begun within a share of the budget, and what a training takes besides its epochs.
    private (TimeSpan Epoch, TimeSpan Other) Time(ComparedNetwork network, TimeSpan share)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        (int[] train, int[] test) = Part(0);
        TimeSpan epoch = TimeSpan.Zero;
        TimeSpan before = TimeSpan.Zero;
        long start = Stopwatch.GetTimestamp();
        using SequenceTraining training = Training(network, train, 0, TimedEpochs, _options with
        {
            Epoch = _ =>
            {
                TimeSpan now = Stopwatch.GetElapsedTime(start);
                (epoch, before) = (now - before, now);
                if (now > share)
                {
                    enough.Cancel();
                }
            },
        });
        TimeSpan other = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        try
        {
            training.Run(enough.Token);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // At least one epoch is whole.
        }

        start = Stopwatch.GetTimestamp();
        SequenceEvaluation.OfModelAlone(training.Best!, _file.Part(test), _options.Seed);
        return (epoch, other + Stopwatch.GetElapsedTime(start));
    }

    private (SequenceEvaluation Evaluation, TimeSpan Time) Train(ComparedNetwork network, int seed, int epochs)
    {
        (int[] train, int[] test) = Part(seed);
        using SequenceTraining training = Training(network, train, seed, epochs, _options);
        long start = Stopwatch.GetTimestamp();
        SequenceModel model = training.Run(_stop.Token);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        return (SequenceEvaluation.OfModelAlone(model, _file.Part(test), _options.Seed), time);
    }

    // As many seeds as there are folds hold out every sequence once.
    private (int[] Train, int[] Test) Part(int seed) =>
        Parts.Folds(_task, _file, Folds, _options.Seed + (ulong)(seed / Folds * Folds))[seed % Folds];

    private SequenceTraining Training(ComparedNetwork network, int[] train, int seed, int epochs, SequenceTrainingOptions options) =>
        new(_task, _file.Part(train), options with
        {
            Cell = network.Cell,
            HiddenSize = network.HiddenSize,
            Epochs = epochs,
            Seed = options.Seed + (ulong)seed,
            Threads = 1,
        });

    // Calls in order, several at a time, until the budget ends.
    private void ForEach(int count, Action<int> call)
    {
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Enumerable.Range(0, count), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = _options.Threads, CancellationToken = _stop.Token },
                call);
        }
        catch (Exception e) when (e is OperationCanceledException or AggregateException)
        {
            // The first error says it; the others are most often the same. If the budget has ended, what is not done shows it.
            if (e is AggregateException several && several.InnerExceptions.FirstOrDefault(IsError) is { } error)
            {
                ExceptionDispatchInfo.Throw(error);
            }

            _canceled.ThrowIfCancellationRequested();
        }

        static bool IsError(Exception e) => e is not OperationCanceledException;
    }

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:G3} s");
}
