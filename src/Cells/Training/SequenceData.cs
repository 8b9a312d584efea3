using System.Numerics;

namespace SpanRnn.Cells;

/// <summary>Sequences of any lengths with what is to be learnt from each.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class SequenceData<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Makes an empty collection.</summary>
    /// <inheritdoc cref="Batch{T}(NetworkSpec, Loss, bool)"/>
    public SequenceData(NetworkSpec spec, Loss loss, bool symbols) => throw new NotImplementedException();

    /// <summary>How many sequences.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Steps of the longest sequence.</summary>
    public int LongestLength => throw new NotImplementedException();

    /// <summary>Steps of a sequence.</summary>
    public int Length(int sequence) => throw new NotImplementedException();

    /// <summary>Adds a sequence of numbers with targets; all are copied.</summary>
    /// <param name="x">[length, I].</param>
    /// <param name="targets">[length, O], or [O] of a head on the last step.</param>
    public void Add(ReadOnlySpan<T> x, ReadOnlySpan<T> targets) => throw new NotImplementedException();

    /// <summary>Adds a sequence of numbers with labels.</summary>
    /// <param name="x">[length, I].</param>
    /// <param name="labels">[length], or [1] of a head on the last step.</param>
    public void Add(ReadOnlySpan<T> x, ReadOnlySpan<int> labels) => throw new NotImplementedException();

    /// <summary>Adds a sequence of symbols with targets.</summary>
    public void Add(ReadOnlySpan<int> symbols, ReadOnlySpan<T> targets) => throw new NotImplementedException();

    /// <summary>Adds a sequence of symbols with labels.</summary>
    public void Add(ReadOnlySpan<int> symbols, ReadOnlySpan<int> labels) => throw new NotImplementedException();
}
