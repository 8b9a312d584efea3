namespace SpanRnn.Tests;

/// <summary>Wrong data, batches and options: the exception, its text, and nothing changed.</summary>
public class TrainingArgumentTests
{
    private static readonly NetworkSpec _everyStep = new(3, new RecurrentLayer(CellKind.Elman, 2));

    private static readonly NetworkSpec _lastStep = new(
        3, new RecurrentLayer(CellKind.Elman, 2), new FinalStateLayer(), new DenseLayer(2));

    private static readonly NetworkSpec _embedded = new(new EmbeddingSpec(4, 3), [new RecurrentLayer(CellKind.Elman, 2)]);

    [Fact]
    public void Sequences_of_the_wrong_size_are_refused()
    {
        SequenceData<double> targets = Data(_everyStep, Loss.MeanSquaredError);
        Refused<ArgumentException>(
            () => targets.Add([1.0, 2, 3, 4], [1.0, 2]), "'x' of sequence 0 has 4 elements, expected a multiple of 3 = Spec.InputSize.");
        targets.Add([1.0, 2, 3], [1.0, 2]);
        Refused<ArgumentException>(
            () => targets.Add([1.0, 2, 3], [1.0]), "'targets' of sequence 1 has 1 elements, expected 2 = its steps × Spec.OutputSize.");
        Refused<ArgumentException>(
            () => targets.Add([1, 2], [1.0, 2, 3, 4]), "'symbols' of sequence 1 holds symbols, expected numbers as the sequences before.");
        Refused<ArgumentException>(
            () => targets.Add([1.0, 2, 3], [1]), "'labels' of sequence 1 holds labels, expected targets for this loss.");
        SequenceData<double> labels = Data(_embedded, Loss.SoftmaxCrossEntropy);
        Refused<ArgumentException>(() => labels.Add([1, 2], [1]), "'labels' of sequence 0 has 1 elements, expected 2 = its steps.");
        Refused<ArgumentException>(
            () => labels.Add([1.0, 2, 3], [1]), "'x' of sequence 0 holds numbers, expected symbols: the network has an embedding.");
        Refused<ArgumentException>(
            () => labels.Add([1], [1.0]), "'targets' of sequence 0 holds targets, expected labels for this loss.");
        SequenceData<double> ofWhole = Data(_lastStep, Loss.SoftmaxCrossEntropy);
        Refused<ArgumentException>(
            () => ofWhole.Add([1, 2], [1, 1]), "'labels' of sequence 0 has 2 elements, expected 1 = one per sequence.");
        SequenceData<double> targetsOfWhole = Data(_lastStep, Loss.BinaryCrossEntropy);
        Refused<ArgumentException>(
            () => targetsOfWhole.Add([1, 2], [1.0]), "'targets' of sequence 0 has 1 elements, expected 2 = Spec.OutputSize.");

        Assert.Equal((1, 0, 0), (targets.Count, labels.Count, ofWhole.Count));
        Assert.Equal((1, 1, 0), (targets.LongestLength, targets.Length(0), labels.LongestLength));
        Assert.Throws<ArgumentOutOfRangeException>(() => targets.Length(1));
    }

    [Fact]
    public void Numbers_out_of_range_are_refused_with_their_place()
    {
        SequenceData<double> labels = Data(_embedded, Loss.SoftmaxCrossEntropy);
        labels.Add([3], [1]);
        Refused<ArgumentOutOfRangeException>(
            () => labels.Add([0, 4], [0, 1]), "'symbols' has the symbol 4 at step 1 of sequence 1, expected 0 to 3.");
        Refused<ArgumentOutOfRangeException>(
            () => labels.Add([-1], [0]), "'symbols' has the symbol -1 at step 0 of sequence 1, expected 0 to 3.");
        Refused<ArgumentOutOfRangeException>(
            () => labels.Add([0, 0, 0], [0, 1, 2]),
            "'labels' has the label 2 at step 2 of sequence 1, expected 0 to 1, or below 0 for none.");
        SequenceData<double> ofWhole = Data(_lastStep, Loss.SoftmaxCrossEntropy);
        Refused<ArgumentOutOfRangeException>(
            () => ofWhole.Add([0, 0, 0], [7]), "'labels' has the label 7 of sequence 0, expected 0 to 1, or below 0 for none.");
        SequenceData<double> fractions = Data(_everyStep, Loss.BinaryCrossEntropy);
        Refused<ArgumentOutOfRangeException>(
            () => fractions.Add([0, 1], [0, 1, 0.5, 1.5]), "'targets' has the target 1.5 at step 1 of sequence 0, expected 0 to 1.");
        Refused<ArgumentOutOfRangeException>(
            () => fractions.Add([0], [0, double.NaN]), "'targets' has the target NaN at step 0 of sequence 0, expected 0 to 1.");
        Refused<ArgumentOutOfRangeException>(
            () => fractions.Add([0, 1], [0, 1, 0.5, 1], [0.5, -1]),
            "'weights' has the weight -1 at step 1 of sequence 0, expected a finite number, 0 or more.");
        Refused<ArgumentException>(
            () => fractions.Add([0, 1, 2], [0, 1, 0.5, 1, 0, 0], [1, 1]),
            "'weights' of sequence 0 has 2 elements, expected 3 = its outputs, 1 or none.");
        Assert.Equal((1, 0, 0), (labels.Count, ofWhole.Count, fractions.Count));

        // What does not count may be anything.
        fractions.Add([0, 1], [0, 1, 7, double.NaN], [1, 0]);
        ofWhole.Add([0, 0, 0], [7], [0]);
        ofWhole.Add([0, 0, 0], [-100]);

        // Values that are not a matter of range are left to the loss.
        Data(_everyStep, Loss.MeanSquaredError).Add([double.NaN, 0, 0], [7, double.NaN]);
    }

