using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Reads the sequences of a collection in batches, epoch after epoch. <see cref="Epoch"/> and <see cref="Position"/> are the place of the
/// reader: orders are drawn from the seed and the epoch alone, so <see cref="Seek"/> needs no more.
/// </summary>
/// <remarks>
/// <para><see cref="Chunk"/> is for truncated backpropagation through time (Williams and Peng 1990). The sequences of a batch go on
/// together chunk by chunk until the longest ends; one that has ended has no more steps. States are carried from batch to batch, so every
/// batch must be trained on. Then the next sequences start from initial states. The loss counts the newest chunk; the gradient goes back
/// over <see cref="Horizon"/> steps.</para>
/// <para>Belongs to one thread at a time. Allocates nothing after the first batch, which makes room for the longest sequences together in
/// one batch.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class BatchReader<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int[] _order;
    private readonly int[] _lengths;
    private readonly RandomSource _random = new(0);
    private long _ordered = -1;
    private long _batches;
    private int _group;
    private int _chunk;

    /// <summary>Makes a reader at the first batch of the first epoch.</summary>
    /// <param name="data">The sequences; none may be added later.</param>
    /// <param name="batchSize">Sequences per batch, at least 1; the last batch of an epoch may have fewer.</param>
    /// <exception cref="ArgumentException">There are no sequences.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    public BatchReader(SequenceData<T> data, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Count == 0)
        {
            throw new ArgumentException("'data' has no sequences, expected at least one.", nameof(data));
        }

        Data = data;
        BatchSize = Math.Min(Guard.Positive(batchSize), data.Count);
        _order = new int[data.Count];
        _lengths = new int[BatchSize];
        Batch = new Batch<T>(data.Shape);
    }

    /// <summary>The sequences.</summary>
    public SequenceData<T> Data { get; }

    /// <summary>Sequences per batch: as many as asked for, or all if there are fewer.</summary>
    public int BatchSize { get; }

    /// <summary>
    /// True if each epoch has an order of its own, drawn from <see cref="Seed"/> and the epoch; false for the order of the data.
    /// </summary>
    public bool Shuffle { get; init; }

    /// <summary>Seed of the orders.</summary>
    public ulong Seed { get; init; }

    /// <summary>Steps per batch of truncated backpropagation through time; 0 for whole sequences.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <exception cref="ArgumentException">
    /// The network has one output per sequence, or a layer that needs whole sequences.
    /// </exception>
    public int Chunk
    {
        get;
        init
        {
            Guard.NotNegative(value, nameof(Chunk));
            if (value > 0)
            {
                Data.Shape.CheckCuttable();
                if (Data.Shape.LastStep)
                {
                    throw new ArgumentException(
                        $"'Chunk' is {value}, expected 0: the network pools the steps of a sequence, of which a chunk has some only.");
                }
            }

            field = value;
        }
    }

    /// <summary>Most steps that gradients go back: a multiple of <see cref="Chunk"/>; 0 for Chunk itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Horizon
    {
        get;
        init => field = Guard.NotNegative(value, nameof(Horizon));
    }

    /// <summary>The batch that <see cref="Next"/> fills and returns.</summary>
    public Batch<T> Batch { get; }

    /// <summary>The epoch of the next batch, from 0 on.</summary>
    public long Epoch { get; private set; }

    /// <summary>Number of batches of <see cref="Epoch"/> that have been read: after the last one of an epoch, 0 of the next.</summary>
    public long Position { get; private set; }

    /// <summary>Number of batches in <see cref="Epoch"/>; with chunks and a shuffled order it may depend on the epoch.</summary>
    /// <exception cref="InvalidOperationException">As in <see cref="Next"/>.</exception>
    public long BatchesPerEpoch
    {
        get
        {
            Order(Epoch);
            return _batches;
        }
    }

    /// <summary>
    /// Reads the next batch. The next call overwrites it: lengths, content, Carry, Keep and FirstCounted.
    /// </summary>
    /// <returns><see cref="Batch"/>, filled.</returns>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Horizon"/> is not a multiple of <see cref="Chunk"/>, or sequences were added to the data after the reader was made.
    /// </exception>
    /// <exception cref="OverflowException">A batch of the longest sequences would have arrays above 2³¹ − 1 numbers.</exception>
    public Batch<T> Next()
    {
        Order(Epoch);
        Fill();
        Position++;
        _chunk++;
        if (_chunk == Chunks(_group))
        {
            _chunk = 0;
            _group++;
        }

        if (Position == _batches)
        {
            Epoch++;
            Position = 0;
            _group = 0;
        }

        return Batch;
    }

    /// <summary>Goes to the place of a saved run.</summary>
    /// <param name="epoch">From 0 on.</param>
    /// <param name="position">From 0 to below the epoch's <see cref="BatchesPerEpoch"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place; the reader stays where it is.</exception>
    /// <exception cref="InvalidOperationException">As in <see cref="Next"/>.</exception>
    public void Seek(long epoch, long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        Order(epoch);
        if (position < 0 || position >= _batches)
        {
            throw new ArgumentOutOfRangeException(
                nameof(position), $"'position' is {position}, expected 0 to {_batches - 1}: epoch {epoch} has {_batches} batches.");
        }

        Epoch = epoch;
        Position = position;
        _group = 0;
        while (position >= Chunks(_group))
        {
            position -= Chunks(_group);
            _group++;
        }

        _chunk = (int)position;
    }

    // Finds the order of an epoch and its number of batches. Both depend on the epoch alone, so this is done once for each.
    private void Order(long epoch)
    {
        if (Data.Count != _order.Length)
        {
            throw new InvalidOperationException(
                $"The data has {Data.Count} sequences, expected {_order.Length} as when the reader was made.");
        }

        if (_ordered == epoch)
        {
            return;
        }

        if (_ordered < 0)
        {
            Prepare();
        }

        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        if (Shuffle)
        {
            // Fisher and Yates, from the end.
            _random.Restart(Seed, (ulong)epoch);
            for (int i = _order.Length - 1; i > 0; i--)
            {
                int j = _random.NextInt(i + 1);
                (_order[i], _order[j]) = (_order[j], _order[i]);
            }
        }

        _batches = 0;
        for (int group = 0; group <= (_order.Length - 1) / BatchSize; group++)
        {
            _batches += Chunks(group);
        }

        _ordered = epoch;
    }

    // Runs once, when Chunk and Horizon are known.
    private void Prepare()
    {
        if (Horizon % Math.Max(Chunk, 1) != 0 || (Chunk == 0 && Horizon > 0))
        {
            throw new InvalidOperationException($"'Horizon' is {Horizon}, expected a multiple of {Chunk} = Chunk.");
        }

        int[] longest = new int[Data.Count];
        for (int i = 0; i < longest.Length; i++)
        {
            longest[i] = Chunk == 0 ? Data.Length(i) : Math.Min(Data.Length(i), Math.Max(Horizon, Chunk));
        }

        Array.Sort(longest);
        Batch.IsWeighted = Data.IsWeighted;
        Batch.Reserve(longest[^1], longest.AsSpan(longest.Length - BatchSize));
    }

    private ReadOnlySpan<int> Group(int group)
    {
        int first = group * BatchSize;
        return _order.AsSpan(first, Math.Min(BatchSize, _order.Length - first));
    }

    // A group of empty sequences is one batch, with chunks and without.
    private int Chunks(int group)
    {
        if (Chunk == 0)
        {
            return 1;
        }

        int longest = 1;
        foreach (int sequence in Group(group))
        {
            longest = Math.Max(longest, Data.Length(sequence));
        }

        return (longest - 1) / Chunk + 1;
    }

    private void Fill()
    {
        ReadOnlySpan<int> group = Group(_group);
        int keep = Chunk == 0 ? 0 : Math.Max(Horizon / Chunk, 1);
        bool carries = Chunk > 0 && _chunk >= keep;

        // The window ends with the newest chunk. It starts at the final states of the step 'keep' steps back, or at the start.
        int newest = _chunk * Chunk;
        int start = carries ? newest - ((keep - 1) * Chunk) : 0;
        Span<int> lengths = _lengths.AsSpan(0, group.Length);
        int steps = 0;
        for (int column = 0; column < group.Length; column++)
        {
            int length = Data.Length(group[column]);
            if (Chunk > 0)
            {
                length = length > newest ? (int)Math.Min(length, (long)newest + Chunk) - start : 0;
            }

            lengths[column] = length;
            steps = Math.Max(steps, length);
        }

        Batch.Set(steps, lengths);
        Batch.Carry = carries ? keep : 0;

        // If the horizon covers the longest sequence, no batch carries on, and there is nothing to keep.
        Batch.Keep = keep < Chunks(_group) ? keep : 0;
        Batch.FirstCounted = newest - start;
        for (int column = 0; column < group.Length; column++)
        {
            Data.Read(group[column], start, lengths[column], Batch, column);
        }
    }
}
