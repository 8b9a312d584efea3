using System.Globalization;
using System.Runtime.InteropServices;
using SpanRnn.Tasks.Models;

namespace SpanRnn.Tasks;

/// <summary>A trained network with its task: text goes in, labels, symbols or numbers come out. One file holds both.</summary>
/// <remarks>
/// A model belongs to one thread at a time; it has buffers that grow to the longest sequence so far. Load it once for each thread.
/// </remarks>
public sealed class SequenceModel
{
    private const string TaskName = "spanrnn_task";
    private const string EpochName = "spanrnn_epoch";
    private const string LossName = "spanrnn_validation_loss";
    private const string RunName = "spanrnn_run";

    /// <summary>Names of the entries that a model's file has in its metadata; a copy of the file needs them too.</summary>
    public static IReadOnlyList<string> MetadataNames { get; } = [TaskName, EpochName, LossName, RunName];

    // Steps of a running text that are computed at a time.
    private const int BlockSteps = 1024;

    private readonly float[] _parameters;
    private readonly PackedNetwork _network;
    private readonly StreamState _stream;
    private readonly SequenceLayout _layout = new();
    private float[] _x = [];
    private float[] _y = [];
    private float[] _workspace = [];

    /// <summary>Makes a model of a network that was trained for a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="spec">The network, with the task's inputs and outputs.</param>
    /// <param name="parameters">[spec.Parameters.Length], copied.</param>
    /// <exception cref="ArgumentException">The network does not have the task's inputs and outputs, or the length is wrong.</exception>
    public SequenceModel(SequenceTask task, NetworkSpec spec, ReadOnlySpan<float> parameters)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(spec);
        if (Problem(task, spec) is { } problem)
        {
            throw new ArgumentException($"'spec' {problem}.", nameof(spec));
        }

