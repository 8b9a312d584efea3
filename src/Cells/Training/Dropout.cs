using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;

namespace SpanRnn;

/// <summary>
/// Masks of dropout: on what a layer hands to the next, every number for itself (Srivastava et al. 2014), and on h′ where it enters U,
/// the same for all steps of a sequence (Gal and Ghahramani 2016). What is kept is divided by 1 − rate, so that a network without masks
/// is the mean of those with them.
/// </summary>
/// <remarks>
/// A reset-before GRU's gated state is r ⊙ h′ of the masked h′; where h′ enters a new h without a product, z ⊙ h′, it is whole. Belongs
/// to one thread at a time between <see cref="Draw(SequenceLayout, ulong, long)"/> and the backward that ends its use.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class Dropout<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NetworkSpec _spec;
    private readonly double _between;
    private readonly double _recurrent;
    private readonly RandomSource _random = new(0);
    private AlignedBuffer<T> _masks = new(0);
    private int _rows = -1;
    private int _batch = -1;

    /// <summary>Makes masks without numbers; <see cref="Draw(SequenceLayout, ulong, long)"/> gives them.</summary>
    /// <param name="spec">The network that they are for.</param>
    /// <param name="between">Share dropped between layers, 0 or more and below 1.</param>
    /// <param name="recurrent">Share of h′ dropped, 0 or more and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A share is outside.</exception>
    public Dropout(NetworkSpec spec, double between, double recurrent)
    {
        Guard.Precision<T>();
        ArgumentNullException.ThrowIfNull(spec);
        Guard.Fraction(between, nameof(between));
        Guard.Fraction(recurrent, nameof(recurrent));
        _spec = spec;
        _between = between;
        _recurrent = recurrent;
    }

    /// <summary>Draws the masks of a batch: they depend on layout, seed and step alone.</summary>
    /// <param name="layout">The shape of the batch; not kept.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="step">Of training, so that no two steps have the same masks.</param>
    /// <remarks>Allocates only when the batch is larger than ever before.</remarks>
    public void Draw(SequenceLayout layout, ulong seed, long step)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _rows = layout.Rows;
        _batch = layout.Batch;
        int length = checked((int)Offset(_spec.Layers.Length, 0));
        if (_masks.Length < length)
        {
            _masks = new AlignedBuffer<T>(length);
        }

        _random.Restart(seed, (ulong)step);
        for (int layer = 0; layer < _spec.Layers.Length; layer++)
        {
            Fill(Between(layer).Span, _between);
            for (int direction = 0; direction < _spec.Layers[layer].DirectionCount; direction++)
            {
                Fill(Recurrent(layer, direction).Span, _recurrent);
            }
        }
    }

    /// <summary>Whether the masks are those of a batch of this shape.</summary>
    internal bool Fits(NetworkSpec spec, SequenceLayout layout) =>
        ReferenceEquals(spec, _spec) && layout.Rows == _rows && layout.Batch == _batch;

    /// <summary>
    /// What the rows that come into a layer are multiplied by, [R, its input size], of a top with a row of each sequence [N, …]; no rows
    /// for nothing.
    /// </summary>
    internal MatrixView<T> Between(int layer)
    {
        int size = BetweenSize(layer);
        int rows = BetweenRows(layer);
        return size == 0 ? default : new(_masks.Span.Slice((int)Offset(layer, 0), rows * size), rows, size);
    }

    /// <summary>What h′ is multiplied by on its way into U, [N, P], the longest sequence first; no rows for nothing.</summary>
    internal MatrixView<T> Recurrent(int layer, int direction)
    {
        int size = RecurrentSize(layer);
        long offset = Offset(layer, direction) + BetweenLength(layer);
        return size == 0 ? default : new(_masks.Span.Slice((int)offset, _batch * size), _batch, size);
    }

    private int BetweenSize(int layer) => layer == 0 || _between == 0 ? 0 : _spec.LayerInputSize(layer);

    private int BetweenRows(int layer) => _spec.IsPerSequence(layer) ? _batch : _rows;

    private long BetweenLength(int layer) => (long)BetweenRows(layer) * BetweenSize(layer);

    private int RecurrentSize(int layer) => _recurrent == 0 || !_spec.Layers[layer].IsRecurrent ? 0 : _spec.Layers[layer].StateSize;

    // Of each layer first what comes in, then the directions.
    private long Offset(int layer, int direction)
    {
        long offset = 0;
        for (int below = 0; below < layer; below++)
        {
            offset += BetweenLength(below) + ((long)_batch * RecurrentSize(below) * _spec.Layers[below].DirectionCount);
        }

        return layer < _spec.Layers.Length ? offset + ((long)_batch * RecurrentSize(layer) * direction) : offset;
    }

    private void Fill(Span<T> mask, double rate)
    {
        T kept = T.CreateTruncating(1 / (1 - rate));
        ulong limit = (ulong)(rate * (1UL << 53));
        foreach (ref T value in mask)
        {
            value = _random.NextUInt64() >> 11 < limit ? T.Zero : kept;
        }
    }
}
