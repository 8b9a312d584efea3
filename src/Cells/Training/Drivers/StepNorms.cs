using System.Numerics;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>Norms of gradients by step, from the norms of rows.</summary>
internal static class StepNorms
{
    /// <summary>norms [T] ← √(norms² + Σ rows²) over the rows [R] of each step; empty norms stay empty.</summary>
    public static void Add<T>(SequenceLayout layout, ReadOnlySpan<T> rows, Span<double> norms)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int step = 0; step < norms.Length; step++)
        {
            // Squares would vanish or overflow long before the norm does.
            foreach (T norm in rows.Slice(layout.Offset(step), layout.Live(step)))
            {
                norms[step] = double.Hypot(norms[step], double.CreateTruncating(norm));
            }
        }
    }
}
