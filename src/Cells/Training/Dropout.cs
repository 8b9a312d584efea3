using System.Numerics;

namespace SpanRnn.Cells;

/// <summary>
/// Masks of dropout: between layers, drawn for every step anew (Srivastava et al. 2014), and on h′ where it enters U, the same for all
/// steps of a sequence (Gal and Ghahramani 2016). What is kept is divided by 1 − rate.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class Dropout<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Makes masks without numbers.</summary>
    /// <param name="spec">The network that they are for.</param>
    /// <param name="between">Share dropped between layers, 0 or more and below 1.</param>
    /// <param name="recurrent">Share of h′ dropped, 0 or more and below 1.</param>
    public Dropout(NetworkSpec spec, double between, double recurrent)
    {
    }

    /// <summary>Draws the masks of a batch from seed and step alone. Allocates only when the batch is larger than ever before.</summary>
    public void Draw(SequenceLayout layout, ulong seed, long step) => throw new NotImplementedException();
}
