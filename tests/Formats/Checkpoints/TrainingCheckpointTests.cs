using System.Numerics;
using System.Runtime.InteropServices;
using SpanRnn.Formats.Checkpoints;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

public class TrainingCheckpointTests
{
    private static readonly RecurrentLayer _gru = new(CellKind.GruResetAfter, 6);

    private static readonly NetworkSpec _symbols = new(new EmbeddingSpec(5, 3), _gru, _gru, new DenseLayer(5));

    private static readonly NetworkSpec _numbers = new(2, new RecurrentLayer(CellKind.Lstm, 5), new FinalStateLayer(), new DenseLayer(2));

    [Fact]
    public void A_run_goes_on_with_the_same_bits_wherever_it_stopped()
    {
        GoesOn(_numbers, n => new Adam<float>(n) { WeightDecay = 0.01, DecoupledWeightDecay = true }, Numbers, chunk: 0);
        GoesOn(_numbers, n => new RmsProp<double>(n, centered: true) { Momentum = 0.5 }, Numbers, chunk: 0);
        GoesOn(_symbols, n => new Sgd<double>(n) { Momentum = 0.9 }, Symbols, chunk: 4);
        GoesOn(_symbols, n => new Adam<float>(n), Symbols, chunk: 2);
    }

    [Fact]
    public void The_parameters_are_there_for_inference()
    {
        using var folder = new TemporaryFolder();
        using Run<float> run = Numbers<float>();
        run.Steps(3);
        string path = folder.File("run.safetensors");
        TrainingCheckpoint.Save(path, run.Trainer, run.Reader);
        Assert.Equal(path, run.Trainer.LastCheckpoint);

        var checkpoint = TrainingCheckpoint.Load(path);
        Assert.Equal(3, checkpoint.Steps);
        Assert.Equal("F32", checkpoint.Dtype);
        Assert.Equal(path, checkpoint.Name);
        Assert.Equal(NetworkJson.Write(_numbers), NetworkJson.Write(checkpoint.Spec));
        Assert.Equal(run.Trainer.Parameters.ToArray(), checkpoint.ReadParameters<float>().Span.ToArray());

        var file = SafetensorsFile.Load(path);
        Assert.Equal("3", file.Metadata["steps"]);
        Assert.NotNull(file.Find("first_moment.layer0.forward.input_weights"));
    }

    [Fact]
    public void A_run_with_infinite_parameters_is_not_saved()
    {
        using var folder = new TemporaryFolder();
        using Run<float> run = Numbers<float>();
        string path = folder.File("run.safetensors");
        TrainingCheckpoint.Save(path, run.Trainer, run.Reader);
        byte[] before = System.IO.File.ReadAllBytes(path);
        run.Steps(2);
        run.Trainer.Spec.Slot(2, Direction.Forward, ParameterRole.InputBias)!.In(run.Trainer.Parameters)[1] = float.NegativeInfinity;

        TrainingException e = Assert.Throws<TrainingException>(() => TrainingCheckpoint.Save(path, run.Trainer, run.Reader));
        Assert.Equal(
            $"The parameter 'layer2.forward.input_bias' has -Infinity after 2 steps, expected finite numbers; "
            + $"last good checkpoint: {path}.",
            e.Message);
        Assert.Equal((2, "layer2.forward.input_bias"), (e.Step, e.Tensor));
        Assert.Equal(before, System.IO.File.ReadAllBytes(path));
        Assert.Equal(["run.safetensors"], folder.Names());
    }

    [Fact]
    public void A_program_with_batches_of_its_own_has_no_reader()
    {
        using Run<float> run = Numbers<float>(), other = Numbers<float>();
        run.Steps(3);
        TrainingCheckpoint checkpoint = Saved(run, withReader: false);
        checkpoint.Restore(other.Trainer);
        other.Reader.Seek(run.Reader.Epoch, run.Reader.Position);
        Assert.Equal(run.Bits(), other.Bits());
        Refused("there is no metadata entry 'sequences'", () => checkpoint.Restore(other.Trainer, other.Reader));
        Refused("'epoch' is '1', expected none, since this run has no reader", () => Saved(run).Restore(other.Trainer));
    }

