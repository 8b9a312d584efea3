using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Workers;

namespace SpanRnn;

/// <summary>
/// The shape of a batch of sequences of different lengths, and where each of their steps lies once the padding is left out: the rows
/// that are alive at step 0, then those of step 1, and so on, within a step the longest sequence first. Networks compute on these rows
/// alone, so padding is never read.
/// </summary>
/// <remarks>
/// Made once and set anew for every batch; setting allocates only when the batch or the number of steps is larger than ever before.
/// Belongs to one thread at a time. Rows alive at one step stand first at the step before, so the state of row b at step t comes from
/// row b of step t − 1 (or, walked in reverse, of step t + 1 if b is alive there, else from the initial state).
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

    /// <summary>All sequences have the same length; rows then lie as the caller's [T, N] arrays do.</summary>
    internal bool Dense { get; private set; }

    /// <summary>All sequences have <paramref name="steps"/> steps.</summary>
    /// <param name="steps">T; 0 is legal.</param>
    /// <param name="batch">N; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or T × N is above 2³¹ − 1.</exception>
    public void Set(int steps, int batch)
    {
        Prepare(steps, batch);
        _lengths.AsSpan(0, batch).Fill(steps);
        Sort();
    }

    /// <summary>Sequence b has <paramref name="lengths"/>[b] steps, the rest of the padded arrays is padding.</summary>
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

    /// <summary>
    /// The sequence that stands at place <paramref name="place"/> of every step: the longest first, equal ones in the order given.
    /// </summary>
    internal int Sequence(int place) => _order[place];

    /// <summary>How many sequences are longer than <paramref name="step"/>; 0 outside 0 … T − 1.</summary>
    internal int Live(int step) => (uint)step < (uint)Steps ? _offsets[step + 1] - _offsets[step] : 0;

    /// <summary>The first row of <paramref name="step"/>, 0 … T.</summary>
    internal int Offset(int step) => _offsets[step];

    /// <summary>The row of the last step of the sequence at a place; −1 of an empty one.</summary>
    internal int LastRow(int place)
    {
        int length = _lengths[_order[place]];
        return length == 0 ? -1 : _offsets[length - 1] + place;
    }

    /// <summary>The places of part <paramref name="part"/> of <paramref name="parts"/>, which have about as many rows each.</summary>
    internal Partition Places(int part, int parts)
    {
        int first = FirstPlace(part, parts);
        return new Partition(first, FirstPlace(part + 1, parts) - first);
    }

    /// <summary>
    /// Rows must lie where they lay when the call began: kernels do not check, and another thread may wrongly set the layout meanwhile.
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

    // The first place that has a part's share of rows, or more, before it: the longest sequences come first.
    private int FirstPlace(int part, int parts)
    {
        if (part == parts)
        {
            return Batch;
        }

        long before = (long)Rows * part / parts;
        long rows = 0;
        int place = 0;
        while (rows < before && place < Batch)
        {
            rows += Length(Sequence(place++));
        }

        return place;
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

    // Counting sort, longest first and stable: O(N + T) and no memory but the offsets.
    private void Sort()
    {
        ReadOnlySpan<int> lengths = _lengths.AsSpan(0, Batch);
        Span<int> places = _offsets.AsSpan(0, Steps + 1);
        places.Clear();
        foreach (int length in lengths)
        {
            places[length]++;
        }

        // places[L] ← how many are longer than L: where the first of length L goes.
        int longer = 0;
        for (int length = Steps; length >= 0; length--)
        {
            int here = places[length];
            places[length] = longer;
            longer += here;
        }

        for (int b = 0; b < lengths.Length; b++)
        {
            _order[places[lengths[b]]++] = b;
        }

        // places[L] is now how many are as long as L or longer, so step t has places[t + 1] live rows.
        int rows = 0;
        places[0] = 0;
        for (int t = 1; t <= Steps; t++)
        {
            rows += places[t];
            places[t] = rows;
        }

        Rows = rows;
        Dense = rows == Steps * Batch;
    }

    [DoesNotReturn]
    private static void ThrowChanged() => throw new InvalidOperationException(
        "The layout was set while a call was using it, expected a layout of one thread at a time.");
}
