using System.Globalization;
using System.Numerics;
using SpanRnn.Formats.Checkpoints;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn;

/// <summary>
/// A training run in one safetensors file: parameters, moments of the optimizer, carried states, counts and the reader's place. A run that
/// goes on from it has the same bits as a run that never stopped, with any number of threads.
/// </summary>
/// <remarks>
/// README.md of Formats lists the content of the file. A hash finds damage anywhere in it. The training data is not in it.
/// <see cref="ModelFile"/> reads the file as a model with the trained parameters.
/// </remarks>
public sealed class TrainingCheckpoint
{
    private const string VersionName = "spanrnn_checkpoint";
    private const string Version = "2";

    // Files of this version have no hash.
    private const string FirstVersion = "1";
    private const string NetworkName = "network";
    private const string PrecisionName = "precision";
    private const string ClassWeightsName = "class_weights";
    private const string None = "none";

    // Parameters of the head in files of before, which count its readout as no layer.
    private const string HeadWeights = "head.weights";
    private const string HeadBias = "head.bias";

    private readonly SafetensorsFile _file;

    // By the name of a slot, its name in the file.
    private readonly Dictionary<string, string> _names;

    private TrainingCheckpoint(SafetensorsFile file)
    {
        _file = file;
        string version = Text(VersionName);
        if (version is not (Version or FirstVersion))
        {
            throw Fail(VersionName, version, $"'{FirstVersion}' or '{Version}'");
        }

        if (version != FirstVersion || file.Metadata.ContainsKey(CheckpointHash.MetadataName))
        {
            CheckHash();
        }

        Spec = NetworkJson.Read(Text(NetworkName), file.Name);
        Dtype = Text(PrecisionName) switch
        {
            "float" => ElementType.Single.Name(),
            "double" => ElementType.Double.Name(),
            var other => throw Fail(PrecisionName, other, "'float' or 'double'"),
        };
        Steps = Count("steps");
        LayerSpec[] layers = [.. Spec.Layers];
        bool isOfBefore = file.Find(HeadWeights) is not null;
        _names = Spec.Parameters.Slots.ToArray().ToDictionary(
            slot => slot.Name, slot => isOfBefore ? NameOfBefore(layers, slot.Name) : slot.Name);
        foreach (ParameterSlot slot in Spec.Parameters.Slots)
        {
            Tensor(_names[slot.Name], slot.Length);
        }
    }

    /// <summary>The file as messages call it.</summary>
    public string Name => _file.Name;

    /// <summary>The network in training.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>The number of training steps so far.</summary>
    public long Steps { get; }

    /// <summary>The element type of the training, "F32" or "F64".</summary>
    public string Dtype { get; }

    /// <summary>
    /// Writes the checkpoint of a run between two of its steps. Whatever happens, <paramref name="path"/> has the old content or the new
    /// one. Afterwards <see cref="Trainer{T}.LastCheckpoint"/> is <paramref name="path"/>.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="trainer">The run.</param>
    /// <param name="reader">
    /// The reader of its batches; null if they come from elsewhere, and then the program keeps the place itself.
    /// </param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="IOException">The file cannot be written, or the disk is full; an existing file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; an existing file is untouched.</exception>
    /// <exception cref="TrainingException">A parameter is NaN or infinite; an existing file is untouched.</exception>
    public static void Save<T>(string path, Trainer<T> trainer, BatchReader<T>? reader = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(trainer);
        CheckParameters(trainer);
        using var files = new AtomicFiles();
        files.Add(path, ToBytes(trainer, reader));
        files.Commit();
        trainer.LastCheckpoint = path;
    }

    /// <summary>Reads the checkpoint at <paramref name="path"/>, which is also its name in messages.</summary>
    /// <exception cref="ModelFormatException">The content is not a checkpoint; the message says where.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static TrainingCheckpoint Load(string path) => From(SafetensorsFile.Load(path));

    /// <summary>Reads the checkpoint in <paramref name="file"/> and refers to it.</summary>
    /// <exception cref="ModelFormatException">The content is not a checkpoint; the message says where.</exception>
    public static TrainingCheckpoint From(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new TrainingCheckpoint(file);
    }