        (Task, Spec, _parameters) = (task, spec, parameters.ToArray());
        _network = new PackedNetwork(spec, parameters);
        _stream = _network.CreateStream();
    }

    /// <summary>The task.</summary>
    public SequenceTask Task { get; }

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>[Spec.Parameters.Length] the trained parameters.</summary>
    public ReadOnlySpan<float> Parameters => _parameters;

    /// <summary>Number of epochs after which the network had these parameters; 0 if that is not known.</summary>
    public long Epochs { get; internal init; }

    /// <summary>Loss of the validation data then; NaN without validation.</summary>
    public double ValidationLoss { get; internal init; } = double.NaN;

    /// <summary>Hash of the run that made it; empty if that is not known.</summary>
    internal string Fingerprint { get; init; } = string.Empty;

    /// <summary>Loads a model that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file; messages call it so.</param>
    /// <exception cref="ModelFormatException">The content is no network, or it has no task; the message says so.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SequenceModel Load(string path)
    {
        RecurrentModel model = ModelFile.Load(path);
        if (!model.Metadata.TryGetValue(TaskName, out string? json))
        {
            throw new ModelFormatException(
                model.Name,
                "the network comes without a task, such as its alphabet and labels; "
                    + "expected a model that was trained on a file of sequences.");
        }

        try
        {
            var task = SequenceTask.FromJson(json);
            if (Problem(task, model.Spec) is { } problem)
            {
                throw new ModelFormatException(model.Name, $"the network {problem}.");
            }

            AlignedBuffer<float> parameters = model.ReadParameters<float>();
            if (model.Spec.FirstNotFinite<float>(parameters.Span, out int index) is { } slot)
            {
                throw new ModelFormatException(
                    model.Name,
                    FormattableString.Invariant(
                        $"the parameter '{slot.Name}' has {slot.In(parameters.Span)[index]}, expected finite numbers."));
            }

            return new SequenceModel(task, model.Spec, parameters.Span)
            {
                Epochs = (long)Number(model, EpochName, 0),
                ValidationLoss = Number(model, LossName, double.NaN),
                Fingerprint = model.Metadata.GetValueOrDefault(RunName, string.Empty),
            };
        }
        catch (FormatException e)
        {
            throw new ModelFormatException(model.Name, $"its task is damaged: {e.Message}");
        }
    }

    /// <summary>Saves the model. The file appears whole or not at all; an existing one is replaced.</summary>
    /// <param name="path">The file; its name ends in .safetensors.</param>
    /// <exception cref="ArgumentException">The name has another ending.</exception>
    /// <exception cref="IOException">The path is a folder or a device, or cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is read-only, or its folder may not be written to.</exception>
    public void Save(string path)
    {
        Dictionary<string, string> metadata = new()
        {
            [TaskName] = Task.ToJson(),
            [EpochName] = Epochs.ToString(CultureInfo.InvariantCulture),
            [LossName] = ValidationLoss.ToString("R", CultureInfo.InvariantCulture),
            [RunName] = Fingerprint,
        };
        ModelFile.Save(path, Spec, _parameters, metadata: metadata);
    }

    /// <summary>Predicts for one sequence, as <see cref="Task"/> says.</summary>
    /// <param name="sequence">
    /// The sequence. To predict its last symbol, give those before. Where the next symbol is predicted, it may be empty.
    /// </param>
    /// <returns>Labels with their probabilities, or a number.</returns>
    /// <exception cref="ArgumentException">
    /// The sequence has a symbol that is not in the alphabet, or nothing; the message says which.
    /// </exception>
    public SequencePrediction Predict(string sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        EncodedSequence encoded = Task.TryEncode(sequence, out string problem)
            ?? throw new ArgumentException($"The {problem.TrimEnd('.')}.", nameof(sequence));
        int least = Task.Kind == TaskKind.Next ? 0 : LeastLength(Spec);
        return encoded.Length >= least
            ? Predict(encoded)
            : throw new ArgumentException(
                $"The sequence has {encoded.Length} symbols, expected {least} or more.", nameof(sequence));
    }

    /// <summary>
    /// Writes a text, symbol by symbol, as the network would go on: each is drawn from what it says of the next symbol and then goes in. In
    /// a running text the end of a line is a line end, and the text goes on; a sequence that stands alone ends there. Unknown symbols are
    /// never drawn.
    /// </summary>
    /// <param name="options">Choices; null for the usual ones.</param>
    /// <returns>
    /// The text of each symbol as soon as it is drawn; a word that does not begin a line comes with a space in front. The state is that of
    /// the enumeration, so several may go on at the same time, each on its own thread.
    /// </returns>
    /// <exception cref="InvalidOperationException">The model does not predict the next symbol.</exception>
    /// <exception cref="ArgumentException">
    /// The prime or the stop symbol is not in the alphabet, or the length is below 0; thrown before anything is written.
    /// </exception>
    public IEnumerable<string> Generate(GenerationOptions? options = null)
    {
        options ??= new GenerationOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Length, nameof(options));
        if (Task.Kind != TaskKind.Next)
        {
            throw new InvalidOperationException($"The model was trained for {Task.Kind}, expected {TaskKind.Next}, the next symbol.");
        }

        EncodedSequence prime = Task.TryEncode(options.Prime, out string problem)
            ?? throw new ArgumentException($"In the prime, the {problem.TrimEnd('.')}.", nameof(options));
        int stop = options.Stop is null ? -1 : Task.SymbolOf(options.Stop);
        return options.Stop is not null && stop < 0
            ? throw new ArgumentException(
                $"The stop symbol is {Files.Quoted.Text(options.Stop)}, expected one of the alphabet or {SequenceTask.EndText}.",
                nameof(options))
            : Written(prime.Symbols, stop, options);
    }

    /// <summary>Half a sentence about a network that does not fit a task, or null.</summary>
    internal static string? Problem(SequenceTask task, NetworkSpec spec)
    {
        int inputs = task.Alphabet is null ? spec.InputSize : spec.Symbols;
        return inputs != task.InputSize ? $"has {inputs} inputs, expected {task.InputSize} for the task"
            : spec.OutputSize != task.OutputSize ? $"has {spec.OutputSize} outputs, expected {task.OutputSize} for the task"
            : task.Alphabet is null && spec.Embedding is not null ? "has a table of symbols, expected none for a task with numbers"
            : !task.IsManyToOne && spec.IsManyToOne ? "has one output per sequence, expected one per symbol for the task"
            : task.IsManyToOne && task.Kind != TaskKind.Last && !spec.IsManyToOne
                ? "has one output per symbol, expected one per sequence for the task"
            : task.Kind == TaskKind.Next && RunsBackward(spec)
                ? "has a layer that runs from the end, expected only those that can be streamed for the next symbol"
            : null;
    }

    private static bool RunsBackward(NetworkSpec spec)
    {
        foreach (LayerSpec layer in spec.Layers)
        {
            if (layer is RecurrentLayer { Bidirectional: true } or RecurrentLayer { Reverse: true })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Fewest symbols that a network takes: those up to the position that it reads.</summary>
    internal static int LeastLength(NetworkSpec spec)
    {
        int least = 1;
        foreach (LayerSpec layer in spec.Layers)
        {
            least = layer is StepLayer step ? (int)Math.Min(step.Step + 1L, int.MaxValue) : least;
        }

        return least;
    }

    /// <summary>Predicts for an encoded sequence, whose length is right.</summary>
    internal SequencePrediction Predict(EncodedSequence sequence)
    {
        if (Task.Kind == TaskKind.Next)
        {
            float[] last = new float[Task.OutputSize];
            NextLogProbabilities([Task.End, .. sequence.Symbols], (i, p) =>
            {
                if (i == sequence.Length)
                {
                    Activations.Apply(ActivationKind.Exp, p, last);
                }
            });
            return new SequencePrediction(Task.Labels, last, null);
        }

        ReadOnlySpan<float> y = Run(sequence);
        if (Task.Kind == TaskKind.Regress)
        {
            NumberScale scale = Task.TargetScale!;
            return new SequencePrediction([], [], (y[0] * scale.Deviations[0]) + scale.Means[0]);
        }

        // A network with an output for each symbol has the prediction of the last one behind the last.
        float[] probabilities = (Task.Kind == TaskKind.Tag ? y : y[^Task.OutputSize..]).ToArray();
        _network.Probabilities(probabilities, probabilities);
        return new SequencePrediction(Task.Labels, probabilities, null, Task.Separator);
    }

    /// <summary>
    /// Predicts what comes next behind each symbol of a text, which begins with the end of another one: calls back with the index of the
    /// symbol and ln p of all that may follow it, [K].
    /// </summary>
    internal void NextLogProbabilities(ReadOnlySpan<int> symbols, Action<int, ReadOnlySpan<float>> next)
    {
        _stream.Reset();
        int size = Task.OutputSize;
        for (int start = 0; start < symbols.Length; start += BlockSteps)
        {
            int steps = Math.Min(BlockSteps, symbols.Length - start);
            Span<float> x = Room(ref _x, steps * Spec.InputSize);
            Span<float> y = Room(ref _y, steps * size);
            _network.Embed(symbols.Slice(start, steps), x);
            _stream.Run(x, y);
            for (int i = 0; i < steps; i++)
            {
                Span<float> p = y.Slice(i * size, size);
                Activations.LogSoftmax(p, p);
                next(start + i, p);
            }
        }
    }

    private IEnumerable<string> Written(int[] prime, int stop, GenerationOptions options)
    {
        Alphabet alphabet = Task.Alphabet!;
        StreamState stream = _network.CreateStream();
        var random = new RandomSource(options.Seed);
        float[] p = new float[Task.OutputSize];
        stream.Step(Task.End, p);
        foreach (int symbol in prime)
        {
            stream.Step(symbol, p);
        }

        bool isWord = alphabet.Unit == SymbolUnit.Word;
        bool beginsLine = prime.Length == 0;
        for (int i = 0; i < options.Length; i++)
        {
            _network.Probabilities(p, p);
            if (alphabet.HasUnknown)
            {
                p[alphabet.Symbols.Count] = 0;
            }

            int drawn = options.Sampler.Draw(p, random);
            if (drawn == Task.End)
            {
                if (!Task.IsRunningText)
                {
                    yield break;
                }

                yield return "\n";
            }
            else
            {
                yield return isWord && !beginsLine ? $" {alphabet.Symbols[drawn]}" : alphabet.Symbols[drawn];
            }

            if (drawn == stop)
            {
                yield break;
            }

            beginsLine = drawn == Task.End;
            stream.Step(drawn, p);
        }
    }

    private Span<float> Run(EncodedSequence sequence)
    {
        Span<float> x = Room(ref _x, checked(sequence.Length * Spec.InputSize));
        if (Task.Alphabet is null)
        {
            sequence.Numbers.CopyTo(x);
        }
        else
        {
            _network.Embed(sequence.Symbols, x);
        }

        _layout.Set(sequence.Length, [sequence.Length]);
        Span<float> y = Room(ref _y, Spec.OutputLength(sequence.Length, 1));
        _stream.Reset();
        _network.Run(
            _layout, x, MemoryMarshal.CreateReadOnlySpan(in _stream, 1), y, Room(ref _workspace, _network.RunWorkspaceLength(_layout)));
        return y;
    }

    private static Span<float> Room(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new float[Math.Max(length, (int)Math.Min(2L * buffer.Length, Array.MaxLength))];
        }

        return buffer.AsSpan(0, length);
    }

    private static double Number(RecurrentModel model, string name, double other) =>
        model.Metadata.TryGetValue(name, out string? text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : other;
}
