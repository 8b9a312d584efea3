using System.Numerics;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Train;

/// <summary>One training run, from its start or a checkpoint to its end or a signal to stop.</summary>
internal static class TrainRun
{
    /// <summary>Trains and writes the files of the settings.</summary>
    /// <returns>The exit code.</returns>
    public static int Run<T>(TrainSettings settings, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckFiles(settings);
        using CheckpointLock? own = settings.Checkpoint is null ? null : new CheckpointLock(settings.Checkpoint);
        CheckCheckpoint(settings);
        var x = NpyArray.Load(settings.Inputs["x"]);
        RecurrentModel? model = settings.Model is null ? null : ModelFile.Load(settings.Model, settings.Nonlinearity);
        NetworkSpec spec = model is not null ? Describe(settings, model)
            : settings.Network is { } network ? Describe(settings, network)
            : Describe(settings, x);
        SayWhatStaysFixed(spec, terminal);
        SequenceData<T> data = TrainData.Read<T>(spec, x, settings, terminal);
        BatchReader<T> reader = MakeReader(spec, data, x, settings);
        using var trainer = new Trainer<T>(spec, settings.OptimizerOf<T>(spec.Parameters.Length), new TrainerOptions(settings.Loss)
        {
            Schedule = settings.Schedule,
            ClassWeights = TrainData.ClassWeights(spec, settings),
            ClipNorm = settings.ClipNorm,
            ClipValue = settings.ClipValue,
            Dropout = settings.Dropout,
            RecurrentDropout = settings.RecurrentDropout,
            Seed = settings.Seed,
            Threads = settings.Threads,
        });
        bool resumes = settings.Resume && File.Exists(settings.Checkpoint);
        if (resumes)
        {
            TrainingCheckpoint.Load(settings.Checkpoint!).Restore(trainer, reader);
        }
        else if (model is not null)
        {
            ModelParameters.Read<T>(model, terminal).Span.CopyTo(trainer.Parameters);
        }
        else if (settings.Remember > 0)
        {
            Remember(spec, trainer.Parameters, settings);
        }

        bool batchFirst = model is not null && ModelNames.IsBatchFirst(model);
        if (settings.Output is { } output)
        {
            // Not every format can express every network, or all else of a model: found out and said now, not after hours.
            byte[] bytes = ToBytes(trainer, batchFirst, settings);
            string[] changes = model is null ? [] : [.. ModelChanges.Sentences(model, bytes, output)];
            foreach (string sentence in changes)
            {
                terminal.Notice(output, $": {sentence}");
            }
        }

        return Run(trainer, reader, resumes, batchFirst, settings, terminal);
    }

    private static int Run<T>(
        Trainer<T> trainer, BatchReader<T> reader, bool isSaved, bool batchFirst, TrainSettings settings, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A signal is read between steps, so that all that is kept has whole steps.
        using var signals = new StopSignals(terminal);
        using LossFile? losses = settings.Losses is null ? null : new LossFile(settings.Losses, trainer.Steps, terminal);
        var progress = new TrainProgress(settings.ReportSteps, reader.Position == 0, terminal);
        terminal.WriteNotices();
        long start = trainer.Steps;
        Exception? failure = null;
        bool isDone = IsDone();
        while (!isDone && !signals.HaveCome)
        {
            StepReport report = trainer.Step(reader.Next());
            losses?.Write(report);
            progress.Add(report, reader.Position == 0);
            isDone = IsDone();
            isSaved = false;
            if (trainer.Steps % settings.Every == 0)
            {
                failure = Save();
                isSaved = failure is null;
                if (failure is not null && !isDone)
                {
                    terminal.WriteError($"warning: no checkpoint after step {Amount.Of(trainer.Steps)}: {failure.Message}");
                }
            }
        }

        failure = isSaved ? null : Save();
        if (!isDone)
        {
            terminal.WriteError($"stopped after step {Amount.Of(trainer.Steps)}; {Keep(trainer, failure, batchFirst, settings)}.");
            return ExitCode.Interrupted;
        }

        if (settings.Output is not null)
        {
            AtomicFiles.Write(settings.Output, ToBytes(trainer, batchFirst, settings));
        }

        progress.Finish(trainer.Steps - start, trainer.Steps);
        if (failure is not null)
        {
            terminal.WriteError(failure.Message);
            return ExitCode.Failure;
        }

        return ExitCode.Success;

        bool IsDone() => trainer.Steps >= settings.Steps || reader.Epoch >= settings.Epochs;

        // A checkpoint that cannot be written is no reason to lose the run.
        Exception? Save()
        {
            // The lines first, so that all steps of a checkpoint have one.
            losses?.Flush();
            try
            {
                if (settings.Checkpoint is not null)
                {
                    TrainingCheckpoint.Save(settings.Checkpoint, trainer, reader);
                }

                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException)
            {
                return e;
            }
        }
    }

