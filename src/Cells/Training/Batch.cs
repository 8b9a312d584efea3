using System.Numerics;

namespace SpanRnn.Cells;

/// <summary>One batch of sequences and what is to be learnt from them; its memory is used again from batch to batch.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class Batch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Makes an empty batch.</summary>
    /// <param name="spec">The network that it is for.</param>
    /// <param name="loss">What it is trained for: softmax cross-entropy wants labels, the others targets.</param>
    /// <param name="symbols">Whether the input is symbols: an index per step, for an embedding or, without one, one-hot.</param>
    public Batch(NetworkSpec spec, Loss loss, bool symbols) => throw new NotImplementedException();

    /// <summary>Steps, sequences and their lengths.</summary>
    public SequenceLayout Layout { get; } = new();

    /// <summary>[T, N, I], time-major; empty where the input is symbols.</summary>
    public Span<T> Inputs => throw new NotImplementedException();

    /// <summary>[T, N]; empty where the input is numbers.</summary>
    public Span<int> Symbols => throw new NotImplementedException();

    /// <summary>[T, N, O], or [N, O] of a head on the last step; empty where the loss wants labels.</summary>
    public Span<T> Targets => throw new NotImplementedException();

    /// <summary>[T, N], or [N] of a head on the last step; empty where the loss wants targets.</summary>
    public Span<int> Labels => throw new NotImplementedException();

    /// <summary>0: sequences start here. k: they go on from the states that the k-th step before this one ended with.</summary>
    public int Carry { get; set; }

    /// <summary>The loss counts steps from this one on; those before are there for the gradient of these.</summary>
    public int FirstCounted { get; set; }

    /// <summary>Gives the batch its shape; what it holds is undefined then. Allocates only what is larger than ever before.</summary>
    public void Set(int steps, ReadOnlySpan<int> lengths) => throw new NotImplementedException();
}
