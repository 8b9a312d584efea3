using System.Numerics;
using SpanRnn.Core.Matrices;

namespace SpanRnn.Cells.Training;

/// <summary>
/// Masks of dropout. Between layers every number is dropped on its own (Srivastava et al. 2014): where it enters a recurrent or a dense
/// layer, but for the first of them, and but for a dense layer on top of all others, the head. On h′, where it enters U, the mask is the
/// same for all steps of a sequence (Gal and Ghahramani 2016). Numbers that are kept are divided by 1 − rate, so that a network without
/// masks is the mean of the networks with masks.
/// </summary>
/// <remarks>
/// The gated state r ⊙ h′ of a reset-before GRU takes the masked h′. Where h′ enters a new h without a product, as in z ⊙ h′, it has no
/// mask. The masks belong to one thread at a time, from <see cref="Draw(SequenceLayout, ulong, long)"/> to the end of the backward that
/// uses them.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class Dropout<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NetworkSpec _spec;
    private readonly double _between;
    private readonly double _recurrent;
    private readonly RandomSource _random = new(0);
    private AlignedBuffer<T> _masks = new(0);
    private int _rows = -1;
    private int _batch = -1;

    /// <summary>Makes empty masks; <see cref="Draw(SequenceLayout, ulong, long)"/> fills them.</summary>
    /// <param name="spec">The network of the masks.</param>
    /// <param name="between">Fraction of the numbers dropped between layers, 0 or more and below 1.</param>
    /// <param name="recurrent">Fraction of h′ dropped, 0 or more and below 1.</param>
    public Dropout(NetworkSpec spec, double between, double recurrent)
    {
        _spec = spec;
        _between = between;
        _recurrent = recurrent;
    }

    /// <summary>Draws the masks of a batch, which depend on layout, seed and step only.</summary>
    /// <param name="layout">The shape of the batch; not kept.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="step">The step of training, so that no two steps have the same masks.</param>
    /// <remarks>Allocates only if the batch is larger than ever before.</remarks>
    public void Draw(SequenceLayout layout, ulong seed, long step)
    {
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
            for (int direction = 0; direction < _spec.Layers[layer].Directions.Length; direction++)
            {
                Fill(Recurrent(layer, direction).Span, _recurrent);
            }
        }
    }

    /// <summary>True if the masks were drawn for a batch of this network and shape.</summary>
    public bool Fits(NetworkSpec spec, SequenceLayout layout) =>
        ReferenceEquals(spec, _spec) && layout.Rows == _rows && layout.Batch == _batch;

    /// <summary>
    /// Mask of the rows that enter a layer, [R, its input size], or [N, its input size] if it reads one row per sequence; no rows
    /// if there is no mask.
    /// </summary>
    public MatrixView<T> Between(int layer)
    {
        int size = BetweenSize(layer);
        int rows = BetweenRows(layer);
        return size == 0 ? default : new(_masks.Span.Slice((int)Offset(layer, 0), rows * size), rows, size);
    }

    /// <summary>Mask of h′ where it enters U, [N, P] by sorted index; no rows if there is no mask.</summary>
    public MatrixView<T> Recurrent(int layer, int direction)
    {
        int size = RecurrentSize(layer);
        long offset = Offset(layer, direction) + BetweenLength(layer);
        return size == 0 ? default : new(_masks.Span.Slice((int)offset, _batch * size), _batch, size);
    }

    private int BetweenSize(int layer) => _between > 0 && _spec.Stack[layer].HasInputDropout ? _spec.Stack[layer].InputSize : 0;

    private int BetweenRows(int layer) => _spec.Stack[layer].InputRows(_rows, _batch);

    private long BetweenLength(int layer) => (long)BetweenRows(layer) * BetweenSize(layer);

    private int RecurrentSize(int layer) => _recurrent > 0 && _spec.Layers[layer] is RecurrentLayer recurrent ? recurrent.StateSize : 0;

    // Each layer has the mask of its input first, then the masks of its directions.
    private long Offset(int layer, int direction)
    {
        long offset = 0;
        for (int below = 0; below < layer; below++)
        {
            offset += BetweenLength(below) + ((long)_batch * RecurrentSize(below) * _spec.Layers[below].Directions.Length);
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