    [Fact]
    public void A_run_that_was_set_up_differently_is_refused_and_nothing_changes()
    {
        using Run<float> saved = Numbers<float>();
        saved.Steps(3);
        TrainingCheckpoint checkpoint = Saved(saved);
        var options = new TrainerOptions(Loss.MeanSquaredError) { ClipNorm = 0.5, Seed = 7 };
        Different(Numbers<double>(), "'precision' is 'float', expected 'double' as in this run");
        Different(
            Numbers<float>(Four()),
            $"'network' is {NetworkJson.Write(_numbers)}, expected {NetworkJson.Write(Four())} as in this run");
        Different(
            Numbers<float>(optimizer: n => new Sgd<float>(n)),
            "'optimiser' is 'Adam, betas 0.9 and 0.999, epsilon 1E-08, weight decay 0', expected 'SGD, momentum 0, weight decay 0' as in");
        Different(
            Numbers<float>(options: options with { Schedule = LearningRateSchedule.Constant(1) }),
            "'schedule' is 'none', expected 'constant 1' as in this run");
        Different(Numbers<float>(options: options with { ClipNorm = 1 }), "'clip_norm' is '0.5', expected '1' as in this run");
        Different(Numbers<float>(options: options with { ClipValue = 1 }), "'clip_value' is 'Infinity', expected '1'");
        Different(Numbers<float>(options: options with { Seed = 8 }), "'seed' is '7', expected '8'");
        Different(Numbers<float>(count: 12), "'sequences' is '11', expected '12'");
        Different(Numbers<float>(batchSize: 5), "'batch_size' is '4', expected '5'");
        Different(Numbers<float>(shuffle: false), "'shuffle' is 'seed 3', expected 'none'");
        Different(Symbols<float>(), "'network' is ");

        static NetworkSpec Four() => new(2, new RecurrentLayer(CellKind.Lstm, 4), new FinalStateLayer(), new DenseLayer(2));

        void Different<T>(Run<T> run, string sentence)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            using (run)
            {
                run.Steps(2);
                byte[] before = run.Bits();
                Refused(sentence, () => checkpoint.Restore(run.Trainer, run.Reader));
                Assert.Equal(before, run.Bits());
                Assert.Null(run.Trainer.LastCheckpoint);
            }
        }
    }

    [Theory]
    [InlineData("-spanrnn_checkpoint", "there is no metadata entry 'spanrnn_checkpoint', expected a checkpoint of a training run")]
    [InlineData("spanrnn_checkpoint=3", "'spanrnn_checkpoint' is '3', expected '1' or '2'")]
    [InlineData("sha256=0", "the content has the SHA-256 ")]
    [InlineData("-sha256", "there is no metadata entry 'sha256'")]
    [InlineData("network={}", "the network ")]
    [InlineData("precision=half", "'precision' is 'half', expected 'float' or 'double'")]
    [InlineData("precision=float", "tensor 'layer0.forward.input_weights' has 40 numbers of F64, expected 40 numbers of F32")]
    [InlineData("steps=-1", "'steps' is '-1', expected a whole number from 0 to 9223372036854775807")]
    [InlineData("steps=9223372036854775808", "'steps' is '9223372036854775808', expected a whole")]
    [InlineData("-clipped_steps", "there is no metadata entry 'clipped_steps'")]
    [InlineData("optimiser_steps=x", "'optimiser_steps' is 'x', expected")]
    [InlineData("learning_rate=NaN", "'learning_rate' is 'NaN', expected a finite number, 0 or more")]
    [InlineData("epoch=", "'epoch' is '', expected")]
    [InlineData("position=3", "'position' is '3', expected a batch of epoch 1")]
    [InlineData("carried_steps=1", "'carried_states.1' is missing, expected 0 numbers of F64")]
    [InlineData("carried_steps=999", "'carried_steps' is '999', expected a whole number from 0 to")]
    [InlineData("carried_batch=1", "'carried_batch' is '1', expected a whole number from 0 to 0")]
    [InlineData("-tensor layer2.forward.input_bias", "tensor 'layer2.forward.input_bias' is missing, expected 2 numbers of F64")]
    [InlineData("-tensor second_moment.layer2.forward.input_bias", "tensor 'second_moment.layer2.forward.input_bias' is missing, expected")]
    [InlineData("+tensor more", "there are 19 tensors, expected 18, as in the run")]
    public void A_file_that_is_not_whole_is_refused_and_nothing_changes(string change, string sentence)
    {
        using Run<double> run = Numbers<double>(), other = Numbers<double>();
        run.Steps(3);
        byte[] before = other.Bits();
        SafetensorsFile file = File(run);
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in file.Metadata)
        {
            if (change != "-" + key)
            {
                writer.Metadata[key] = change.StartsWith(key + "=", StringComparison.Ordinal) ? change[(key.Length + 1)..] : value;
            }
        }

        foreach (SafetensorsTensor tensor in file.Tensors.Where(tensor => change != "-tensor " + tensor.Name))
        {
            double[] values = new double[tensor.Length];
            tensor.CopyTo<double>(values);
            writer.Add<double>(tensor.Name, tensor.Shape, values);
        }

        if (change == "+tensor more")
        {
            writer.Add<double>("more", [1], [1]);
        }

        if (!change.Contains("sha256", StringComparison.Ordinal))
        {
            writer.Metadata[CheckpointHash.MetadataName] = CheckpointHash.Of(writer.Metadata, writer.Tensors);
        }

        var changed = SafetensorsFile.Parse(writer.ToBytes(), "f");
        Refused(sentence, () => TrainingCheckpoint.From(changed).Restore(other.Trainer, other.Reader));
        Assert.Equal(before, other.Bits());
    }

    [Fact]
    public void A_flipped_bit_is_found_wherever_it_is()
    {
        using Run<float> run = Numbers<float>();
        run.Steps(3);
        byte[] bytes = Bytes(run);
        TrainingCheckpoint.From(SafetensorsFile.Parse(bytes, "f"));
        for (int i = 0; i < bytes.Length; i++)
        {
            byte whole = bytes[i];
            bytes[i] ^= (byte)(1 << (i % 8));
            Assert.Throws<ModelFormatException>(() => TrainingCheckpoint.From(SafetensorsFile.Parse(bytes, "f")));
            bytes[i] = whole;
        }
    }

    [Fact]
    public void A_checkpoint_without_a_hash_is_still_read()
    {
        using Run<double> run = Numbers<double>(), other = Numbers<double>();
        run.Steps(3);
        SafetensorsFile file = File(run);
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in file.Metadata.Where(entry => entry.Key != CheckpointHash.MetadataName))
        {
            writer.Metadata[key] = key == "spanrnn_checkpoint" ? "1" : value;
        }

        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            double[] values = new double[tensor.Length];
            tensor.CopyTo<double>(values);
            writer.Add<double>(tensor.Name, tensor.Shape, values);
        }

        TrainingCheckpoint.From(SafetensorsFile.Parse(writer.ToBytes(), "f")).Restore(other.Trainer, other.Reader);

        Assert.Equal(run.Bits(), other.Bits());
    }

    /// <summary>Once the dense layer on top was a head with names of its own, and what it read was no layer.</summary>
    [Fact]
    public void A_checkpoint_of_a_network_with_a_head_is_still_read()
    {
        var spec = new NetworkSpec(
            2,
            new RecurrentLayer(CellKind.Lstm, 5),
            new FinalStateLayer(),
            new DenseLayer(3) { Activation = ActivationKind.Tanh },
            new DenseLayer(2));
        using Run<double> run = Numbers<double>(spec), other = Numbers<double>(spec);
        run.Steps(3);
        SafetensorsFile file = File(run);
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in file.Metadata)
        {
            writer.Metadata[key] = value;
        }

        writer.Metadata["network"] = """
            {"input":2,"layers":[{"cell":"lstm","hidden":5},{"cell":"dense","hidden":3}],"head":{"outputs":2,"position":"last_step"}}
            """;

        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            double[] values = new double[tensor.Length];
            tensor.CopyTo<double>(values);
            string name = tensor.Name
                .Replace("layer2.", "layer1.", StringComparison.Ordinal)
                .Replace("layer3.forward.input_weights", "head.weights", StringComparison.Ordinal)
                .Replace("layer3.forward.input_bias", "head.bias", StringComparison.Ordinal);
            writer.Add<double>(name, tensor.Shape, values);
        }

        writer.Metadata[CheckpointHash.MetadataName] = CheckpointHash.Of(writer.Metadata, writer.Tensors);
        var before = SafetensorsFile.Parse(writer.ToBytes(), "f");
        TrainingCheckpoint.From(before).Restore(other.Trainer, other.Reader);

        Assert.Equal(run.Bits(), other.Bits());
        Assert.Equal(run.Trainer.Parameters.ToArray(), ModelFile.Load(before).ReadParameters<double>().Span.ToArray());
    }

    [Fact]
    public void A_checkpoint_is_a_model_like_others()
    {
        using Run<double> run = Numbers<double>();
        run.Steps(3);

        RecurrentModel model = ModelFile.Load(Bytes(run), "run.ckpt");

        Assert.Equal("checkpoint of training after 3 steps", model.Format);
        Assert.Equal(NetworkJson.Write(_numbers), NetworkJson.Write(model.Spec));
        Assert.Equal("F64", model.Dtype);
        Assert.Equal(run.Trainer.Parameters.ToArray(), model.ReadParameters<double>().Span.ToArray());
        Assert.Equal("3", model.Metadata["steps"]);
        Assert.Contains("moments of the optimizer", Assert.Single(model.Unused), StringComparison.Ordinal);
        Assert.All(model.Sources.ToArray(), source => Assert.True(source.IsWhole));
        Refused(
            "expected no other nonlinearity", () => ModelFile.Load(Bytes(run), "f", ActivationKind.Relu));
    }

    [Fact]
    public void Damaged_files_are_refused_or_read()
    {
        using Run<float> run = Numbers<float>(), other = Numbers<float>();
        run.Steps(2);
        byte[] original = Bytes(run);
        int refused = FormatFuzz.Run(
            bytes => TrainingCheckpoint.From(SafetensorsFile.Parse(bytes, "f")).Restore(other.Trainer, other.Reader),
            SafetensorsHeaderDamage.Apply,
            FormatFuzz.Files,
            original);
        Assert.True(refused > FormatFuzz.Files / 2, $"{refused}");
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_the_one_before()
    {
        using var folder = new TemporaryFolder();
        using Run<float> run = Numbers<float>();
        string path = folder.File("run.safetensors");
        TrainingCheckpoint.Save(path, run.Trainer, run.Reader);
        byte[] before = System.IO.File.ReadAllBytes(path);
        run.Steps(1);

        System.IO.File.SetAttributes(path, FileAttributes.ReadOnly);
        Assert.Throws<UnauthorizedAccessException>(() => TrainingCheckpoint.Save(path, run.Trainer, run.Reader));
        Assert.Throws<DirectoryNotFoundException>(() => TrainingCheckpoint.Save(folder.File("no/run"), run.Trainer, run.Reader));

        Assert.Equal(before, System.IO.File.ReadAllBytes(path));
        Assert.Equal(["run.safetensors"], folder.Names());
        Assert.Equal(path, run.Trainer.LastCheckpoint);
        System.IO.File.SetAttributes(path, FileAttributes.Normal);
    }

    private static void GoesOn<T>(NetworkSpec spec, Func<int, Optimizer<T>> optimizer, MakeRun<T> make, int chunk)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Steps = 14;
        using Run<T> whole = make(spec, optimizer, chunk: chunk);
        for (int stop = 0; stop < Steps; stop++)
        {
            TrainingCheckpoint checkpoint = Saved(whole);
            using Run<T> other = make(spec, optimizer, chunk: chunk);
            other.Trainer.Parameters.Fill(T.One);
            checkpoint.Restore(other.Trainer, other.Reader);
            Assert.Equal(whole.Bits(), other.Bits());
            Assert.Equal(whole.Steps(1), other.Steps(1));
            Assert.Equal(whole.Bits(), other.Bits());
            if (stop == 5)
            {
                Assert.Equal(whole.ClippedSteps, other.ClippedSteps);
                other.Steps(Steps - 6);
                using Run<T> fresh = make(spec, optimizer, chunk: chunk);
                fresh.Steps(Steps);
                Assert.Equal(fresh.Bits(), other.Bits());
            }
        }

        Assert.True(whole.ClippedSteps > 0 && whole.Reader.Epoch > 0, "The run has to clip and to pass an epoch.");
    }

    private delegate Run<T> MakeRun<T>(
        NetworkSpec? spec = null,
        Func<int, Optimizer<T>>? optimizer = null,
        TrainerOptions? options = null,
        int count = 11,
        int batchSize = 4,
        bool shuffle = true,
        int chunk = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    private static Run<T> Numbers<T>(
        NetworkSpec? spec = null,
        Func<int, Optimizer<T>>? optimizer = null,
        TrainerOptions? options = null,
        int count = 11,
        int batchSize = 4,
        bool shuffle = true,
        int chunk = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        spec ??= _numbers;
        var random = new RandomSource(5);
        var data = new SequenceData<T>(spec, Loss.MeanSquaredError);
        for (int i = 0; i < count; i++)
        {
            var x = new T[2 * random.NextInt(7)];
            var target = new T[2];
            random.Fill<T>(x, -1, 1);
            random.Fill<T>(target, -1, 1);
            data.Add(x, target);
        }

        return new Run<T>(
            spec,
            optimizer?.Invoke(spec.Parameters.Length) ?? new Adam<T>(spec.Parameters.Length),
            options ?? new TrainerOptions(Loss.MeanSquaredError) { ClipNorm = 0.5, Seed = 7 },
            new BatchReader<T>(data, batchSize) { Shuffle = shuffle, Seed = 3, Chunk = chunk });
    }

    private static Run<T> Symbols<T>(
        NetworkSpec? spec = null,
        Func<int, Optimizer<T>>? optimizer = null,
        TrainerOptions? options = null,
        int count = 5,
        int batchSize = 4,
        bool shuffle = true,
        int chunk = 3)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        spec ??= _symbols;
        var random = new RandomSource(5);
        var data = new SequenceData<T>(spec, Loss.SoftmaxCrossEntropy);
        for (int i = 0; i < Math.Min(count, 5); i++)
        {
            int[] symbols = [.. Enumerable.Range(0, 6 + i).Select(_ => random.NextInt(5))];
            data.Add(symbols, symbols);
        }

        return new Run<T>(
            spec,
            optimizer?.Invoke(spec.Parameters.Length) ?? new Adam<T>(spec.Parameters.Length),
            options ?? new TrainerOptions(Loss.SoftmaxCrossEntropy)
            {
                ClipValue = 0.01,
                Schedule = LearningRateSchedule.Cosine(0.01, 12).WithWarmUp(3),
            },
            new BatchReader<T>(data, batchSize) { Shuffle = shuffle, Seed = 3, Chunk = chunk, Horizon = 2 * chunk });
    }

    private static byte[] Bytes<T>(Run<T> run, bool withReader = true)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var folder = new TemporaryFolder();
        string? before = run.Trainer.LastCheckpoint;
        TrainingCheckpoint.Save(folder.File("f"), run.Trainer, withReader ? run.Reader : null);
        run.Trainer.LastCheckpoint = before;
        return System.IO.File.ReadAllBytes(folder.File("f"));
    }

    private static SafetensorsFile File<T>(Run<T> run, bool withReader = true)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => SafetensorsFile.Parse(Bytes(run, withReader), "f");

    private static TrainingCheckpoint Saved<T>(Run<T> run, bool withReader = true)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TrainingCheckpoint.From(File(run, withReader));

    private static void Refused(string sentence, Action call)
    {
        string message = Assert.Throws<ModelFormatException>(call).Message;
        Assert.Contains(sentence, message, StringComparison.Ordinal);
        Assert.StartsWith("f: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private sealed class Run<T> : IDisposable
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Run(NetworkSpec spec, Optimizer<T> optimizer, TrainerOptions options, BatchReader<T> reader)
        {
            Trainer = new Trainer<T>(spec, optimizer, options);
            Reader = reader;
            spec.Initialize(Trainer.Parameters, new RandomSource(1));
        }

        public Trainer<T> Trainer { get; }

        public BatchReader<T> Reader { get; }

        public long ClippedSteps => Trainer.ClippedSteps;

        public StepReport[] Steps(int count) => [.. Enumerable.Range(0, count).Select(_ => Trainer.Step(Reader.Next()))];

        /// <summary>Bits of the whole run, except for the kept states.</summary>
        public byte[] Bits()
        {
            List<byte> bits = [.. MemoryMarshal.AsBytes(Trainer.Parameters)];
            for (int i = 0; i < Trainer.Optimizer.MomentNames.Length; i++)
            {
                bits.AddRange(MemoryMarshal.AsBytes(Trainer.Optimizer.Moment(i)));
            }

            long[] counts =
            [
                Trainer.Steps, Trainer.ClippedSteps, Trainer.Optimizer.Steps,
                BitConverter.DoubleToInt64Bits(Trainer.Optimizer.LearningRate),
                Reader.Epoch, Reader.Position, Trainer.CarriedSteps, Trainer.CarriedBatch,
            ];
            bits.AddRange(MemoryMarshal.AsBytes(counts.AsSpan()));
            return [.. bits];
        }

        public void Dispose() => Trainer.Dispose();
    }
}
