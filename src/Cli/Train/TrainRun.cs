using System.Numerics;
using System.Runtime.InteropServices;
using SpanRnn.Cli.Arrays;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;

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
        var x = NpyFile.Read(settings.Inputs["x"]);
        RecurrentModel? model = settings.Model is null ? null : ModelReader.Read(settings.Model, settings.Nonlinearity);
        NetworkSpec spec = model is null ? Describe(settings, x) : Describe(settings, model);
        SequenceData<T> data = TrainData.Read<T>(spec, x, settings, terminal);
        BatchReader<T> reader = MakeReader(spec, data, x, settings);
        using var trainer = new Trainer<T>(spec, MakeOptimizer<T>(settings, spec.Parameters.Length), new TrainerOptions(settings.Loss)
        {
            Schedule = settings.Schedule,
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
            TrainingCheckpoint.Read(settings.Checkpoint!).Restore(trainer, reader);
        }
        else if (model is not null)
        {
            ModelParameters.Read<T>(model, terminal).Span.CopyTo(trainer.Parameters);
        }
        else
        {
            spec.Initialize(trainer.Parameters, new RandomSource(settings.Seed));
        }

        return Run(trainer, reader, resumes, settings, terminal);
    }

    private static int Run<T>(Trainer<T> trainer, BatchReader<T> reader, bool isSaved, TrainSettings settings, Terminal terminal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A signal is read between steps, so that a checkpoint has whole steps.
        bool stop = false;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using LossFile? losses = settings.Losses is null ? null : new LossFile(settings.Losses, trainer.Steps);
        var progress = new TrainProgress(settings.Report, terminal);
        long start = trainer.Steps;
        bool isDone = trainer.Steps >= settings.Steps || reader.Epoch >= settings.Epochs;
        while (!isDone && !Volatile.Read(ref stop))
        {
            StepReport report = trainer.Step(reader.Next());
            losses?.Write(report);
            progress.Add(report);
            isDone = trainer.Steps >= settings.Steps || reader.Epoch >= settings.Epochs;
            isSaved = trainer.Steps % settings.Every == 0;
            if (isSaved)
            {
                Save();
            }
        }

        if (!isSaved)
        {
            Save();
        }

        if (!isDone)
        {
            string kept = settings.Checkpoint is null ? "nothing is kept" : $"--resume continues from '{settings.Checkpoint}'";
            terminal.WriteError($"stopped after step {Display.Count(trainer.Steps)}; {kept}.");
            return ExitCode.Interrupted;
        }

        if (settings.Output is not null)
        {
            OutputFiles.Write(settings.Output, PyTorchWriter.ToBytes<T>(trainer.Spec, trainer.Parameters));
        }

        progress.Finish(trainer.Steps - start, trainer.Steps);
        return ExitCode.Success;

        void Save()
        {
            // The lines first, so that all steps of a checkpoint have one.
            losses?.Flush();
            if (settings.Checkpoint is not null)
            {
                TrainingCheckpoint.Save(settings.Checkpoint, trainer, reader);
            }
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            Volatile.Write(ref stop, true);
        }
    }

    private static void CheckFiles(TrainSettings settings)
    {
        string[] outputs = [.. new[] { settings.Checkpoint, settings.Losses, settings.Output }.OfType<string>()];
        OutputFiles.ExpectSeparate([.. settings.Inputs.Values, settings.Target, .. new[] { settings.Model }.OfType<string>()], outputs);
        foreach (string output in outputs)
        {
            OutputFiles.ExpectWritable(output);
        }

        string? twice = outputs.GroupBy(AtomicFiles.Destination).FirstOrDefault(group => group.Count() > 1)?.First();
        if (twice is not null)
        {
            throw new IOException($"'{twice}' is written twice, expected a different name for each output.");
        }

        if (settings is { Checkpoint: { } checkpoint, Resume: false } && File.Exists(checkpoint))
        {
            throw new IOException($"'{checkpoint}' exists, expected --resume to continue from it or another name for the checkpoint.");
        }
    }

    // The position of the head is an option, since names and shapes of a file do not tell it.
    private static NetworkSpec Describe(TrainSettings settings, RecurrentModel model)
    {
        NetworkSpec spec = model.Spec;
        Derivatives.Expect(model);
        if (settings.Head is not { } position)
        {
            return spec;
        }

        HeadSpec head = spec.Head ?? throw new ModelFormatException(model.Name, "the model has no head, expected one for --head.");
        head = head with { Position = position };
        return spec.Embedding is { } embedding
            ? new NetworkSpec(embedding, spec.Layers, head)
            : new NetworkSpec(spec.InputSize, spec.Layers, head);
    }

    private static NetworkSpec Describe(TrainSettings settings, NpyFile x)
    {
        HeadSpec? head = settings.Outputs > 0 ? new HeadSpec(settings.Outputs, settings.Head ?? HeadPosition.EveryStep) : null;
        var layer = new LayerSpec(settings.Cell!.Value, settings.Hidden) { Bidirectional = settings.Bidirectional };
        layer = settings.Nonlinearity is { } activation ? layer with { Activation = activation } : layer;
        LayerSpec[] layers = [.. Enumerable.Repeat(layer, settings.Layers)];
        bool hasSymbols = InputSequences<float>.HoldsSymbols(x);
        if (hasSymbols != settings.Symbols > 0)
        {
            string expected = hasSymbols ? "--symbols for them" : "int32 or int64 [T, B] for --symbols";
            throw new ModelFormatException(
                x.Name, $"the array has {x.Dtype} in the shape {Display.Shape(x.Shape)}, expected {expected}.");
        }

        if (settings.Embedding > 0)
        {
            return new NetworkSpec(new EmbeddingSpec(settings.Symbols, settings.Embedding), layers, head);
        }

        int inputSize = hasSymbols ? settings.Symbols : x.Shape.Length == 3 ? x.Shape[2] : 0;
        return inputSize > 0
            ? new NetworkSpec(inputSize, layers, head)
            : throw new ModelFormatException(
                x.Name, $"the shape is {Display.Shape(x.Shape)}, expected [T, B, I], at least one number per step.");
    }

    private static BatchReader<T> MakeReader<T>(NetworkSpec spec, SequenceData<T> data, NpyFile x, TrainSettings settings)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int batch = settings.Batch ?? Math.Min(TrainSettings.DefaultBatch, data.Count);
        if (batch > data.Count || batch == 0)
        {
            throw new ModelFormatException(
                x.Name, $"there are {data.Count} sequences, expected at least {Math.Max(batch, 1)} for --batch.");
        }

        bool both = spec.Layers.ToArray().Any(layer => layer.Bidirectional);
        bool reverse = spec.Layers.ToArray().Any(layer => layer.Reverse);
        if (settings.Chunk > 0 && (both || reverse || spec.IsManyToOne))
        {
            string what = both ? "runs in both directions" : reverse ? "runs in reverse" : "has its head on the last step";
            throw new ModelFormatException(x.Name, $"the network {what} and needs whole sequences, expected no --chunk.");
        }

        return new BatchReader<T>(data, batch)
        {
            Shuffle = settings.Shuffle,
            Seed = settings.Seed,
            Chunk = settings.Chunk,
            Horizon = settings.Horizon,
        };
    }

    private static Optimizer<T> MakeOptimizer<T>(TrainSettings settings, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool isAdamW = settings.Optimizer == OptimizerKind.AdamW;
        double decay = settings.WeightDecay ?? (isAdamW ? TrainSettings.DefaultAdamWDecay : 0);
        return settings.Optimizer switch
        {
            OptimizerKind.Sgd => new Sgd<T>(length) { Momentum = settings.Momentum, WeightDecay = decay },
            OptimizerKind.RmsProp => new RmsProp<T>(length) { Momentum = settings.Momentum, WeightDecay = decay },
            _ => new Adam<T>(length) { WeightDecay = decay, DecoupledWeightDecay = isAdamW },
        };
    }
}
