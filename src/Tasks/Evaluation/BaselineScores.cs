namespace SpanRnn.Tasks.Evaluation;

/// <summary>Baselines of a task that learn from some records and predict others.</summary>
internal static class BaselineScores
{
    /// <summary>Names of the baselines of a task.</summary>
    public static string[] Names(SequenceTask task) => task.Kind switch
    {
        TaskKind.Regress => ["mean"],
        TaskKind.Next => Orders(),
        _ when task.Alphabet is null => ["majority"],
        _ => ["majority", .. Orders()],
    };

    /// <summary>
    /// Scores records: per record and baseline the sum over its predicted places of 1 for a right label, of the squared error, or of ln p
    /// of the next symbol.
    /// </summary>
    /// <returns>[records][baselines].</returns>
    public static double[][] Of(
        SequenceTask task, SequenceFile learned, IReadOnlyList<int> learnedRows, SequenceFile scored, IReadOnlyList<int> scoredRows)
    {
        Item[] known = Items(task, learned, learnedRows);
        Func<Item, IEnumerable<double>> nGrams = task.Alphabet is null ? _ => [] : task.Kind switch
        {
            TaskKind.Next => Next(task, known),
            TaskKind.Classify => Classify(task, known),
            TaskKind.Regress => _ => [],
            _ => Label(task, known),
        };
        Func<Item, double>? simple = task.Kind switch
        {
            TaskKind.Regress => Mean(known),
            TaskKind.Next => null,
            _ => Majority(task, known),
        };
        return
        [
            .. Items(task, scored, scoredRows).Select(item => (double[])[.. simple is null ? [] : new[] { simple(item) }, .. nGrams(item)]),
        ];
    }

    private static IEnumerable<int> AllOrders() => Enumerable.Range(1, NGram.LargestOrder);

    private static string[] Orders() => [.. AllOrders().Select(order => $"{order}-gram")];

    // In a running text the records before are context, as far as an n-gram looks.
    private static Item[] Items(SequenceTask task, SequenceFile file, IReadOnlyList<int> rows)
    {
        var items = new Item[rows.Count];
        int[] before = [];
        for (int i = 0; i < items.Length; i++)
        {
            bool follows = task.IsRunningText && i > 0 && rows[i] == rows[i - 1] + 1;
            items[i] = new Item(task, file.Records[rows[i]], file.Name, follows ? before : []);
            before = items[i].Symbols[^Math.Min(items[i].Symbols.Length, NGram.LargestOrder - 1)..];
        }

        return items;
    }

    private static Func<Item, double> Mean(Item[] known)
    {
        double mean = known.Average(item => item.Target);
        return item => (item.Target - mean) * (item.Target - mean);
    }

    private static Func<Item, double> Majority(SequenceTask task, Item[] known)
    {
        int likeliest = new MajorityBaseline([.. known.SelectMany(item => item.Labels)], task.Labels.Count).Class;
        return item => item.Labels.Count(label => label == likeliest);
    }

    // What a model of the largest order learned of shorter contexts is what one of a smaller order learns.
    private static ReadOnlySpan<int> Context(int[] symbols, int end, int order)
    {
        int start = Math.Max(0, end - order + 1);
        return symbols.AsSpan(start, end - start);
    }

    private static Func<Item, IEnumerable<double>> Next(SequenceTask task, Item[] known)
    {
        var model = new NGram(task.InputSize, NGram.LargestOrder);
        foreach (Item item in known)
        {
            for (int i = item.First; i < item.Symbols.Length; i++)
            {
                model.Learn(item.Symbols.AsSpan(0, i), item.Symbols[i]);
            }
        }

        return item => AllOrders().Select(order =>
        {
            double sum = 0;
            for (int i = item.First; i < item.Symbols.Length; i++)
            {
                sum += Math.Log(model.Probability(Context(item.Symbols, i, order), item.Symbols[i]));
            }

            return sum;
        });
    }

    // The class whose n-grams and share make the sequence likeliest.
    private static Func<Item, IEnumerable<double>> Classify(SequenceTask task, Item[] known)
    {
        NGram[] models = [.. task.Labels.Select(_ => new NGram(task.InputSize, NGram.LargestOrder))];
        double[] shares = new double[models.Length];
        foreach (Item item in known)
        {
            models[item.Labels[0]].Learn(item.Symbols);
            shares[item.Labels[0]]++;
        }

        int[] seen = [.. Enumerable.Range(0, models.Length).Where(k => shares[k] > 0)];
        return item => AllOrders().Select(order =>
        {
            int best = seen.MaxBy(k =>
            {
                double sum = Math.Log(shares[k]);
                for (int i = 0; i < item.Symbols.Length; i++)
                {
                    sum += Math.Log(models[k].Probability(Context(item.Symbols, i, order), item.Symbols[i]));
                }

                return sum;
            });
            return best == item.Labels[0] ? 1.0 : 0;
        });
    }

    // A label behind symbols is one more symbol.
    private static Func<Item, IEnumerable<double>> Label(SequenceTask task, Item[] known)
    {
        int symbols = task.InputSize;
        var model = new NGram(symbols + task.Labels.Count, NGram.LargestOrder);
        foreach (Item item in known)
        {
            foreach ((int context, int label) in item.Places)
            {
                model.Learn(item.Symbols.AsSpan(0, context), symbols + label);
            }
        }

        return item => AllOrders().Select(order => (double)item.Places.Count(
            place => model.Predict(Context(item.Symbols, place.Context, order)) == symbols + place.Label));
    }

    /// <summary>A record with what baselines read of it.</summary>
    private sealed class Item
    {
        public Item(SequenceTask task, SequenceRecord record, string file, int[] before)
        {
            (int[] symbols, _, int length) = task.Encode(record, file);
            int[] context = before.Length > 0 ? before : [task.Kind == TaskKind.Next ? task.End : 0];
            Symbols = task.Kind == TaskKind.Next ? [.. context, .. symbols, task.End] : symbols;
            First = context.Length;
            Target = task.Kind == TaskKind.Regress ? SequenceTask.Target(record, file) : 0;
            Places = task.Kind switch
            {
                TaskKind.Classify => [(length, task.Class(record, file))],
                TaskKind.Tag => [.. task.TagsOf(record, file, length).Select((label, i) => (i + 1, label))],
                TaskKind.Last => [(length - 1, symbols[^1])],
                _ => [],
            };
        }

        public int[] Symbols { get; }

        /// <summary>Index of the first symbol whose prediction counts, where the next one is predicted.</summary>
        public int First { get; }

        public double Target { get; }

        /// <summary>Places with a label: the number of symbols that may be known there, and the label.</summary>
        public (int Context, int Label)[] Places { get; }

        public int[] Labels => [.. Places.Select(place => place.Label)];
    }
}