    [Fact]
    public void An_embedding_needs_symbols()
    {
        Refused<ArgumentException>(
            () => new Batch<double>(_embedded, Loss.MeanSquaredError, symbols: false),
            "'symbols' is false, expected true: the network has an embedding.");
        Refused<ArgumentOutOfRangeException>(
            () => new Batch<double>(_everyStep, (Loss)7, symbols: true), "'loss' is 7, expected a value of Loss.");
        Assert.Throws<ArgumentNullException>(() => new Batch<double>(null!, Loss.MeanSquaredError, symbols: true));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        int length = _everyStep.Parameters.Length;
        Refused("'loss' is 7, expected a value of Loss.", new TrainerOptions((Loss)7));
        Refused(
            "'options.ClipNorm' is 0, expected a number above 0, or infinity for none.",
            new TrainerOptions(Loss.MeanSquaredError) { ClipNorm = 0 });
        Refused(
            "'options.ClipNorm' is 1E-50, expected a number above 0, or infinity for none.",
            new TrainerOptions(Loss.MeanSquaredError) { ClipNorm = 1e-50 });
        Refused(
            "'options.ClipValue' is NaN, expected a number above 0, or infinity for none.",
            new TrainerOptions(Loss.MeanSquaredError) { ClipValue = double.NaN });
        Refused("'options.Threads' is 0, expected 1 or more.", new TrainerOptions(Loss.MeanSquaredError) { Threads = 0 });
        Refused("'options.Dropout' is 1, expected 0 or more and below 1.", new TrainerOptions(Loss.MeanSquaredError) { Dropout = 1 });
        Refused(
            "'options.Dropout' is NaN, expected 0 or more and below 1.",
            new TrainerOptions(Loss.MeanSquaredError) { Dropout = double.NaN });
        Refused(
            "'options.RecurrentDropout' is -0.5, expected 0 or more and below 1.",
            new TrainerOptions(Loss.MeanSquaredError) { RecurrentDropout = -0.5 });
        Refused<ArgumentException>(
            () => new Trainer<float>(_everyStep, new Sgd<float>(3), new TrainerOptions(Loss.MeanSquaredError)),
            $"'optimizer' has the length 3, expected {length} = spec.Parameters.Length.");

        void Refused(string sentence, TrainerOptions options) => Refused<ArgumentOutOfRangeException>(
            () => new Trainer<float>(_everyStep, new Sgd<float>(length), options), sentence);
    }

