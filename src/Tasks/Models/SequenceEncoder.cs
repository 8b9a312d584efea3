using SpanRnn.Tasks.Models;

namespace SpanRnn.Tasks;

/// <summary>
/// Sequences as vectors: what a layer of a trained network makes of a whole sequence. Sequences that are alike for the task have vectors
/// that are close.
/// </summary>
/// <remarks>Belongs to one thread at a time; it has buffers that grow. Many sequences are computed side by side.</remarks>
public sealed class SequenceEncoder
{
    // Sequences side by side, and symbols of all of them with those beyond their ends.
    private const int MostSequences = 128;
    private const int MostSymbols = 1 << 16;

    private readonly SequenceTask _task;
    private readonly PackedNetwork _network;
    private readonly StreamState[] _streams;
    private readonly SequenceLayout _layout = new();
    private readonly int[] _lengths = new int[MostSequences];
    private int[] _symbols = [];
    private float[] _x = [];
    private float[] _workspace = [];
    private readonly float[] _y;

    /// <summary>Makes an encoder of the lower part of a model's network.</summary>
    /// <param name="model">The model; it is not kept.</param>
    /// <param name="layer">
    /// Index of the layer whose outputs are taken, with one row per step; null for the last recurrent layer.
    /// </param>
    /// <param name="pooling">
    /// How the steps become one vector; null for the final state, which of a layer in both directions has the states at both ends, that of
    /// the last symbol first.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer with one row per step.</exception>
    /// <exception cref="ArgumentException">The final state is wanted of a layer that is not recurrent.</exception>
    public SequenceEncoder(SequenceModel model, int? layer = null, Pooling? pooling = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        LayerSpec[] layers = [.. model.Spec.Layers];
        int pooled = Array.FindIndex(layers, own => own is PoolLayer or StepLayer or AttentionLayer or FinalStateLayer);
        int most = pooled < 0 ? layers.Length : pooled;
        int last = layer ?? Array.FindLastIndex(layers, own => own is RecurrentLayer);
        if (last < 0 || last >= most)
        {
            throw new ArgumentOutOfRangeException(
                nameof(layer), $"'layer' is {last}, expected 0 to {most - 1}, the layers with one row per step.");
        }

        if (pooling is null && layers[last] is not RecurrentLayer)
        {
            throw new ArgumentException(
                $"'layer' is {last}, which has no final state, expected a recurrent layer, or the mean or maximum of its steps.",
                nameof(layer));
        }

        LayerSpec[] lower = [.. layers[..(last + 1)], pooling is { } kind ? new PoolLayer(kind) : new FinalStateLayer()];
        NetworkSpec spec = model.Spec.Embedding is { } table
            ? new NetworkSpec(table, lower)
            : new NetworkSpec(model.Spec.InputSize, lower);

        // The slots of a layer have the same names in both networks.
        Dictionary<string, ParameterSlot> slots = model.Spec.Parameters.Slots.ToArray().ToDictionary(slot => slot.Name);
        var parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            slots[slot.Name].In(model.Parameters).CopyTo(slot.In(parameters.Span));
        }

