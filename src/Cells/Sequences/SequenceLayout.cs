using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Workers;

namespace SpanRnn;

/// <summary>
/// The shape of a batch of sequences of different lengths, and the rows of their steps without padding: the rows that are alive at
/// step 0, then the rows of step 1, and so on. Within a step the longest sequence is first. Networks compute these rows only, so padding
/// is never read.
/// </summary>
/// <remarks>
/// A layout is made once and set for every batch. Setting it allocates only if the batch or the number of steps is larger than ever
/// before. A layout belongs to one thread at a time. The rows that are alive at a step are the first rows of the step before. So the
/// state of row b at step t comes from row b of step t − 1; in reverse it comes from row b of step t + 1 if b is alive there, else from
/// the initial state.
/// </remarks>
public sealed class SequenceLayout
{
    private int[] _lengths = [];
    private int[] _order = [];
    private int[] _offsets = [0];

    /// <summary>T, the steps of the padded arrays.</summary>
    public int Steps { get; private set; }

    /// <summary>N, the number of sequences.</summary>
    public int Batch { get; private set; }

    /// <summary>R, the sum of all lengths: the rows that are computed.</summary>
    public int Rows { get; private set; }

    /// <summary>True if all sequences have the same length, so that rows are in the order of the caller's [T, N] arrays.</summary>
    internal bool IsUnpadded { get; private set; }

    /// <summary>Sets a batch whose sequences all have <paramref name="steps"/> steps.</summary>
    /// <param name="steps">T; 0 is legal.</param>
    /// <param name="batch">N; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or T × N is above 2³¹ − 1.</exception>
    public void Set(int steps, int batch)
    {
        Prepare(steps, batch);
        _lengths.AsSpan(0, batch).Fill(steps);
        Sort();
    }

    /// <summary>Sets a batch whose sequence b has <paramref name="lengths"/>[b] steps; the rest of the padded arrays is padding.</summary>
    /// <param name="steps">T, the steps of the padded arrays; 0 is legal.</param>
    /// <param name="lengths">[N] in, each from 0 to T; copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="steps"/> or a length is negative, a length is above T, or T × N is above 2³¹ − 1.
    /// </exception>
    public void Set(int steps, ReadOnlySpan<int> lengths)
    {
        Guard.NotNegative(steps);
        for (int b = 0; b < lengths.Length; b++)
        {
            if ((uint)lengths[b] > (uint)steps)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(lengths), $"'lengths' has {lengths[b]} at index {b}, expected 0 to {steps} = steps.");
            }
        }

        Prepare(steps, lengths.Length);
        lengths.CopyTo(_lengths);
        Sort();
    }

    /// <summary>Steps of sequence <paramref name="sequence"/>.</summary>
    /// <param name="sequence">Its index in the batch.</param>
    /// <returns>Its length, 0 to T.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence.</exception>
    public int Length(int sequence)
    {
        Guard.Index(sequence, Batch);
        return _lengths[sequence];
    }

    /// <summary>The sequence of a sorted index: the longest first, sequences of one length in the order given.</summary>
    internal int Sequence(int sortedIndex) => _order[sortedIndex];

    /// <summary>Number of sequences longer than <paramref name="step"/>; 0 outside 0 … T − 1.</summary>
    internal int Live(int step) => (uint)step < (uint)Steps ? _offsets[step + 1] - _offsets[step] : 0;

    /// <summary>The first row of <paramref name="step"/>, 0 … T.</summary>
    internal int Offset(int step) => _offsets[step];

    /// <summary>
    /// The sequences of part <paramref name="part"/> of <paramref name="parts"/>, by sorted index. Parts have about as many rows each.
    /// </summary>
    internal Partition Sequences(int part, int parts)
    {
        int first = FirstSequence(part, parts);
        return new Partition(first, FirstSequence(part + 1, parts) - first);
    }

    /// <summary>
    /// Throws if rows are not inside 0 … <paramref name="end"/>. Kernels do not check, and another thread may wrongly set the layout
    /// during a call.
    /// </summary>
    /// <returns><paramref name="count"/></returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int CheckRows(int first, int count, int end)
    {
        if ((uint)first > (uint)end || (uint)count > (uint)(end - first))
        {
            ThrowChanged();
        }

        return count;
    }

    // The first sorted index with the rows of all parts before this one, or more, in front of it: the longest sequences come first.
    private int FirstSequence(int part, int parts)
    {
        if (part == parts)
        {
            return Batch;
        }

        long before = (long)Rows * part / parts;
        long rows = 0;
        int sortedIndex = 0;
        while (rows < before && sortedIndex < Batch)
        {
            rows += Length(Sequence(sortedIndex++));
        }

        return sortedIndex;
    }

    private void Prepare(int steps, int batch)
    {
        Guard.NotNegative(steps);
        Guard.NotNegative(batch);
        if (steps >= Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(steps), $"'steps' is {steps}, expected less than {Array.MaxLength}.");
        }

        if ((long)steps * batch > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(batch), $"'steps' × 'batch' is {(long)steps * batch}, expected at most {int.MaxValue}.");
        }

        if (_offsets.Length < steps + 1)
        {
            _offsets = new int[steps + 1];
        }

        if (_lengths.Length < batch)
        {
            _lengths = new int[batch];
            _order = new int[batch];
        }

        Steps = steps;
        Batch = batch;
    }

    // Counting sort, longest first and stable: O(N + T) and no memory other than the offsets.
    private void Sort()
    {
        ReadOnlySpan<int> lengths = _lengths.AsSpan(0, Batch);
        Span<int> counts = _offsets.AsSpan(0, Steps + 1);
        counts.Clear();
        foreach (int length in lengths)
        {
            counts[length]++;
        }

        // counts[L] ← number of sequences longer than L: the sorted index of the first one of length L.
        int longer = 0;
        for (int length = Steps; length >= 0; length--)
        {
            int here = counts[length];
            counts[length] = longer;
            longer += here;
        }

        for (int b = 0; b < lengths.Length; b++)
        {
            _order[counts[lengths[b]]++] = b;
        }

        // counts[L] is now the number of sequences of length L or more, so step t has counts[t + 1] live rows.
        int rows = 0;
        counts[0] = 0;
        for (int t = 1; t <= Steps; t++)
        {
            rows += counts[t];
            counts[t] = rows;
        }

        Rows = rows;
        IsUnpadded = rows == Steps * Batch;
    }

    [DoesNotReturn]
    private static void ThrowChanged() => throw new InvalidOperationException(
        "The layout was set while a call was using it, expected a layout that one thread at a time uses.");
}
