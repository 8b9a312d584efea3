using System.Numerics;

namespace SpanRnn.Core.Losses;

/// <summary>Loss that is a sum over elements, L = Σ l(x, t).</summary>
internal interface IElementLoss<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>gradient ← share·∂l/∂x; returns Σ l(x, t), without the share.</summary>
    static abstract T Sum(ReadOnlySpan<T> x, ReadOnlySpan<T> targets, T share, Span<T> gradient);
}