    // Keeps what a stopped run has, and says where in half a sentence.
    private static string Keep<T>(Trainer<T> trainer, Exception? failure, bool batchFirst, TrainSettings settings)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (settings.Checkpoint is not null && failure is null)
        {
            return $"--resume continues from '{settings.Checkpoint}'";
        }

        string why = failure is null ? string.Empty : $"the last checkpoint could not be written ({failure.Message.TrimEnd('.')}); ";
        if (settings.Output is not { } output)
        {
            return $"{why}nothing newer is kept";
        }

        // No model is written over: a stopped one is less than what was there.
        string path = output;
        for (int i = 1; File.Exists(path); i++)
        {
            path = Path.ChangeExtension(output, $".stopped{(i == 1 ? string.Empty : $".{i}")}{Path.GetExtension(output)}");
        }

        AtomicFiles.Write(path, ToBytes(trainer, batchFirst, settings));
        return $"{why}the model after this step is '{path}'{(path == output ? string.Empty : $", since '{output}' was there before")}";
    }

    private static byte[] ToBytes<T>(Trainer<T> trainer, bool batchFirst, TrainSettings settings)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ModelNames.ToBytes<T>(
            settings.Model ?? "the new network", trainer.Spec, trainer.Parameters, settings.Output!, batchFirst: batchFirst);

    private static void CheckFiles(TrainSettings settings)
    {
        string[] outputs = [.. new[] { settings.Checkpoint, settings.Losses, settings.Output }.OfType<string>()];
        string[] inputs =
        [
            .. settings.Inputs.Values, .. settings.Weights.Values, settings.Target, .. new[] { settings.Model }.OfType<string>(),
            .. settings.Network is { } network && !IsText(network) ? new[] { network } : [],
        ];
        OutputFiles.ExpectSeparate(inputs, outputs);
        foreach (string output in outputs.Where(output => output != settings.Losses))
        {
            OutputFiles.ExpectWritable(output);
        }

        string? twice = outputs.GroupBy(AtomicFiles.Destination).FirstOrDefault(group => group.Count() > 1)?.First();
        if (twice is not null)
        {
            throw new IOException($"'{twice}' is written twice, expected a different name for each output.");
        }
    }

    // Once this run has the lock, so that no other run makes the file meanwhile.
    private static void CheckCheckpoint(TrainSettings settings)
    {
        if (settings is { Checkpoint: { } checkpoint, Resume: false } && File.Exists(checkpoint))
        {
            throw new IOException($"'{checkpoint}' exists, expected --resume to continue from it or another name for the checkpoint.");
        }
    }

    // What the head reads is an option, since names and shapes of a file do not tell it.
    private static NetworkSpec Describe(TrainSettings settings, RecurrentModel model)
    {
        Derivatives.Expect(model.Spec, model.Name);
        if (settings.Head is not { } head)
        {
            return model.Spec;
        }

        if (!Readout.HasHead(model.Spec))
        {
            throw new ModelFormatException(model.Name, "the model has no head, expected one for --head.");
        }

        try
        {
            return Readout.Put(model.Spec, head.Readout);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(model.Name, $"its head cannot be on {Readout.NameOf(head.Readout)}: {Display.Sentence(e)}");
        }
    }

    // The description of a new network: the text itself or a file of it.
    private static NetworkSpec Describe(TrainSettings settings, string network)
    {
        string name = IsText(network) ? "--network" : network;
        NetworkSpec spec = IsText(network) ? ModelFile.SpecFrom(network, name) : ModelFile.ReadSpec(network);
        Derivatives.Expect(spec, name);
        return MemoryProblem(settings, spec) is { } problem ? throw new ModelFormatException(name, problem) : spec;
    }

    private static bool IsText(string network) => network.StartsWith('{');

    // A batch normalization has become scale and shift: what it does with new statistics is not trained.
    private static void SayWhatStaysFixed(NetworkSpec spec, Terminal terminal)
    {
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            if (spec.Layers[i] is AffineLayer layer)
            {
                (string does, string trained) = (layer.Scale, layer.Shift) switch
                {
                    (true, true) => ("scales and shifts", "scale and shift are"),
                    (true, false) => ("scales", "the scale is"),
                    _ => ("shifts", "the shift is"),
                };
                terminal.Notice(
                    $"layer {i} {does} features", $": its statistics (mean, variance) stay fixed, {trained} trained.");
            }
        }
    }

    private static void Remember<T>(NetworkSpec spec, Span<T> parameters, TrainSettings settings)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        try
        {
            spec.Initialize(parameters, new RandomSource(settings.Seed), settings.Remember);
        }
        catch (ArgumentException)
        {
            throw new WrongCommandLineException(
                $"--remember is {settings.Remember}, expected none: no layer of --network is an LSTM or a GRU with biases and sigmoid "
                + "gates.");
        }
    }

    private static NetworkSpec Describe(TrainSettings settings, NpyArray x)
    {
        bool isOfSymbols = x.HoldsIntegers && x.Shape.Length <= 2;
        if (isOfSymbols != settings.Symbols > 0)
        {
            string expected = isOfSymbols ? "--symbols for them" : "integers [T, B] for --symbols";
            throw new ModelFormatException(
                x.Name, $"the array has {x.Dtype} in the shape {Display.Shape(x.Shape)}, expected {expected}.");
        }

        int inputSize = isOfSymbols ? settings.Symbols : x.Shape.Length == 3 ? x.Shape[2] : 0;
        if (inputSize == 0)
        {
            throw new ModelFormatException(
                x.Name, $"the shape is {Display.Shape(x.Shape)}, expected [T, B, I], at least one number per step.");
        }

        if (Build(settings, inputSize, out string problem) is { } spec)
        {
            return spec;
        }

        // The option to name is the largest of those without which the network would fit.
        (string Option, int Value, TrainSettings Least)[] sizes =
        [
            ("--hidden", settings.Hidden, settings with { Hidden = 1 }),
            ("--outputs", settings.Outputs, settings with { Outputs = 1 }),
            ("--embedding", settings.Embedding, settings with { Embedding = 1 }),
            ("--symbols", settings.Symbols, settings with { Symbols = 1 }),
            ("--layers", settings.Layers, settings with { Layers = 1 }),
        ];
        (string option, int value, _) = sizes
            .OrderByDescending(size => size.Value > 1
                && Build(size.Least, size.Least.Symbols > 0 ? size.Least.Symbols : inputSize, out _) is not null)
            .ThenByDescending(size => size.Value)
            .First();
        throw new WrongCommandLineException($"{option} is {value}, expected less: {problem}");
    }

    // Null for a network with too many parameters, and then half a sentence says so.
    private static NetworkSpec? Build(TrainSettings settings, int inputSize, out string problem)
    {
        problem = string.Empty;
        var layer = new RecurrentLayer(settings.Cell!.Value, settings.Hidden) { Bidirectional = settings.Bidirectional };
        layer = settings.Nonlinearity is { } activation ? layer with { Activation = activation } : layer;
        List<LayerSpec> layers = [.. Enumerable.Repeat(layer, settings.Layers)];
        if (settings.Head?.Readout is { } readout)
        {
            layers.Add(readout);
        }

        if (settings.Outputs > 0)
        {
            layers.Add(new DenseLayer(settings.Outputs));
        }

        try
        {
            NetworkSpec spec = settings.Embedding > 0
                ? new NetworkSpec(new EmbeddingSpec(settings.Symbols, settings.Embedding), [.. layers])
                : new NetworkSpec(inputSize, [.. layers]);
            problem = MemoryProblem(settings, spec) ?? string.Empty;
            return problem.Length == 0 ? spec : null;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            problem = e is ArgumentException wrong ? Display.Sentence(wrong) : "the network has too many parameters.";
            return null;
        }
    }

    // Half a sentence about a network that is too large to train here, or null.
    private static string? MemoryProblem(TrainSettings settings, NetworkSpec spec)
    {
        // Parameters and gradients, and two moments of Adam.
        int copies = settings.Optimizer is OptimizerKind.Adam or OptimizerKind.AdamW ? 4 : 2;
        long bytes = (long)spec.Parameters.Length * copies * (settings.Precision == Precision.Double ? sizeof(double) : sizeof(float));
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes <= memory ? null : $"{Amount.Of(spec.Parameters.Count, "parameter")} and what training keeps for each take "
            + $"{Amount.Of(bytes)} bytes, and there are {Amount.Of(memory)} of memory.";
    }

    private static BatchReader<T> MakeReader<T>(NetworkSpec spec, SequenceData<T> data, NpyArray x, TrainSettings settings)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool both = spec.Layers.ToArray().OfType<RecurrentLayer>().Any(layer => layer.Bidirectional);
        bool reverse = spec.Layers.ToArray().OfType<RecurrentLayer>().Any(layer => layer.Reverse);
        if (settings.Chunk > 0 && (both || reverse || spec.IsManyToOne))
        {
            string what = both ? "runs in both directions" : reverse ? "runs in reverse" : "has one output per sequence";
            throw new ModelFormatException(x.Name, $"the network {what} and needs whole sequences, expected no --chunk.");
        }

        return new BatchReader<T>(data, settings.Batch)
        {
            Shuffle = settings.Shuffle,
            Seed = settings.Seed,
            Chunk = settings.Chunk,
            Horizon = settings.Horizon,
        };
    }
}
