using System.Numerics;

namespace SpanRnn.Cells;

/// <summary>Goes through the sequences of a collection in batches, epoch after epoch; its place is three numbers.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class BatchReader<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Reads from the first batch of the first epoch on.</summary>
    /// <param name="data">The sequences; none may be added later.</param>
    /// <param name="batchSize">Sequences per batch, 1 to data.Count; the last batch of an epoch may have fewer.</param>
    public BatchReader(SequenceData<T> data, int batchSize) => throw new NotImplementedException();

    /// <summary>Whether each epoch has an order of its own, drawn from <see cref="Seed"/> and the epoch; else the order of the data.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Where the orders come from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Steps per batch of truncated backpropagation through time; 0 for whole sequences.</summary>
    public int Chunk { get; init; }

    /// <summary>How far gradients go back: a multiple of Chunk; 0 for Chunk itself.</summary>
    public int Horizon { get; init; }

    /// <summary>The batch that is read into and given out.</summary>
    public Batch<T> Batch => throw new NotImplementedException();

    /// <summary>The epoch of the next batch, from 0 on.</summary>
    public long Epoch => throw new NotImplementedException();

    /// <summary>How many batches of this epoch have been read.</summary>
    public long Position => throw new NotImplementedException();

    /// <summary>Batches of an epoch; with chunks and a shuffled order it may depend on the epoch.</summary>
    public long BatchesPerEpoch => throw new NotImplementedException();

    /// <summary>Reads the next batch, of the next epoch if this one is over.</summary>
    /// <returns><see cref="Batch"/>, filled.</returns>
    public Batch<T> Next() => throw new NotImplementedException();

    /// <summary>Goes to a place, as a saved run had it.</summary>
    public void Seek(long epoch, long position) => throw new NotImplementedException();
}
