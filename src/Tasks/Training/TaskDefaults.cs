namespace SpanRnn.Tasks.Training;

/// <summary>Choices that the options leave open, task by task, and the network that follows from all of them.</summary>
internal static class TaskDefaults
{
    // Steps of all sequences of a batch together, above which a batch has fewer sequences.
    private const int MostSteps = 1 << 17;

    private const int FewRecords = 20;

    public static SequenceTrainingOptions Resolve(SequenceTask task, SequenceFile file, SequenceTrainingOptions options)
    {
        Check(task, options);
        bool isNext = task.Kind == TaskKind.Next;
        bool isLast = task.Kind == TaskKind.Last;
        int longest = file.Records.Max(record => record.Sequence.Length);
        int batch = options.BatchSize ?? Math.Clamp(MostSteps / Math.Max(longest, 1), 1, 32);
        return options with
        {
            Cell = options.Cell ?? CellKind.GruResetAfter,
            HiddenSize = options.HiddenSize ?? (isNext || isLast ? 128 : 32),
            Layers = options.Layers ?? 1,
            Bidirectional = options.Bidirectional ?? !(isNext || isLast),
            EmbeddingSize = options.EmbeddingSize ?? 0,
            Readout = options.Readout ?? (task.Kind is TaskKind.Classify or TaskKind.Regress ? new PoolLayer(Pooling.Maximum) : null),
            Dropout = options.Dropout ?? 0.2,
            RecurrentDropout = options.RecurrentDropout ?? 0,
            LearningRate = options.LearningRate ?? 3e-3,
            Schedule = options.Schedule ?? LearningRateSchedule.Constant,
            ClipNorm = options.ClipNorm ?? 1,
            Epochs = options.Epochs ?? 100,
            Patience = options.Patience ?? 10,
            Validation = options.Validation ?? (task.IsRunningText || file.Records.Count >= FewRecords ? 0.1 : 0),
            BatchSize = task.IsRunningText ? options.BatchSize ?? 32 : batch,
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

    private static void Check(SequenceTask task, SequenceTrainingOptions options)
    {
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
            throw new ArgumentException("'options.EmbeddingSize' is given with numbers, expected 0: a table is for symbols.", nameof(options));
        }
    }
}