        _task = model.Task;
        _network = new PackedNetwork(spec, parameters.Span);
        _streams = [.. Enumerable.Range(0, MostSequences).Select(_ => _network.CreateStream())];
        _y = new float[MostSequences * Size];
    }

    /// <summary>Numbers of a vector.</summary>
    public int Size => _network.OutputSize;

    /// <summary>Encodes sequences.</summary>
    /// <param name="sequences">[N] the sequences; some thousand at a time are fastest.</param>
    /// <param name="vectors">[N × Size] out, in the order of the sequences.</param>
    /// <exception cref="ArgumentException">
    /// The length is wrong, or a sequence has no symbol or one that is not in the alphabet; the message has its index.
    /// </exception>
    public void Encode(IReadOnlyList<string> sequences, Span<float> vectors)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var encoded = new EncodedSequence[sequences.Count];
        for (int i = 0; i < encoded.Length; i++)
        {
            encoded[i] = _task.TryEncode(sequences[i], out string problem) is { Length: > 0 } own
                ? own
                : throw new ArgumentException(
                    problem.Length > 0
                        ? $"In the sequence {i}, the {problem.TrimEnd('.')}."
                        : $"The sequence {i} has no symbol, expected one.",
                    nameof(sequences));
        }

        Encode(encoded, vectors);
    }

    /// <summary>Encodes the sequences of a file, such as a part of one.</summary>
    /// <param name="file">The N sequences.</param>
    /// <param name="vectors">[N × Size] out, in the order of the file.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <exception cref="ModelFormatException">A record does not fit the model; the message has its line.</exception>
    public void Encode(SequenceFile file, Span<float> vectors)
    {
        ArgumentNullException.ThrowIfNull(file);
        Encode(file.Records, file.Name, vectors);
    }

    /// <summary>Encodes records, such as some that <see cref="SequenceReader"/> gave.</summary>
    /// <param name="records">[N] the records.</param>
    /// <param name="name">Their file as messages call it.</param>
    /// <param name="vectors">[N × Size] out, in the order of the records.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <exception cref="ModelFormatException">A record does not fit the model; the message has its line.</exception>
    public void Encode(IReadOnlyList<SequenceRecord> records, string name, Span<float> vectors)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(name);
        var encoded = new EncodedSequence[records.Count];
        for (int i = 0; i < encoded.Length; i++)
        {
            SequenceRecord record = records[i];
            encoded[i] = _task.TryEncode(record.Sequence, out string problem) is { Length: > 0 } own
                ? own
                : throw new ModelFormatException(
                    name,
                    problem.Length > 0
                        ? $"line {record.Line}: the {problem.TrimEnd('.')}."
                        : $"line {record.Line} has no symbol, expected at least one.");
        }

        Encode(encoded, vectors);
    }

    private void Encode(EncodedSequence[] encoded, Span<float> vectors)
    {
        if (vectors.Length != (long)encoded.Length * Size)
        {
            throw new ArgumentException(
                $"'vectors' has {vectors.Length} elements, expected {(long)encoded.Length * Size} = sequences × Size.", nameof(vectors));
        }

        // Sequences of like length side by side.
        int[] order = [.. Enumerable.Range(0, encoded.Length).OrderBy(i => encoded[i].Length)];
        for (int start = 0; start < order.Length;)
        {
            int count = 1;
            while (count < MostSequences && start + count < order.Length
                && (count + 1L) * Steps(encoded[order[start + count]]) <= MostSymbols)
            {
                count++;
            }

            Encode(encoded, order.AsSpan(start, count), vectors);
            start += count;
        }
    }

    // The end of another sequence comes before one whose next symbol is predicted.
    private int Steps(EncodedSequence sequence) => sequence.Length + (_task.Kind == TaskKind.Next ? 1 : 0);

    private void Encode(EncodedSequence[] encoded, ReadOnlySpan<int> group, Span<float> vectors)
    {
        int count = group.Length;
        int steps = Steps(encoded[group[^1]]);
        for (int column = 0; column < count; column++)
        {
            _lengths[column] = Steps(encoded[group[column]]);
            _streams[column].Reset();
        }

        _layout.Set(steps, _lengths.AsSpan(0, count));
        int size = _network.InputSize;
        Span<float> x = Room(ref _x, steps * count * size);
        if (_task.Alphabet is null)
        {
            for (int column = 0; column < count; column++)
            {
                float[] numbers = encoded[group[column]].Numbers;
                for (int step = 0; step < _lengths[column]; step++)
                {
                    numbers.AsSpan(step * size, size).CopyTo(x[(((step * count) + column) * size)..]);
                }
            }
        }
        else
        {
            Span<int> symbols = Room(ref _symbols, steps * count);
            symbols.Clear(); // any symbol may be beyond the end
            for (int column = 0; column < count; column++)
            {
                int[] own = encoded[group[column]].Symbols;
                int first = _lengths[column] - own.Length;
                for (int step = 0; step < _lengths[column]; step++)
                {
                    symbols[(step * count) + column] = step < first ? _task.End : own[step - first];
                }
            }

            _network.Embed(symbols, x);
        }

        Span<float> y = _y.AsSpan(0, count * Size);
        _network.Run(_layout, x, _streams.AsSpan(0, count), y, Room(ref _workspace, _network.RunWorkspaceLength(_layout)));
        for (int column = 0; column < count; column++)
        {
            y.Slice(column * Size, Size).CopyTo(vectors[(group[column] * Size)..]);
        }
    }

    private static Span<T> Room<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new T[length];
        }

        return buffer.AsSpan(0, length);
    }
}
