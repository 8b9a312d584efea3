using SpanRnn.Tasks.Evaluation;
using SpanRnn.Tasks.Models;

namespace SpanRnn.Tasks;

/// <summary>
/// Figures of a model on sequences that it was not trained with, with their 95 % intervals, and of baselines on the same sequences.
/// </summary>
public sealed class SequenceEvaluation
{
    // Parts that baselines learn from each other without data of their own.
    private const int Folds = 10;

    private SequenceEvaluation(int sequences) => Sequences = sequences;

    /// <summary>Number of sequences.</summary>
    public int Sequences { get; }

    /// <summary>Figures of predicted labels; null for other tasks.</summary>
    public ClassificationReport? Classification { get; private init; }

    /// <summary>Figures of a model of the next symbol; null for other tasks.</summary>
    public LikelihoodReport? Likelihood { get; private init; }

    /// <summary>Figures of predicted numbers; null for other tasks.</summary>
    public RegressionReport? Regression { get; private init; }

    /// <summary>
    /// Share of the sequences whose answer the likeliest next symbols spell exactly, with its end; null if none was asked for.
    /// </summary>
    public Estimate? ExactAnswers { get; private init; }

    /// <summary>Name of the main figure: "accuracy", "bits per symbol" or "root mean square error".</summary>
    public string MainName =>
        Classification is not null ? "accuracy" : Likelihood is not null ? "bits per symbol" : "root mean square error";

    /// <summary>The main figure, which baselines have too.</summary>
    public Estimate Main => Classification?.Accuracy ?? Likelihood?.BitsPerSymbol ?? Regression!.RootMeanSquare;

    /// <summary>
    /// Baselines: the most frequent label or the mean, and n-grams with back-off of order 1 to 5. For classes there is one n-gram model for
    /// each. Empty if a single sequence gives them nothing to learn from.
    /// </summary>
    public IReadOnlyList<BaselineFigure> Baselines { get; private init; } = [];

    /// <summary>Evaluates a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">The sequences, with what shall be predicted.</param>
    /// <param name="options">Choices; null for none.</param>
    /// <exception cref="ModelFormatException">A record does not fit the model's task; the message has its line.</exception>
    /// <exception cref="ArgumentException">Answers are asked for, but the model does not predict the next symbol.</exception>
    public static SequenceEvaluation Of(SequenceModel model, SequenceFile file, SequenceEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(file);
        options ??= new SequenceEvaluationOptions();
        SequenceTask task = model.Task;
        if (options.AnswerAfter is not null && task.Kind != TaskKind.Next)
        {
            throw new ArgumentException(
                $"'options.AnswerAfter' is given, but the model was trained for {task.Kind}, expected {TaskKind.Next}.", nameof(options));
        }

        task.Check(file, SequenceModel.LeastLength(model.Spec));
        return Of(model, file, options, BaselinesOf(task, file, options));
    }

    /// <summary>Evaluates a model on records that were checked, without baselines.</summary>
    internal static SequenceEvaluation OfModelAlone(SequenceModel model, SequenceFile file, ulong seed) =>
        Of(model, file, new SequenceEvaluationOptions { Seed = seed }, []);

    private static SequenceEvaluation Of(
        SequenceModel model, SequenceFile file, SequenceEvaluationOptions options, IReadOnlyList<BaselineFigure> baselines)
    {
        SequenceTask task = model.Task;
        return task.Kind switch
        {
            TaskKind.Next => new SequenceEvaluation(file.Records.Count)
            {
                Likelihood = LikelihoodOf(model, file, options.Seed),
                ExactAnswers = options.AnswerAfter is { } mark ? AnswersOf(model, file, mark, options.Seed) : null,
                Baselines = baselines,
            },
            TaskKind.Regress => new SequenceEvaluation(file.Records.Count)
            {
                Regression = new RegressionReport(
                    [.. file.Records.Select(record => SequenceTask.Target(record, file.Name))],
                    [.. file.Records.Select(record => model.Predict(task.Encode(record, file.Name)).Value!.Value)],
                    options.Seed),
                Baselines = baselines,
            },
            _ => new SequenceEvaluation(file.Records.Count)
            {
                Classification = ClassificationOf(model, file, options.Seed),
                Baselines = baselines,
            },
        };
    }

    private static ClassificationReport ClassificationOf(SequenceModel model, SequenceFile file, ulong seed)
    {
        SequenceTask task = model.Task;
        List<int> labels = [];
        List<int> groups = [];
        List<float> probabilities = [];
        for (int row = 0; row < file.Records.Count; row++)
        {
            SequenceRecord record = file.Records[row];
            EncodedSequence encoded = task.Encode(record, file.Name);
            int[] own = task.Kind switch
            {
                TaskKind.Classify => [task.Class(record, file.Name)],
                TaskKind.Last => encoded.Symbols[^1..],
                _ => task.TagsOf(record, file.Name, encoded.Length),
            };
            SequencePrediction prediction = model.Predict(task.Kind == TaskKind.Last
                ? new EncodedSequence(encoded.Symbols[..^1], [], encoded.Length - 1)
                : encoded);
            for (int i = 0; i < own.Length; i++)
            {
                labels.Add(own[i]);
                groups.Add(row);
                foreach (float p in prediction.Probabilities(i))
                {
                    probabilities.Add(Math.Min(p, 1));
                }
            }
        }

        return new ClassificationReport([.. labels], [.. probabilities], task.Labels.Count, seed, [.. groups]);
    }

