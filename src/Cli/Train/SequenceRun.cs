using System.Diagnostics;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Train;

/// <summary>Training on a file of sequences: one run, runs with several seeds, or cross-validation.</summary>
internal static class SequenceRun
{
    /// <summary>Trains and writes the model.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(TrainSettings settings, Terminal terminal)
    {
        string data = settings.Data!;
        string output = settings.Output ?? Path.ChangeExtension(data, ".safetensors");
        CheckFiles(settings, output);
        using CheckpointLock? own = settings.Checkpoint is null ? null : new CheckpointLock(settings.Checkpoint);
        bool resumes = CheckResume(settings, output);
        SequenceModel? start = settings.Model is null ? null : SequenceModel.Load(settings.Model);
        SequenceFile file = start is null ? SequenceFile.Load(data, settings.Columns) : start.Task.Load(data, settings.Columns);
        SequenceTrainingOptions options = Options(settings, start, file);
        SequenceTask task = start?.Task ?? TaskOf(file, settings);
        using var signals = new StopSignals(terminal);
        using var stop = new CancellationTokenSource();
        try
        {
            return settings.Folds > 0
                ? Folds(task, file, options, settings, terminal, signals, stop)
                : Seeds(task, file, options, settings, output, resumes, terminal, signals, stop);
        }
        catch (OperationCanceledException)
        {
            string kept = settings.Folds > 0 || !File.Exists(output) ? "no epoch was whole, and nothing is kept"
                : settings.Checkpoint is null ? $"'{output}' is the best model so far"
                : $"'{output}' is the best model so far, and --resume continues from '{settings.Checkpoint}'";
            terminal.WriteError($"stopped; {kept}.");
            return ExitCode.Interrupted;
        }
        catch (ArgumentException e)
        {
            throw new WrongCommandLineException(Display.Sentence(e));
        }
    }

    private static int Seeds(
        SequenceTask task,
        SequenceFile file,
        SequenceTrainingOptions options,
        TrainSettings settings,
        string output,
        bool resumes,
        Terminal terminal,
        StopSignals signals,
        CancellationTokenSource stop)
    {
        List<SequenceEvaluation> evaluations = [];
        SequenceModel? best = null;
        for (int i = 0; i < settings.Seeds; i++)
        {
            SequenceTrainingOptions own = options with { Seed = options.Seed + (ulong)i };
            SequenceProgress? progress = null;
            Exception? failure = null;
            SequenceTraining? made = null;
            using SequenceTraining training = made = new SequenceTraining(task, file, own with
            {
                Step = report =>
                {
                    progress!.Add(report);
                    if (signals.HaveCome)
                    {
                        stop.Cancel();
                    }
                },
                Epoch = report =>
                {
                    progress!.Add(report);
                    failure = settings.Seeds > 1 ? null : Keep(made!, report, output, settings, terminal);
                },
            });
            if (resumes)
            {
                training.Resume(settings.Checkpoint!, SequenceModel.Load(output));
            }

            progress = new SequenceProgress(training, terminal);
            if (i == 0)
            {
                terminal.WriteProgress($"{file.Description}\n{ChoicesText.Of(training)}");
            }

            SequenceModel model = training.Run(stop.Token);
            progress.Finish(model);
            if (failure is not null)
            {
                model.Save(output);
            }

            if (training.Validation is { } validation)
            {
                evaluations.Add(SequenceEvaluation.Of(
                    model, validation, new SequenceEvaluationOptions { Training = training.Training, Seed = own.Seed }));
            }

            best = best is null || model.ValidationLoss < best.ValidationLoss ? model : best;
            if (settings.Seeds > 1)
            {
                terminal.WriteProgress($"seed {own.Seed}: {Figures.Headline(evaluations.LastOrDefault())}");
                best.Save(output);
            }
        }

        if (evaluations.Count > 0)
        {
            Figures.WriteMain(evaluations, terminal);
        }

        terminal.Output.WriteLine($"model: {output}");
        return ExitCode.Success;
    }

    private static int Folds(
        SequenceTask task,
        SequenceFile file,
        SequenceTrainingOptions options,
        TrainSettings settings,
        Terminal terminal,
        StopSignals signals,
        CancellationTokenSource stop)
    {
        int done = 0;
        int all = settings.Folds * settings.Seeds;
        long start = Stopwatch.GetTimestamp();
        SequenceTrainingOptions own = options with
        {
            Step = _ =>
            {
                if (signals.HaveCome)
                {
                    stop.Cancel();
                }
            },
        };
        using (var first = new SequenceTraining(task, file, own with { Threads = 1 }))
        {
            terminal.WriteProgress($"{file.Description}\n{ChoicesText.Of(first)}");
        }

        IReadOnlyList<CrossValidationRun> runs = CrossValidation.Of(
            task,
            file,
            settings.Folds,
            settings.Seeds,
            own,
            run =>
            {
                done++;
                TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
                string left = done == all ? string.Empty : $", about {Figures.Time(elapsed * (all - done) / done)} left";
                terminal.WriteProgress(
                    $"{done} of {all}: seed {run.Seed}, fold {run.Fold + 1}, {Amount.Of(run.Epochs, "epoch")}: "
                    + $"{Figures.Headline(run.Evaluation)}{left}");
            },
            stop.Token);
        Figures.WriteMain([.. runs.Select(run => run.Evaluation)], terminal);
        return ExitCode.Success;
    }

