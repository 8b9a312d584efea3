namespace SpanRnn.Tests;

/// <summary>Training to a smallest validation loss, against the loop that one would write by hand.</summary>
[Trait("Category", "Simd")]
public class FitTests
{
    private static readonly int[] _lengths = [4, 0, 7, 1, 7, 3, 0, 5, 2, 6, 3, 1];

    private static readonly NetworkSpec _spec = new(3, new RecurrentLayer(CellKind.Lstm, 4), new RecurrentLayer(CellKind.Elman, 2));

    [Fact]
    public void It_is_the_loop_written_by_hand()
    {
        int stopped = 0;
        int wentOn = 0;
        foreach ((int index, SequenceProblem problem) in Problems().Index())
        {
            const int Patience = 2;
            int epochs = index % 2 == 0 ? 20 : 3;
            double rate = index % 2 == 0 ? 0.1 : 0.005;
            Run expected = new(problem, rate: rate);
            Run got = new(problem, rate: rate);
            List<EpochReport> reports = [];
            (double[] best, EpochReport bestReport) = ByHand(expected, epochs, Patience, reports);
            List<EpochReport> told = [];
            EpochReport returned = got.Trainer.Fit(
                got.Batches, got.Validation, new FitOptions(epochs) { Patience = Patience, Report = told.Add });

            Assert.Equal(reports, told);
            Assert.Equal(bestReport, returned);
            Near.Bits<double>($"the parameters of {problem}", best, got.Trainer.Parameters);
            stopped += told.Count < epochs ? 1 : 0;
            wentOn += told[^1] == returned ? 1 : 0;

            // All else is as the last step left it, so both go on alike.
            best.CopyTo(expected.Trainer.Parameters);
            Assert.Equal((expected.Batches.Epoch, 0L), (got.Batches.Epoch, got.Batches.Position));
            Assert.Equal(expected.Trainer.CarriedSteps, got.Trainer.CarriedSteps);
            Assert.Equal(Epochs.Train(expected.Trainer, expected.Batches), Epochs.Train(got.Trainer, got.Batches));
            Near.Bits<double>($"the parameters of {problem} later", expected.Trainer.Parameters, got.Trainer.Parameters);
            expected.Trainer.Dispose();
            got.Trainer.Dispose();
        }

        // Both ends were seen: the comparison would find neither a patience nor best parameters that make no difference.
        Assert.True(stopped > 3 && wentOn > 3, $"{stopped} runs ended early and {wentOn} with their best epoch, expected more of both.");
    }

    [Fact]
    public void Without_patience_all_epochs_run_and_the_best_parameters_come_back()
    {
        Run run = new(Overfits());
        List<(EpochReport Report, double[] Parameters)> epochs = [];
        EpochReport best = run.Trainer.Fit(
            run.Batches,
            run.Validation,
            new FitOptions(9) { Report = report => epochs.Add((report, run.Trainer.Parameters.ToArray())) });

        Assert.Equal(Enumerable.Range(0, 9).Select(i => (long)i), epochs.Select(epoch => epoch.Report.Epoch));
        int index = (int)best.Epoch;
        Assert.InRange(index, 0, 7);
        Assert.Equal(epochs.Min(epoch => epoch.Report.ValidationLoss), best.ValidationLoss);
        Assert.Equal(epochs[index].Parameters, run.Trainer.Parameters.ToArray());
        Assert.NotEqual(epochs[^1].Parameters, run.Trainer.Parameters.ToArray());
        Assert.Equal(best.ValidationLoss, run.Trainer.Evaluate(run.Validation, run.Batches.BatchSize));

        // Another call goes on with the next epoch, and with a best one of its own.
        EpochReport next = run.Trainer.Fit(run.Batches, run.Validation, new FitOptions(1));
        Assert.Equal((9L, true), (next.Epoch, next.IsBest));
    }