    private static LikelihoodReport LikelihoodOf(SequenceModel model, SequenceFile file, ulong seed)
    {
        SequenceTask task = model.Task;
        double[] sums = new double[file.Records.Count];
        int[] lengths = new int[sums.Length];
        List<int> text = [task.End];
        List<int> rows = [];
        for (int row = 0; row < sums.Length; row++)
        {
            int[] symbols = task.Encode(file.Records[row], file.Name).Symbols;
            lengths[row] = symbols.Length + 1;
            text.AddRange([.. symbols, task.End]);
            rows.AddRange(Enumerable.Repeat(row, lengths[row]));
            if (!task.IsRunningText)
            {
                Add();
            }
        }

        if (task.IsRunningText)
        {
            Add();
        }

        return new LikelihoodReport(sums, lengths, seed);

        // What follows the last end is not known.
        void Add()
        {
            int[] all = [.. text];
            int[] rowOf = [.. rows];
            model.NextLogProbabilities(all.AsSpan()[..^1], (i, p) => sums[rowOf[i]] += Math.Min(p[all[i + 1]], 0));
            text.RemoveRange(0, text.Count - 1);
            rows.Clear();
        }
    }

    // The likeliest symbols spell the answer if each of them is right behind the right ones before it.
    private static Estimate AnswersOf(SequenceModel model, SequenceFile file, string mark, ulong seed)
    {
        SequenceTask task = model.Task;
        bool[] areExact = [.. file.Records.Select(record =>
        {
            int place = record.Sequence.IndexOf(mark, StringComparison.Ordinal);
            if (place < 0)
            {
                throw new ModelFormatException(
                    file.Name, $"line {record.Line} has no {Files.Quoted.Text(mark)}, expected one with the answer behind it.");
            }

            int[] symbols = [task.End, .. task.Encode(record, file.Name).Symbols, task.End];
            int[] before = task.TryEncode(record.Sequence[..(place + mark.Length)], out _)?.Symbols ?? [];
            int given = before.Length;
            if (given == 0 || !symbols.AsSpan(1).StartsWith(before) || given == symbols.Length - 2)
            {
                throw new ModelFormatException(
                    file.Name,
                    $"line {record.Line} has {Files.Quoted.Text(mark)} within a symbol or nothing behind it, expected an answer of whole "
                    + "symbols behind it.");
            }

            bool isExact = true;
            model.NextLogProbabilities(
                symbols.AsSpan()[..^1], (i, p) => isExact &= i < given || Activations.ArgMax(p) == symbols[i + 1]);
            return isExact;
        })];
        return Bootstrap.Of(
            areExact.Length, counts => (double)counts.Where((_, row) => areExact[row]).Sum() / counts.Sum(), seed);
    }

    private static BaselineFigure[] BaselinesOf(SequenceTask task, SequenceFile file, SequenceEvaluationOptions options)
    {
        int count = file.Records.Count;
        double[][] scores = new double[count][];
        if (options.Training is { } training)
        {
            int[] learned = [.. Enumerable.Range(0, training.Records.Count)];
            scores = BaselineScores.Of(task, training, learned, file, [.. Enumerable.Range(0, count)]);
        }
        else if (count < 2)
        {
            return [];
        }
        else
        {
            foreach ((int[] train, int[] test) in Parts.Folds(task, file, Math.Min(Folds, count), options.Seed))
            {
                double[][] own = BaselineScores.Of(task, file, train, file, test);
                for (int i = 0; i < own.Length; i++)
                {
                    scores[test[i]] = own[i];
                }
            }
        }

        // Places that are predicted: accuracies and bits are means over them.
        int[] places = [.. file.Records.Select(record => task.Kind switch
        {
            TaskKind.Tag => task.Encode(record, file.Name).Length,
            TaskKind.Next => task.Encode(record, file.Name).Length + 1,
            _ => 1,
        })];
        return [.. BaselineScores.Names(task).Select((name, baseline) => new BaselineFigure(
            name, Bootstrap.Of(count, counts => Figure(counts, baseline), options.Seed)))];

        double Figure(int[] counts, int baseline)
        {
            double sum = 0;
            double all = 0;
            for (int row = 0; row < count; row++)
            {
                sum += counts[row] * scores[row][baseline];
                all += counts[row] * places[row];
            }

            return task.Kind switch
            {
                TaskKind.Next => Math.Max(0, -sum / all / Math.Log(2)),
                TaskKind.Regress => Math.Sqrt(sum / all),
                _ => sum / all,
            };
        }
    }
}
