namespace SpanRnn.Tasks.Training;

/// <summary>Choices that the options leave open, task by task, and the network that follows from all of them.</summary>
internal static class TaskDefaults
{
    // Steps of all sequences of a batch together, above which a batch has fewer sequences.
    private const int MostSteps = 1 << 17;

    private const int FewRecords = 20;

    // Symbols above which a table is smaller than one-hot, and the numbers of each in it.
    private const int MostOneHot = 200;
    private const int WordNumbers = 64;

    // Symbols of the training up to which a model of the next symbol needs strong dropout.
    private const int FewSymbols = 200_000;

    /// <summary>
    /// Fills in what the options leave open. The choices were made on validation data of peptides, promoters, splice junctions, sums and a
    /// book.
    /// </summary>
    public static SequenceTrainingOptions Resolve(SequenceTask task, SequenceFile file, SequenceTrainingOptions options)
    {
        Check(task, options);
        int count = file.Records.Count;
        int longest = file.Records.Max(record => record.Sequence.Length);
        bool isSmall = file.Records.Sum(record => (long)record.Sequence.Length) < FewSymbols;
        SequenceTrainingOptions usual = task.Kind switch
        {
            TaskKind.Next when task.IsRunningText =>
                Usual(hidden: 256, isSmall ? 0.5 : 0.1, isSmall ? 0.3 : 0, epochs: 60, isSmall ? 16 : 32),
            TaskKind.Next => Usual(hidden: 128, isSmall ? 0.5 : 0.1, isSmall ? 0.25 : 0, epochs: 40, isSmall ? 16 : 32),
            TaskKind.Last => Usual(hidden: 192, dropout: 0.5, recurrentDropout: 0.25, epochs: 60, batch: 16),

            // With few sequences, more steps of fewer.
            _ => Usual(hidden: 64, task.Kind == TaskKind.Regress ? 0 : 0.5, recurrentDropout: 0, epochs: 40, Math.Clamp(count / 64, 8, 32)),
        };
        bool isOfWhole = task.Kind is TaskKind.Classify or TaskKind.Regress;
        return options with
        {
            Cell = options.Cell ?? CellKind.GruResetAfter,
            HiddenSize = options.HiddenSize ?? usual.HiddenSize,
            Layers = options.Layers ?? 1,
            Bidirectional = options.Bidirectional ?? task.Kind is TaskKind.Classify or TaskKind.Regress or TaskKind.Tag,
            EmbeddingSize = options.EmbeddingSize ?? (task.InputSize > MostOneHot && task.Alphabet is not null ? WordNumbers : 0),
            Readout = options.Readout ?? (isOfWhole ? new PoolLayer(Pooling.Maximum)
                : task.Kind == TaskKind.Last && options.Bidirectional == true ? new FinalStateLayer()
                : null),
            Dropout = options.Dropout ?? usual.Dropout,
            RecurrentDropout = options.RecurrentDropout ?? usual.RecurrentDropout,
            LearningRate = options.LearningRate ?? 3e-3,
            ClipNorm = options.ClipNorm ?? 1,
            Epochs = options.Epochs ?? usual.Epochs,
            Patience = options.Patience ?? 20,
            Validation = options.Validation ?? (task.IsRunningText || count >= FewRecords ? 0.1 : 0),
            BatchSize = options.BatchSize ?? (task.IsRunningText
                ? usual.BatchSize
                : Math.Clamp(MostSteps / Math.Max(longest, 1), 1, usual.BatchSize!.Value)),
            EarlierWeight = options.EarlierWeight ?? 0.2,
        };
    }

    public static NetworkSpec Network(SequenceTask task, SequenceTrainingOptions options)
    {
        if (options.Start is { } start)
        {
            return start.Spec;
        }

        var layer = new RecurrentLayer(options.Cell!.Value, options.HiddenSize!.Value) { Bidirectional = options.Bidirectional!.Value };
        List<LayerSpec> layers = [.. Enumerable.Repeat(layer, options.Layers!.Value)];
        if (options.Readout is { } readout)
        {
            layers.Add(readout);
        }

        layers.Add(new DenseLayer(task.OutputSize));
        return options.EmbeddingSize > 0
            ? new NetworkSpec(new EmbeddingSpec(task.InputSize, options.EmbeddingSize.Value), [.. layers])
            : new NetworkSpec(task.InputSize, [.. layers]);
    }

    private static SequenceTrainingOptions Usual(int hidden, double dropout, double recurrentDropout, int epochs, int batch) => new()
    {
        HiddenSize = hidden,
        Dropout = dropout,
        RecurrentDropout = recurrentDropout,
        Epochs = epochs,
        BatchSize = batch,
    };

    private static void Check(SequenceTask task, SequenceTrainingOptions options)
    {
        (string Name, double? Value, bool IsRight, string Expected)[] numbers =
        [
            (nameof(options.HiddenSize), options.HiddenSize, options.HiddenSize is null or > 0, "1 or more"),
            (nameof(options.Layers), options.Layers, options.Layers is null or > 0, "1 or more"),
            (nameof(options.EmbeddingSize), options.EmbeddingSize, options.EmbeddingSize is null or >= 0, "0 or more"),
            (nameof(options.EarlierWeight), options.EarlierWeight, options.EarlierWeight is null or (>= 0 and <= 1), "0 to 1"),
            (nameof(options.Epochs), options.Epochs, options.Epochs is null or > 0, "1 or more"),
            (nameof(options.Patience), options.Patience, options.Patience is null or > 0, "1 or more"),
            (nameof(options.Validation), options.Validation, options.Validation is null or (>= 0 and < 1), "0 or more and below 1"),
            (nameof(options.BatchSize), options.BatchSize, options.BatchSize is null or > 0, "1 or more"),
            (nameof(options.Threads), options.Threads, options.Threads > 0, "1 or more"),
        ];
        foreach ((string name, double? value, bool isRight, string expected) in numbers)
        {
            if (!isRight)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options), FormattableString.Invariant($"'options.{name}' is {value}, expected {expected}."));
            }
        }

        if (options.Start is { } start && SequenceModel.Problem(task, start.Spec) is { } problem)
        {
            throw new ArgumentException($"'options.Start' {problem}.", nameof(options));
        }

        if (options.Bidirectional == true && task.Kind == TaskKind.Next)
        {
            throw new ArgumentException(
                "'options.Bidirectional' is true, expected false to predict the next symbol, which the other direction would see.",
                nameof(options));
        }

        if (options.Readout is not null && !task.IsManyToOne)
        {
            throw new ArgumentException(
                $"'options.Readout' is given with {task.Kind}, expected none: there is one output per symbol.", nameof(options));
        }

        if (options.EmbeddingSize > 0 && task.Alphabet is null)
        {
            throw new ArgumentException(
                "'options.EmbeddingSize' is given with numbers, expected 0: a table is for symbols.", nameof(options));
        }
    }
}
