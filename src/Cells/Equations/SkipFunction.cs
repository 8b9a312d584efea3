using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>
/// Equation of a <see cref="SkipLayer"/> for one row: y = x + s ⊙ r, where r is the row that enters the stretch. s has a number for each
/// feature that is added, or none for 1.
/// </summary>
internal static class SkipFunction
{
    /// <summary>Factors for each of <paramref name="features"/>: a single one is written to <paramref name="buffer"/> for all.</summary>
    public static ReadOnlySpan<T> Factors<T>(ReadOnlySpan<T> scale, int features, Span<T> buffer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (scale.Length != 1)
        {
            return scale;
        }

        Span<T> factors = buffer[..features];
        factors.Fill(scale[0]);
        return factors;
    }

    /// <summary>y ← x + s ⊙ r in the first <paramref name="features"/> features, x in the others.</summary>
    public static void Forward<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> skipped, ReadOnlySpan<T> factors, int features, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AffineKernel<T>.Compute(skipped[..features], factors, x[..features], y[..features]);
        x[features..].CopyTo(y[features..]);
    }
}