    /// <summary>Returns true for the file of a checkpoint, whole or not.</summary>
    internal static bool Is(SafetensorsFile file) => file.Metadata.ContainsKey(VersionName);

    /// <summary>Makes a model of the network in training and its parameters.</summary>
    internal RecurrentModel ToModel()
    {
        int others = _file.Tensors.Count - Spec.Parameters.Slots.Length;
        return new RecurrentModel(
            Name,
            $"checkpoint of training after {Text(Steps)} {(Steps == 1 ? "step" : "steps")}",
            Spec,
            [.. Spec.Parameters.Slots.ToArray().Select(slot => _file.Find(_names[slot.Name])!.Source(slot.Rows, slot.Columns))])
        {
            Metadata = _file.Metadata,
            Unused = others > 0
                ? [$"{Text(others)} {(others == 1 ? "tensor" : "tensors")} of the training: moments of the optimizer, carried states"]
                : [],
        };
    }

    /// <summary>Reads the trained parameters, for inference or another file. F64 is rounded to the nearest float if T is float.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>[Spec.Parameters.Length], zeros in the gaps.</returns>
    public AlignedBuffer<T> ReadParameters<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var parameters = new AlignedBuffer<T>(Spec.Parameters.Length);
        CopyParameters(string.Empty, parameters.Span);
        return parameters;
    }

    /// <summary>
    /// Puts a run where the saved one was: it continues with the same next batch and step. The whole file is checked before anything is
    /// written. The number of threads may differ. The data must be the same; its number of sequences and its longest length are checked.
    /// </summary>
    /// <param name="trainer">A trainer with the network, precision, optimizer and options of the saved one.</param>
    /// <param name="reader">A reader with the settings of the saved one; null if there was none.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ModelFormatException">
    /// The file does not hold a whole run, or its run was set up differently: the message says what the file has and what this run has. The
    /// trainer and the reader are unchanged.
    /// </exception>
    public void Restore<T>(Trainer<T> trainer, BatchReader<T>? reader = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(trainer);
        CheckSettings(Settings(trainer, reader), reader is not null);
        Optimizer<T> optimizer = trainer.Optimizer;
        long optimizerSteps = Count("optimiser_steps");
        long clippedSteps = Count("clipped_steps");
        double rate = Number("learning_rate");
        int carriedSteps = (int)Count("carried_steps", _file.Tensors.Count);
        int carriedBatch = (int)Count("carried_batch", carriedSteps == 0 ? 0 : int.MaxValue);
        foreach (string moment in optimizer.MomentNames)
        {
            foreach (ParameterSlot slot in Spec.Parameters.Slots)
            {
                Tensor($"{moment}.{_names[slot.Name]}", slot.Length);
            }
        }

        for (int back = 1; back <= carriedSteps; back++)
        {
            Tensor(CarriedName(back), (long)carriedBatch * Spec.StateSize);
        }

        int expected = (Spec.Parameters.Slots.Length * (1 + optimizer.MomentNames.Length)) + carriedSteps;
        if (_file.Tensors.Count != expected)
        {
            throw new ModelFormatException(Name, $"there are {_file.Tensors.Count} tensors, expected {expected}, as in the run.");
        }

        if (reader is not null)
        {
            Seek(reader);
        }

        // From here on nothing can fail.
        CopyParameters(string.Empty, trainer.Parameters);
        for (int moment = 0; moment < optimizer.MomentNames.Length; moment++)
        {
            CopyParameters(optimizer.MomentNames[moment] + ".", optimizer.Moment(moment));
        }

        Span<T> carried = trainer.RestoreCarried(carriedSteps, carriedBatch);
        for (int back = 1; back <= carriedSteps; back++)
        {
            int length = carried.Length / carriedSteps;
            _file.Find(CarriedName(back))!.CopyTo(carried.Slice((back - 1) * length, length));
        }

        optimizer.LearningRate = rate;
        optimizer.Steps = optimizerSteps;
        trainer.Steps = Steps;
        trainer.ClippedSteps = clippedSteps;
        trainer.LastCheckpoint = Name;
    }

    // An update can overflow although loss and gradients were finite. The next step would find out, but too late for the file.
    private static void CheckParameters<T>(Trainer<T> trainer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (trainer.Spec.FirstNotFinite(trainer.Parameters, out int index) is { } slot)
        {
            string last = trainer.LastCheckpoint is { } name ? $"; last good checkpoint: {name}" : string.Empty;
            throw new TrainingException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The parameter '{slot.Name}' has {slot.In(trainer.Parameters)[index]} after {trainer.Steps} steps, "
                    + $"expected finite numbers{last}."),
                trainer.Steps,
                slot.Name);
        }
    }

    private static byte[] ToBytes<T>(Trainer<T> trainer, BatchReader<T>? reader)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var writer = new SafetensorsWriter();
        writer.Metadata[VersionName] = Version;
        foreach ((string name, string value) in Settings(trainer, reader))
        {
            writer.Metadata[name] = value;
        }

        writer.Metadata["steps"] = Text(trainer.Steps);
        writer.Metadata["clipped_steps"] = Text(trainer.ClippedSteps);
        writer.Metadata["optimiser_steps"] = Text(trainer.Optimizer.Steps);
        writer.Metadata["learning_rate"] = Text(trainer.Optimizer.LearningRate);
        writer.Metadata["carried_steps"] = Text(trainer.CarriedSteps);
        writer.Metadata["carried_batch"] = Text(trainer.CarriedBatch);
        if (reader is not null)
        {
            writer.Metadata["epoch"] = Text(reader.Epoch);
            writer.Metadata["position"] = Text(reader.Position);
        }

        Add<T>(writer, trainer.Spec, string.Empty, trainer.Parameters);
        for (int moment = 0; moment < trainer.Optimizer.MomentNames.Length; moment++)
        {
            Add<T>(writer, trainer.Spec, trainer.Optimizer.MomentNames[moment] + ".", trainer.Optimizer.Moment(moment));
        }

        for (int back = 1; back <= trainer.CarriedSteps; back++)
        {
            ReadOnlySpan<T> states = trainer.CarriedStates(back);
            writer.Add(CarriedName(back), [states.Length], states);
        }

        writer.Metadata[CheckpointHash.MetadataName] = CheckpointHash.Of(writer.Metadata, writer.Tensors);
        return writer.ToBytes();
    }

    private static void Add<T>(SafetensorsWriter writer, NetworkSpec spec, string prefix, ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            writer.Add(prefix + slot.Name, [slot.Rows, slot.Columns], slot.In(values));
        }
    }

    /// <summary>Lists all that must be the same in a run that goes on: name in the file and value.</summary>
    private static List<(string Name, string Value)> Settings<T>(Trainer<T> trainer, BatchReader<T>? reader)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TrainerOptions options = trainer.Options;
        List<(string, string)> settings =
        [
            (NetworkName, NetworkJson.Write(trainer.Spec)),
            (PrecisionName, typeof(T) == typeof(float) ? "float" : "double"),
            ("loss", options.Loss.ToString()),
            (ClassWeightsName, options.ClassWeights is { } weights ? string.Join(' ', weights.Select(Text)) : None),
            ("optimiser", trainer.Optimizer.ToString()),
            ("schedule", options.Schedule?.ToString() ?? None),
            ("clip_norm", Text(options.ClipNorm)),
            ("clip_value", Text(options.ClipValue)),
            ("dropout", Text(options.Dropout)),
            ("recurrent_dropout", Text(options.RecurrentDropout)),
            ("seed", Text(options.Seed)),
        ];
        if (reader is not null)
        {
            settings.AddRange(
            [
                ("sequences", Text(reader.Data.Count)),
                ("longest_sequence", Text(reader.Data.LongestLength)),
                ("batch_size", Text(reader.BatchSize)),
                ("shuffle", reader.Shuffle ? $"seed {Text(reader.Seed)}" : None),
                ("chunk", Text(reader.Chunk)),
                ("horizon", Text(reader.Horizon)),
            ]);
        }

        return settings;
    }

    // A file of before has no readout among its layers, and names of their own for the parameters of the dense layer on top.
    private static string NameOfBefore(LayerSpec[] layers, string name)
    {
        const string Layer = "layer";
        string[] parts = name.Split('.', 2);
        if (!int.TryParse(parts[0].AsSpan(Layer.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            return name;
        }

        int readout = Array.FindIndex(layers, Readout.Is);
        return index == Array.FindLastIndex(layers, layer => layer is DenseLayer)
            ? parts[1].EndsWith("weights", StringComparison.Ordinal) ? HeadWeights : HeadBias
            : readout >= 0 && index > readout ? $"{Layer}{Text(index - 1)}.{parts[1]}" : name;
    }

    private static string CarriedName(int stepsBack) => $"carried_states.{Text(stepsBack)}";

    private static string Text<TValue>(TValue value)
        where TValue : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private void CheckSettings(List<(string Name, string Value)> settings, bool hasReader)
    {
        foreach ((string name, string value) in settings)
        {
            // Files of before have no weights of classes, and may describe the same network in other words.
            string found = name == ClassWeightsName ? _file.Metadata.GetValueOrDefault(name, None)
                : name == NetworkName ? NetworkJson.Write(Spec)
                : Text(name);
            if (found != value)
            {
                // A network that could be read is shown in full, so that the difference can be seen.
                throw new ModelFormatException(
                    Name,
                    $"'{name}' is {(name == NetworkName ? found : ModelFormatException.Quote(found))}, "
                    + $"expected {(name == NetworkName ? value : $"'{value}'")} as in this run.");
            }
        }

        if (!hasReader && _file.Metadata.TryGetValue("epoch", out string? epoch))
        {
            throw Fail("epoch", epoch, "none, since this run has no reader");
        }
    }

    private void Seek<T>(BatchReader<T> reader)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long epoch = Count("epoch");
        long position = Count("position");
        try
        {
            reader.Seek(epoch, position);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Fail("position", Text(position), $"a batch of epoch {epoch}");
        }
    }

    private void CheckHash()
    {
        string expected = Text(CheckpointHash.MetadataName);
        string found = CheckpointHash.Of(
            _file.Metadata, _file.Tensors.Select(tensor => (tensor.Name, tensor.Dtype, tensor.Shape.ToArray(), tensor.Data)));
        if (found != expected)
        {
            throw new ModelFormatException(
                Name,
                $"the content has the SHA-256 {found}, expected {ModelFormatException.Quote(expected)} as in its metadata: "
                + "the file was damaged or changed after it was written.");
        }
    }

    private void CopyParameters<T>(string prefix, Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        values.Clear();
        foreach (ParameterSlot slot in Spec.Parameters.Slots)
        {
            _file.Find(prefix + _names[slot.Name])!.CopyTo(slot.In(values));
        }
    }

    private void Tensor(string name, long length)
    {
        SafetensorsTensor? tensor = _file.Find(name);
        string found = tensor is null ? "is missing" : $"has {tensor.Length} numbers of {tensor.Dtype}";
        if (tensor is null || tensor.Dtype != Dtype || tensor.Length != length)
        {
            throw new ModelFormatException(Name, $"tensor '{name}' {found}, expected {length} numbers of {Dtype}.");
        }
    }

    private string Text(string name) => _file.Metadata.TryGetValue(name, out string? value)
        ? value
        : throw new ModelFormatException(Name, $"there is no metadata entry '{name}', expected a checkpoint of a training run.");

    private long Count(string name, long limit = long.MaxValue)
    {
        string text = Text(name);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= limit
            ? value
            : throw Fail(name, text, $"a whole number from 0 to {limit}");
    }

    private double Number(string name)
    {
        string text = Text(name);
        bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
        return isNumber && double.IsFinite(value) && value >= 0
            ? value
            : throw Fail(name, text, "a finite number, 0 or more");
    }

    private ModelFormatException Fail(string name, string found, string expected) =>
        new(Name, $"'{name}' is {ModelFormatException.Quote(found)}, expected {expected}.");
}
