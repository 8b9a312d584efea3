using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>Equation of a layer that computes every row on its own without a matrix: y = f(x; s, t).</summary>
internal abstract class RowFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>y ← f(x; s, t). <paramref name="scale"/> and <paramref name="shift"/> are empty if the layer has none.</summary>
    public abstract void Forward(ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y);

    /// <summary>dx ← ∂L/∂x, ds += ∂L/∂s and dt += ∂L/∂t. An output is empty if it is not needed.</summary>
    public abstract void Backward(in RowGradient<T> row);
}