    // Saves what is new after an epoch; a file that cannot be written is no reason to lose the run.
    private static Exception? Keep(SequenceTraining training, EpochReport report, string output, TrainSettings settings, Terminal terminal)
    {
        try
        {
            if (report.IsBest)
            {
                training.Best!.Save(output);
            }

            if (settings.Checkpoint is { } checkpoint)
            {
                training.SaveCheckpoint(checkpoint);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.WriteError($"warning: nothing was saved after epoch {Amount.Of(training.Epochs)}: {e.Message}");
            return e;
        }
    }

    private static SequenceTask TaskOf(SequenceFile file, TrainSettings settings)
    {
        try
        {
            return SequenceTask.Of(file, settings.Task, settings.Tokens, settings.Unknown);
        }
        catch (ArgumentException e)
        {
            throw new WrongCommandLineException(Display.Sentence(e));
        }
    }

    private static SequenceTrainingOptions Options(TrainSettings settings, SequenceModel? start, SequenceFile file)
    {
        bool Has(string option) => settings.Given.Contains(option);
        LearningRateSchedule? ScheduleOf(double rate) => (settings with { Rate = rate }).Schedule;
        return new SequenceTrainingOptions
        {
            Cell = settings.Cell,
            HiddenSize = Has("--hidden") ? settings.Hidden : null,
            Layers = Has("--layers") ? settings.Layers : null,
            Bidirectional = Has("--bidirectional") ? settings.Bidirectional : null,
            EmbeddingSize = Has("--embedding") ? settings.Embedding : null,
            Readout = settings.Readout,
            Dropout = Has("--dropout") ? settings.Dropout : null,
            RecurrentDropout = Has("--recurrent-dropout") ? settings.RecurrentDropout : null,
            Optimizer = Has("--optimizer") || Has("--momentum") || Has("--weight-decay") ? settings.OptimizerOf<float> : null,
            LearningRate = Has("--rate") ? settings.Rate : null,
            Schedule = Has("--schedule") || Has("--warm-up") ? rate => ScheduleOf(rate)! : null,
            ClipNorm = Has("--clip-norm") ? settings.ClipNorm : null,
            Epochs = Has("--epochs") ? (int)Math.Min(settings.Epochs, int.MaxValue) : null,
            Patience = settings.Patience > 0 ? settings.Patience : null,
            Validation = settings.Validation?.Share,
            ValidationFile = settings.Validation?.File is { } path ? Like(file, path) : null,
            BatchSize = Has("--batch") ? settings.Batch : null,
            Seed = settings.Seed,
            Threads = settings.Threads,
            Start = start,
        };
    }

    // Columns of a table are those of the training.
    private static SequenceFile Like(SequenceFile file, string path)
    {
        bool isTable = file.Kind == SequenceFileKind.Table;
        return SequenceFile.Load(path, new SequenceFileOptions
        {
            SequenceColumn = isTable ? file.SequenceColumn : null,
            LabelColumn = isTable ? file.LabelColumn : null,
        });
    }

    private static void CheckFiles(TrainSettings settings, string output)
    {
        if (settings.Folds > 0)
        {
            return;
        }

        string[] outputs = [.. new[] { output, settings.Checkpoint }.OfType<string>()];
        string[] inputs = [.. new[] { settings.Data, settings.Model, settings.Validation?.File }.OfType<string>()];
        OutputFiles.ExpectSeparate(inputs, outputs);
        if (settings.Output is not null && FileEnding.Of(output) != ".safetensors")
        {
            throw new WrongCommandLineException(
                $"--output is '{output}', expected a name that ends in .safetensors, which keeps the task too; "
                    + "convert makes an .onnx of it.");
        }

        foreach (string path in outputs)
        {
            OutputFiles.ExpectWritable(path);
        }
    }

    // True if the run goes on from its checkpoint.
    private static bool CheckResume(TrainSettings settings, string output)
    {
        bool hasCheckpoint = File.Exists(settings.Checkpoint);
        if (hasCheckpoint && !settings.Resume)
        {
            throw new IOException(
                $"'{settings.Checkpoint}' exists, expected --resume to continue from it or another name for the checkpoint.");
        }

        bool resumes = settings.Resume && hasCheckpoint;
        if (settings.Folds == 0 && !resumes && File.Exists(output))
        {
            throw new IOException($"'{output}' exists, expected another name for the model: --output FILE.");
        }

        return resumes && !File.Exists(output)
            ? throw new IOException($"'{output}' does not exist, expected the best model of the run that --resume continues.")
            : resumes;
    }
}
