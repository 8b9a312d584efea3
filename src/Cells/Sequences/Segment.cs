using SpanRnn.Core.Workers;

namespace SpanRnn.Cells.Sequences;

/// <summary>Live rows of one step whose states of the step before lie together.</summary>
/// <param name="Place">Where the first of them stands in the batch.</param>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many; may be 0.</param>
/// <param name="Previous">Where the states of the step before start: a row, or a place among the initial states.</param>
/// <param name="IsFirstStep">Whether those are the initial states.</param>
internal readonly record struct Segment(int Place, int First, int Count, int Previous, bool IsFirstStep)
{
    /// <summary>
    /// The live rows of a step: those that were alive at the step before in walking order, then those that start here. Walking forward,
    /// all start at step 0; walking in reverse, each starts at its own last step.
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

    /// <summary>Those of the rows whose sequences stand at <paramref name="places"/>.</summary>
    public Segment Within(Partition places)
    {
        int skipped = Math.Clamp(places.First - Place, 0, Count);
        int count = Math.Clamp(places.End - Place, skipped, Count) - skipped;
        return new Segment(Place + skipped, First + skipped, count, Previous + skipped, IsFirstStep);
    }
}