    [Fact]
    public void Batches_that_cannot_be_trained_on_are_refused()
    {
        using Trainer<double> trainer = Trainer(_everyStep, Loss.SoftmaxCrossEntropy);
        Batch<double> batch = Filled(_everyStep, Loss.SoftmaxCrossEntropy);
        batch.Keep = 2;
        trainer.Step(batch);
        double[] before = [.. trainer.Parameters, .. trainer.CarriedStates(1)];

        batch.Carry = 2;
        Refuses("'batch' carries on from 2 steps before, expected at most 1 = CarriedSteps.");
        batch.Carry = 1;
        batch.Set(2, [2, 1, 1]);
        Refuses("'batch' carries on with 3 sequences, expected 2 as in the steps before.");
        batch.Carry = 0;
        batch.Labels.Clear();
        batch.Symbols.Clear();
        batch.FirstCounted = 3;
        Refuses("'batch' counts steps from 3 on, expected 0 to 2.");
        batch.FirstCounted = 0;
        batch.Labels[3] = 2;
        Refuses("'labels' has the label 2 at step 1 of sequence 0, expected 0 to 1, or below 0 for none.");
        batch.Labels[3] = 0;
        batch.Symbols[2] = 3;
        Refuses("'symbols' has the symbol 3 at step 0 of sequence 2, expected 0 to 2.");

        // Not read: padding, and labels that are not counted.
        batch.Symbols[2] = 0;
        batch.Symbols[4] = 99;
        batch.Labels[4] = -99;
        batch.Labels[0] = 99;
        batch.FirstCounted = 1;
        Assert.True(double.IsFinite(trainer.Step(batch).Loss));

        void Refuses(string sentence)
        {
            Assert.Equal(sentence, Assert.ThrowsAny<ArgumentException>(() => trainer.Step(batch)).Message.Split(" (Parameter")[0]);
            Assert.Equal(sentence, Assert.ThrowsAny<ArgumentException>(() => trainer.Evaluate(batch)).Message.Split(" (Parameter")[0]);
            Assert.Equal<double[]>(before, [.. trainer.Parameters, .. trainer.CarriedStates(1)]);
            Assert.Equal(1, trainer.Steps);
        }
    }

    [Fact]
    public void Targets_of_whole_sequences_are_checked_as_far_as_they_count()
    {
        using Trainer<double> trainer = Trainer(_lastStep, Loss.BinaryCrossEntropy);
        var batch = new Batch<double>(_lastStep, Loss.BinaryCrossEntropy, symbols: true);
        batch.Set(2, [2, 0]);
        batch.Symbols.Clear();
        batch.Targets.Fill(2);
        Refused<ArgumentOutOfRangeException>(() => trainer.Step(batch), "'targets' has the target 2 of sequence 0, expected 0 to 1.");
        batch.Targets[..2].Fill(1);
        Assert.Equal(1, trainer.Step(batch).Sequences);
        batch.FirstCounted = 1;
        Refused<ArgumentException>(() => trainer.Step(batch), "'batch' counts steps from 1 on, expected 0 with one output per sequence.");
    }