    [Fact]
    public void An_epoch_that_is_as_good_as_the_best_is_not_better()
    {
        Run run = new(Overfits(), rate: 0);
        List<EpochReport> epochs = [];
        EpochReport best = run.Trainer.Fit(run.Batches, run.Validation, new FitOptions(9) { Patience = 2, Report = epochs.Add });
        Assert.Equal([true, false, false], epochs.Select(epoch => epoch.IsBest));
        Assert.Single(epochs.Select(epoch => epoch.ValidationLoss).Distinct());
        Assert.Equal(epochs[0], best);
    }

    [Fact]
    public void The_rest_of_an_epoch_is_the_first_one()
    {
        Run run = new(Problems().First());
        run.Trainer.Step(run.Batches.Next());
        long left = run.Batches.BatchesPerEpoch - run.Batches.Position;
        long rest = 0;
        run.Trainer.Fit(run.Batches, run.Validation, new FitOptions(1) { Report = _ => rest = run.Trainer.Steps - 1 });
        Assert.Equal((left, 1L, 0L), (rest, run.Batches.Epoch, run.Batches.Position));
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        foreach (SequenceProblem problem in Problems().Take(8))
        {
            (double[] expected, EpochReport best) = Trained(1);
            foreach (int threads in (int[])[2, 7])
            {
                (double[] got, EpochReport report) = Trained(threads);
                Near.Bits<double>($"the parameters of {problem} on {threads} threads", expected, got);
                Assert.Equal(best, report);
            }

            (double[], EpochReport) Trained(int threads)
            {
                Run run = new(problem, threads);
                EpochReport best = run.Trainer.Fit(run.Batches, run.Validation, new FitOptions(4) { Patience = 2 });
                run.Trainer.Dispose();
                return (run.Trainer.Parameters.ToArray(), best);
            }
        }
    }

    [Fact]
    public void A_canceled_run_keeps_its_best_parameters()
    {
        Run run = new(Overfits());
        using var source = new CancellationTokenSource();
        List<(EpochReport Report, double[] Parameters)> epochs = [];
        long steps = 0;
        var options = new FitOptions(100)
        {
            Report = report =>
            {
                epochs.Add((report, run.Trainer.Parameters.ToArray()));
                steps = run.Trainer.Steps;
                if (epochs.Count == 8)
                {
                    source.Cancel();
                }
            },
        };
        OperationCanceledException e = Assert.Throws<OperationCanceledException>(
            () => run.Trainer.Fit(run.Batches, run.Validation, options, source.Token));

        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Equal(8, epochs.Count);
        Assert.False(epochs[^1].Report.IsBest);
        Assert.Equal(epochs.Last(epoch => epoch.Report.IsBest).Parameters, run.Trainer.Parameters.ToArray());
        Assert.Equal(steps, run.Trainer.Steps);
        Assert.True(double.IsFinite(run.Trainer.Step(run.Batches.Next()).Loss));
    }

    [Fact]
    public void A_run_that_is_canceled_within_an_epoch_ends_with_a_whole_step()
    {
        Run run = new(Problems().First());
        using var source = new CancellationTokenSource();
        var canceling = new CancelingSgd(_spec.Parameters.Length, source);
        using var trainer = new Trainer<double>(run.Trainer.Spec, canceling, new TrainerOptions(Loss.MeanSquaredError));
        run.Trainer.Parameters.CopyTo(trainer.Parameters);
        double[] before = trainer.Parameters.ToArray();
        Assert.Throws<OperationCanceledException>(
            () => trainer.Fit(run.Batches, run.Validation, new FitOptions(100), source.Token));
        Assert.Equal((1L, 1L), (trainer.Steps, run.Batches.Position));
        Assert.NotEqual(before, trainer.Parameters.ToArray());

        // Canceled from the start, it does nothing at all.
        before = trainer.Parameters.ToArray();
        Assert.Throws<OperationCanceledException>(
            () => trainer.Fit(run.Batches, run.Validation, new FitOptions(100), source.Token));
        Assert.Equal((1L, 1L), (trainer.Steps, run.Batches.Position));
        Assert.Equal(before, trainer.Parameters.ToArray());
    }

