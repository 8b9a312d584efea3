using SpanRnn.Core.Workers;

namespace SpanRnn.Cells.Sequences;

/// <summary>Live rows of one step whose states of the step before are contiguous.</summary>
/// <param name="SortedIndex">The sorted index of the first sequence.</param>
/// <param name="First">The first row.</param>
/// <param name="Count">Number of rows; may be 0.</param>
/// <param name="Previous">Start of the states of the step before: a row, or a sorted index if they are initial states.</param>
/// <param name="IsFirstStep">True if the states of the step before are the initial states.</param>
internal readonly record struct Segment(int SortedIndex, int First, int Count, int Previous, bool IsFirstStep)
{
    /// <summary>
    /// The live rows of a step: first the sequences that were alive at the step before in the direction's order, then the sequences that
    /// start here. Forward, all sequences start at step 0; in reverse, each sequence starts at its own last step.
    /// </summary>
    public static (Segment Carried, Segment Started) Of(SequenceLayout layout, Direction direction, int step)
    {
        int before = direction == Direction.Forward ? step - 1 : step + 1;
        int first = layout.Offset(step);
        int live = layout.Live(step);
        int carried = Math.Min(live, layout.Live(before));
        return (
            new Segment(0, first, carried, carried == 0 ? 0 : layout.Offset(before), IsFirstStep: false),
            new Segment(carried, first + carried, live - carried, carried, IsFirstStep: true));
    }

    /// <summary>The part of the segment whose sequences are in <paramref name="sequences"/>, a range of sorted indices.</summary>
    public Segment Within(Partition sequences)
    {
        int skipped = Math.Clamp(sequences.First - SortedIndex, 0, Count);
        int count = Math.Clamp(sequences.End - SortedIndex, skipped, Count) - skipped;
        return new Segment(SortedIndex + skipped, First + skipped, count, Previous + skipped, IsFirstStep);
    }
}
