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
        Item[] known = [.. learnedRows.Select(row => new Item(task, learned.Records[row], learned.Name))];
        IEnumerable<Item> others = scoredRows.Select(row => new Item(task, scored.Records[row], scored.Name));
        Func<Item, double>[] scores = task.Kind switch
        {
            TaskKind.Regress => [Mean(known)],
            TaskKind.Next => [.. AllOrders().Select(order => Next(task, known, order))],
            TaskKind.Classify => task.Alphabet is null
                ? [Majority(task, known)]
                : [Majority(task, known), .. AllOrders().Select(order => Classify(task, known, order))],

            // A label behind symbols is one more symbol.
            _ => task.Alphabet is null
                ? [Majority(task, known)]
                : [Majority(task, known), .. AllOrders().Select(order => Label(task, known, order))],
        };
        return [.. others.Select(item => scores.Select(score => score(item)).ToArray())];
    }

    private static IEnumerable<int> AllOrders() => Enumerable.Range(1, NGram.LargestOrder);

    private static string[] Orders() => [.. AllOrders().Select(order => $"{order}-gram")];

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

    private static Func<Item, double> Next(SequenceTask task, Item[] known, int order)
    {
        var model = new NGram(task.InputSize, order);
        foreach (Item item in known)
        {
            for (int i = 1; i < item.Symbols.Length; i++)
            {
                model.Learn(item.Symbols.AsSpan(0, i), item.Symbols[i]);
            }
        }

        return item =>
        {
            double sum = 0;
            for (int i = 1; i < item.Symbols.Length; i++)
            {
                sum += Math.Log(model.Probability(item.Symbols.AsSpan(0, i), item.Symbols[i]));
            }

            return sum;
        };
    }

    // The class whose n-grams and share make the sequence likeliest.
    private static Func<Item, double> Classify(SequenceTask task, Item[] known, int order)
    {
        NGram[] models = [.. task.Labels.Select(_ => new NGram(task.InputSize, order))];
        double[] shares = new double[models.Length];
        foreach (Item item in known)
        {
            models[item.Labels[0]].Learn(item.Symbols);
            shares[item.Labels[0]]++;
        }

        return item =>
        {
            int best = Enumerable.Range(0, models.Length)
                .Where(k => shares[k] > 0)
                .MaxBy(k => Math.Log(shares[k]) + models[k].LogLikelihood(item.Symbols));
            return best == item.Labels[0] ? 1 : 0;
        };
    }

    private static Func<Item, double> Label(SequenceTask task, Item[] known, int order)
    {
        int symbols = task.InputSize;
        var model = new NGram(symbols + task.Labels.Count, order);
        foreach (Item item in known)
        {
            foreach ((int context, int label) in item.Places)
            {
                model.Learn(item.Symbols.AsSpan(0, context), symbols + label);
            }
        }

        return item => item.Places.Count(place => model.Predict(item.Symbols.AsSpan(0, place.Context)) == symbols + place.Label);
    }

    /// <summary>A record with what baselines read of it.</summary>
    private sealed class Item
    {
        public Item(SequenceTask task, SequenceRecord record, string file)
        {
            (int[] symbols, _, int length) = task.Encode(record, file);
            Symbols = task.Kind == TaskKind.Next ? [task.End, .. symbols, task.End] : symbols;
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

        public double Target { get; }

        /// <summary>Places with a label: the number of symbols that may be known there, and the label.</summary>
        public (int Context, int Label)[] Places { get; }

        public int[] Labels => [.. Places.Select(place => place.Label)];
    }
}