    [Fact]
    public void A_report_that_throws_ends_the_run_with_its_best_parameters()
    {
        Run run = new(Overfits());
        double[] best = [];
        var options = new FitOptions(100)
        {
            Report = report =>
            {
                best = report.IsBest ? run.Trainer.Parameters.ToArray() : best;
                throw report.IsBest ? new FormatException() : new TimeoutException();
            },
        };
        Assert.Throws<FormatException>(() => run.Trainer.Fit(run.Batches, run.Validation, options));
        Assert.Equal(best, run.Trainer.Parameters.ToArray());
    }

    [Fact]
    public void A_validation_loss_that_is_not_finite_stops_the_run()
    {
        foreach (double x in (double[])[double.NaN, double.PositiveInfinity, 1e200])
        {
            var spec = new NetworkSpec(1, new DenseLayer(1));
            var training = new SequenceData<double>(spec, Loss.MeanSquaredError);
            training.Add([1.0], [2.0]);
            var validation = new SequenceData<double>(spec, Loss.MeanSquaredError);
            validation.Add([x], [2.0]);
            using var trainer = new Trainer<double>(spec, new Sgd<double>(spec.Parameters.Length), new(Loss.MeanSquaredError));
            trainer.LastCheckpoint = "run.ckpt";
            var batches = new BatchReader<double>(training, 1);
            TrainingException e = Assert.Throws<TrainingException>(() => trainer.Fit(batches, validation, new FitOptions(5)));

            Assert.Matches(
                "^The validation loss of epoch 0 is (NaN|Infinity), expected a finite number; last good checkpoint: run.ckpt.$", e.Message);
            Assert.Equal((1L, "loss"), (e.Step, e.Tensor));
            Assert.Equal(1, trainer.Steps);
        }
    }

    [Fact]
    public void Without_validation_all_epochs_run_and_the_last_one_is_kept()
    {
        Run run = new(Overfits());
        Run same = new(Overfits());
        List<EpochReport> epochs = [];
        List<StepReport> steps = [];
        EpochReport last = run.Trainer.Fit(run.Batches, null, new FitOptions(3) { Report = epochs.Add, Step = steps.Add });
        while (same.Batches.Epoch < 3)
        {
            same.Trainer.Step(same.Batches.Next());
        }

        Assert.Equal(same.Trainer.Parameters.ToArray(), run.Trainer.Parameters.ToArray());
        Assert.Equal(3, epochs.Count);
        Assert.All(epochs, epoch => Assert.True(epoch.IsBest && double.IsNaN(epoch.ValidationLoss)));
        Assert.Equal(epochs[^1], last);
        Assert.Equal(Enumerable.Range(0, (int)run.Trainer.Steps).Select(i => (long)i), steps.Select(step => step.Step));
    }

    [Fact]
    public void A_training_loss_that_is_not_finite_leaves_the_best_parameters()
    {
        Run run = new(Overfits());
        double[] best = [];
        var options = new FitOptions(100)
        {
            Report = report =>
            {
                best = report.IsBest ? run.Trainer.Parameters.ToArray() : best;
                if (report.Epoch == 3)
                {
                    run.Trainer.Parameters.Fill(double.NaN);
                }
            },
        };
        TrainingException e = Assert.Throws<TrainingException>(() => run.Trainer.Fit(run.Batches, run.Validation, options));
        Assert.StartsWith("The loss of step ", e.Message, StringComparison.Ordinal);
        Assert.Equal(best, run.Trainer.Parameters.ToArray());
    }