    [Fact]
    public void A_batch_for_something_else_is_refused()
    {
        using Trainer<double> trainer = Trainer(_everyStep, Loss.SoftmaxCrossEntropy);
        (string Difference, Batch<double> Batch)[] others =
        [
            ("is for MeanSquaredError, expected SoftmaxCrossEntropy", Filled(_everyStep, Loss.MeanSquaredError)),
            ("is for one output per sequence, expected one per step", Filled(_lastStep, Loss.SoftmaxCrossEntropy)),
            ("is for 4 symbols, expected 3", Filled(_embedded, Loss.SoftmaxCrossEntropy)),
            ("is for 2 inputs per step, expected 3", new Batch<double>(
                new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 2)), Loss.SoftmaxCrossEntropy, symbols: false)),
            ("is for outputs of 3 numbers, expected 2", Filled(
                new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 3)), Loss.SoftmaxCrossEntropy)),
        ];
        foreach ((string difference, Batch<double> batch) in others)
        {
            Refused<ArgumentException>(() => trainer.Step(batch), $"'batch' {difference} as the trainer.");
        }

        using Trainer<double> embedded = Trainer(_embedded, Loss.SoftmaxCrossEntropy);
        Refused<ArgumentException>(
            () => embedded.Step(new Batch<double>(_everyStep, Loss.SoftmaxCrossEntropy, symbols: false)),
            "'batch' holds numbers, expected symbols as the trainer.");

        // A batch may be a chunk, and not every network can take one; the other way round it makes no difference.
        var reverse = new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 2) { Reverse = true });
        using Trainer<double> whole = Trainer(reverse, Loss.SoftmaxCrossEntropy);
        Refused<ArgumentException>(
            () => whole.Step(Filled(_everyStep, Loss.SoftmaxCrossEntropy)),
            "'batch' is for a network that runs step by step, expected one whose layer 0 runs in reverse as the trainer.");
        trainer.Step(Filled(reverse, Loss.SoftmaxCrossEntropy));

        // Another object, the same network.
        trainer.Step(Filled(new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 2)), Loss.SoftmaxCrossEntropy));
        Assert.Throws<ArgumentNullException>(() => trainer.Step(null!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_network_that_runs_in_reverse_does_not_carry_on(bool bothWays)
    {
        var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 1) { Bidirectional = bothWays, Reverse = !bothWays });
        using Trainer<double> trainer = Trainer(spec, Loss.SoftmaxCrossEntropy);
        Batch<double> batch = Filled(spec, Loss.SoftmaxCrossEntropy);
        batch.Keep = 1;
        trainer.Step(batch);
        batch.Carry = 1;

        ArgumentException e = Assert.Throws<ArgumentException>(() => trainer.Step(batch));
        Assert.StartsWith(
            $"Layer 0 runs in {(bothWays ? "both directions" : "reverse")}, expected only layers that run step by step ",
            e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_needs_whole_sequences_does_not_carry_on()
    {
        foreach ((LayerSpec layer, string does) in new (LayerSpec, string)[]
        {
            (new StepLayer(2), "takes step 2"), (new AttentionLayer(), "weighs all steps (attention)"),
        })
        {
            var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 2), layer);
            using Trainer<double> trainer = Trainer(spec, Loss.SoftmaxCrossEntropy);
            Batch<double> batch = Filled(spec, Loss.SoftmaxCrossEntropy);
            batch.Keep = 1;
            trainer.Step(batch);
            batch.Carry = 1;
            Refused<ArgumentException>(
                () => trainer.Step(batch),
                $"Layer 1 {does}, expected only layers that run step by step where sequences are cut into chunks: it needs whole "
                + "sequences.");
        }
    }

    [Fact]
    public void Losses_of_logits_need_logits()
    {
        (LayerSpec Last, string Found)[] wrong =
        [
            (new ActivationLayer(ActivationKind.Identity) { Normalization = Normalization.Softmax }, "Softmax"),
            (new ActivationLayer(ActivationKind.Relu) { Normalization = Normalization.LogSoftmax }, "LogSoftmax"),
            (new ActivationLayer(ActivationKind.Silu), "Silu"),
            (new DenseLayer(2) { Activation = ActivationKind.LeakyRelu }, "LeakyRelu(0.01)"),
        ];
        foreach ((LayerSpec last, string found) in wrong)
        {
            var spec = new NetworkSpec(3, new RecurrentLayer(CellKind.Elman, 2), last);
            foreach (Loss loss in (Loss[])[Loss.SoftmaxCrossEntropy, Loss.BinaryCrossEntropy])
            {
                Refused<ArgumentException>(
                    () => Trainer(spec, loss), $"The network ends in {found}, expected logits: {loss} applies its own function.");
            }

            using Trainer<double> trainer = Trainer(spec, Loss.MeanSquaredError);
            trainer.Step(Filled(spec, Loss.MeanSquaredError));
        }
    }

    [Fact]
    public void Places_of_kept_states_are_checked()
    {
        using Trainer<double> trainer = Trainer(_everyStep, Loss.SoftmaxCrossEntropy);
        Refused<ArgumentOutOfRangeException>(() => trainer.CarriedStates(1).Length, "'stepsBack' is 1, expected 1 to 0 = CarriedSteps.");
        Assert.Equal(2 * 5 * _everyStep.StateSize, trainer.RestoreCarried(2, 5).Length);
        Assert.Equal((2, 5), (trainer.CarriedSteps, trainer.CarriedBatch));
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.CarriedStates(3).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.CarriedStates(0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.RestoreCarried(-1, 0).Length);

        // A step whose batch keeps nothing lets go of them.
        trainer.Step(Filled(_everyStep, Loss.SoftmaxCrossEntropy));
        Assert.Equal((0, 0), (trainer.CarriedSteps, trainer.CarriedBatch));
    }

    [Fact]
    public void Counts_are_not_negative_and_nothing_follows_the_end()
    {
        Trainer<double> trainer = Trainer(_everyStep, Loss.SoftmaxCrossEntropy);
        Batch<double> batch = Filled(_everyStep, Loss.SoftmaxCrossEntropy);
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Steps = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => trainer.ClippedSteps = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Carry = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Keep = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.FirstCounted = -1);
        trainer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => trainer.Step(batch));
        Assert.Throws<ObjectDisposedException>(() => trainer.Evaluate(batch));
    }

    [Fact]
    public void Embedding_checks_before_it_writes()
    {
        var network = new Network<double>(_embedded);
        var layout = new SequenceLayout();
        layout.Set(2, [2, 1]);
        double[] parameters = new double[_embedded.Parameters.Length];
        double[] x = [.. Enumerable.Repeat(0.25, 12)];
        Refused<ArgumentOutOfRangeException>(
            () => network.Embed(parameters, layout, [0, 0, 4, 99], x),
            "'symbols' has the symbol 4 at step 1 of sequence 0, expected 0 to 3.");
        Refused<ArgumentOutOfRangeException>(
            () => network.AddEmbeddingGradients(layout, [0, -1, 0, 0], new double[12], parameters),
            "'symbols' has the symbol -1 at step 0 of sequence 1, expected 0 to 3.");
        Refused<ArgumentException>(
            () => network.Embed(parameters, layout, [0, 0, 1], x), "'symbols' has 3 elements, expected 4 = layout.Steps × layout.Batch.");
        Assert.All(x, value => Assert.Equal(0.25, value));

        _embedded.EmbeddingWeights!.In(parameters.AsSpan())[3..6].Fill(7);
        network.Embed(parameters, layout, [0, 1, 1, 99], x);
        Assert.Equal([0, 0, 0, 7, 7, 7, 7, 7, 7, 0, 0, 0], x);
        double[] gradients = [.. Enumerable.Repeat(0.5, parameters.Length)];
        network.AddEmbeddingGradients(layout, [0, 1, 1, 99], [1, 2, 3, 4, 5, 6, 7, 8, 9, 99, 99, 99], gradients);
        Assert.Equal([1.5, 2.5, 3.5, 11.5, 13.5, 15.5, 0.5, 0.5, 0.5], gradients[..9]);
    }

    private static SequenceData<double> Data(NetworkSpec spec, Loss loss) => new(spec, loss);

    private static Trainer<double> Trainer(NetworkSpec spec, Loss loss) =>
        new(spec, new Sgd<double>(spec.Parameters.Length), new TrainerOptions(loss));

    // Two sequences of two steps, all symbols and labels 0.
    private static Batch<double> Filled(NetworkSpec spec, Loss loss)
    {
        var batch = new Batch<double>(spec, loss, symbols: true);
        batch.Set(2, [2, 2]);
        batch.Symbols.Clear();
        batch.Labels.Clear();
        batch.Targets.Clear();
        return batch;
    }

    private static void Refused<TException>(Action call, string sentence)
        where TException : Exception =>
        Assert.Equal(sentence, Assert.Throws<TException>(call).Message.Split(" (Parameter")[0]);

    private static void Refused<TException>(Func<object> call, string sentence)
        where TException : Exception =>
        Assert.Equal(sentence, Assert.Throws<TException>(call).Message.Split(" (Parameter")[0]);

    [Fact]
    public void Weights_of_classes_need_labels_and_one_for_each()
    {
        var optimizer = new Sgd<double>(_everyStep.Parameters.Length);
        var options = new TrainerOptions(Loss.SoftmaxCrossEntropy) { ClassWeights = [1, 0.5] };
        new Trainer<double>(_everyStep, optimizer, options).Dispose();
        Refused<ArgumentException>(
            () => new Trainer<double>(_everyStep, optimizer, options with { ClassWeights = [1] }),
            "'options.ClassWeights' has 1 elements, expected 2 = spec.OutputSize.");
        Refused<ArgumentException>(
            () => new Trainer<double>(_everyStep, optimizer, options with { Loss = Loss.MeanSquaredError }),
            "'options.ClassWeights' is given with MeanSquaredError, expected null: only labels have classes.");
        Refused<ArgumentOutOfRangeException>(
            () => new Trainer<double>(_everyStep, optimizer, options with { ClassWeights = [1, -1] }),
            "'options.ClassWeights' is -1, expected a finite number, 0 or more.");
    }

    [Fact]
    public void Weights_of_a_batch_are_checked_where_they_count()
    {
        var optimizer = new Sgd<double>(_everyStep.Parameters.Length);
        using var trainer = new Trainer<double>(_everyStep, optimizer, new TrainerOptions(Loss.MeanSquaredError));
        var batch = new Batch<double>(_everyStep, Loss.MeanSquaredError, symbols: false);
        batch.Set(2, [2, 1]);
        Assert.True(batch.Weights.IsEmpty);
        batch.IsWeighted = true;
        Assert.Equal(4, batch.Weights.Length);
        batch.Inputs.Fill(0.5);
        batch.Targets.Fill(0.25);
        batch.Weights.Fill(1);
        batch.Weights[3] = -1; // padding
        Assert.True(double.IsFinite(trainer.Step(batch).Loss));
        batch.Weights[2] = double.PositiveInfinity;
        Refused<ArgumentOutOfRangeException>(
            () => trainer.Step(batch), "'weights' has the weight Infinity at step 1 of sequence 0, expected a finite number, 0 or more.");
        batch.Weights.Clear();
        Assert.Equal(0, trainer.Step(batch).Loss);
        Assert.All(trainer.Gradients.ToArray(), gradient => Assert.Equal(0, gradient));
    }
}