    [Fact]
    public void Later_epochs_allocate_nothing()
    {
        foreach (SequenceProblem problem in Problems())
        {
            long smallest = long.MaxValue;
            for (int attempt = 0; attempt < 10 && smallest > 0; attempt++)
            {
                smallest = Math.Min(smallest, Allocated(problem, leak: false));
            }

            Assert.True(smallest == 0, $"Epochs of {problem} allocated {smallest} bytes, expected 0.");
        }

        // The check finds an array of one number.
        Assert.InRange(Allocated(Problems().First(), leak: true), 1, long.MaxValue);
    }

    [Fact]
    public void Wrong_arguments_are_refused_and_nothing_has_changed()
    {
        Run run = new(Problems().First());
        (BatchReader<double> batches, SequenceData<double> validation) = (run.Batches, run.Validation);
        double[] before = run.Trainer.Parameters.ToArray();
        var options = new FitOptions(3);
        Assert.Throws<ArgumentNullException>(() => run.Trainer.Fit(null!, validation, options));
        Assert.Throws<ArgumentNullException>("validation", () => run.Trainer.Fit(batches, null, options with { Patience = 1 }));
        Assert.Throws<ArgumentNullException>(() => run.Trainer.Fit(batches, validation, null!));
        Refused<ArgumentOutOfRangeException>("'options.Epochs' is 0, expected 1 or more.", validation, new FitOptions(0));
        Refused<ArgumentOutOfRangeException>(
            "'options.Patience' is 0, expected 1 or more.", validation, new FitOptions(3) { Patience = 0 });
        Refused<ArgumentException>("'validation' has no sequences, expected at least one.", Data(_spec), options);
        SequenceData<double> nothing = Data(_spec);
        nothing.Add([1.0, 2, 3], [1.0, 2], [0]);
        nothing.Add(ReadOnlySpan<double>.Empty, ReadOnlySpan<double>.Empty);
        Refused<ArgumentException>("'validation' has no output that counts, expected at least one.", nothing, options);

        // Data for something else.
        SequenceData<double> symbols = Data(_spec);
        symbols.Add([1], [1.0, 2]);
        Refused<ArgumentException>("'validation' holds symbols, expected numbers as the training data.", symbols, options);
        SequenceData<double> narrow = Data(new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 2)));
        narrow.Add([1.0, 2], [1.0, 2]);
        Refused<ArgumentException>("'validation' is for 2 inputs per step, expected 3 as the training data.", narrow, options);
        SequenceData<double> wide = Data(new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 3)));
        wide.Add([1.0, 2, 3], [1.0, 2, 3]);
        Refused<ArgumentException>("'validation' is for outputs of 3 numbers, expected 2 as the training data.", wide, options);
        SequenceData<double> pooled = Data(new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 2), new FinalStateLayer()));
        pooled.Add([1.0, 2, 3], [1.0, 2]);
        Refused<ArgumentException>(
            "'validation' is for one output per sequence, expected one per step as the training data.", pooled, options);
        var fractions = new SequenceData<double>(_spec, Loss.BinaryCrossEntropy);
        fractions.Add([1.0, 2, 3], [1.0, 0]);
        Refused<ArgumentException>(
            "'validation' is for BinaryCrossEntropy, expected MeanSquaredError as the training data.", fractions, options);

        // The same data to train on are for another trainer.
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => run.Trainer.Fit(new BatchReader<double>(narrow, 1), narrow, options));
        Assert.StartsWith("'batches' is for 2 inputs per step, expected 3 as the trainer.", e.Message, StringComparison.Ordinal);

        Assert.Equal((0L, 0L), (run.Trainer.Steps, batches.Position));
        Assert.Equal(before, run.Trainer.Parameters.ToArray());
        run.Trainer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => run.Trainer.Fit(batches, validation, options));

        void Refused<TException>(string sentence, SequenceData<double> data, FitOptions settings)
            where TException : Exception =>
            Assert.Equal(
                sentence,
                Assert.Throws<TException>(() => run.Trainer.Fit(batches, data, settings)).Message.Split(" (Parameter")[0]);
    }

    // Every loss and kind of input, whole and in chunks, with weights, masks and a schedule.
    private static IEnumerable<SequenceProblem> Problems() =>
    [
        new SequenceProblem(_spec, Loss.MeanSquaredError, symbols: false, _lengths),
        .. TrainerTests.Problems().Where((_, index) => index % 5 == 0)
            .Select(problem => new SequenceProblem(
                problem.Spec, problem.Loss, problem.HasSymbols, _lengths, weighted: problem.Weights is not null)),
    ];

    // Few targets that are noise: what is learned of them is soon worse for others.
    private static SequenceProblem Overfits() => new(_spec, Loss.MeanSquaredError, symbols: false, _lengths, seed: 3);

    private static SequenceData<double> Data(NetworkSpec spec) => new(spec, Loss.MeanSquaredError);

    // The loop that one would write, with new arrays for all that is kept.
    private static (double[] Parameters, EpochReport Report) ByHand(Run run, int epochs, int patience, List<EpochReport> reports)
    {
        double[] best = [];
        int bestEpoch = -1;
        for (int epoch = 0; epoch < epochs && epoch - bestEpoch <= patience; epoch++)
        {
            StepReport[] steps = Epochs.Train(run.Trainer, run.Batches);
            double counted = steps.Sum(step => step.Weight);
            double loss = run.Trainer.Evaluate(run.Validation, run.Batches.BatchSize);
            bool isBest = bestEpoch < 0 || loss < reports[bestEpoch].ValidationLoss;
            bestEpoch = isBest ? epoch : bestEpoch;
            best = isBest ? run.Trainer.Parameters.ToArray() : best;
            reports.Add(new EpochReport(
                epoch,
                counted == 0 ? 0 : steps.Sum(step => step.Weight * step.Loss) / counted,
                loss,
                steps.Sum(step => step.GradientNorm) / steps.Length,
                isBest));
        }

        return (best, reports[bestEpoch]);
    }

    // Bytes from the report of the first epoch to that of the last.
    private static long Allocated(SequenceProblem problem, bool leak)
    {
        Run run = new(problem);
        long before = 0;
        long after = 0;
        double[] kept = [];
        var options = new FitOptions(4)
        {
            Report = report =>
            {
                kept = leak ? [report.TrainingLoss] : kept;
                after = GC.GetAllocatedBytesForCurrentThread();
                before = report.Epoch == 0 ? after : before;
            },
        };
        run.Trainer.Fit(run.Batches, run.Validation, options);
        run.Trainer.Dispose();
        GC.KeepAlive(kept);
        return after - before;
    }

    /// <summary>A trainer, its batches and validation data, the same each time.</summary>
    private sealed class Run
    {
        public Run(SequenceProblem problem, int threads = 1, double rate = 0.1)
        {
            (SequenceData<double> training, Validation) = problem.Data<double>().Split(0.4, seed: 2);
            Trainer = problem.Trainer<double>(
                new TrainerOptions(problem.Loss)
                {
                    Dropout = 0.1,
                    RecurrentDropout = 0.1,
                    ClipNorm = 1,
                    Schedule = LearningRateSchedule.Step(rate, every: 5, factor: 0.9),
                    Threads = threads,
                });
            Batches = new BatchReader<double>(training, 3)
            {
                Shuffle = true,
                Chunk = TrainerTests.IsCuttable(problem.Spec) ? 3 : 0,
            };
        }

        public Trainer<double> Trainer { get; }

        public BatchReader<double> Batches { get; }

        public SequenceData<double> Validation { get; }
    }

    // Asks for the end within a step.
    private sealed class CancelingSgd(int length, CancellationTokenSource source) : Optimizer<double>(length)
    {
        public override string ToString() => nameof(CancelingSgd);

        protected override void Update(Span<double> parameters, ReadOnlySpan<double> gradients)
        {
            source.Cancel();
            for (int i = 0; i < parameters.Length; i++)
            {
                parameters[i] -= gradients[i];
            }
        }
    }
}
