using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <summary>
/// Weights W as the right-hand side of x·Wᵀ: packed, for the many steps of a sequence, or as they stand, for the one step of a stream.
/// </summary>
internal readonly ref struct RightSide<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Panels<T> _panels;
    private readonly MatrixView<T> _weights;
    private readonly bool _packed;

    private RightSide(Panels<T> panels)
    {
        _panels = panels;
        _packed = true;
    }

    /// <summary>W as it stands.</summary>
    public RightSide(MatrixView<T> weights) => _weights = weights;

    /// <summary>Packs W [rows, columns] into the next piece of <paramref name="scratch"/>.</summary>
    public static RightSide<T> Pack(MatrixView<T> weights, ref Carver<T> scratch) =>
        new(Panels<T>.Pack(weights.Transposed, scratch.Take((int)Panels<T>.Length(weights.Columns, weights.Rows))));

    /// <summary>What <see cref="Pack"/> takes of a buffer.</summary>
    public static long Room(int rows, int columns) => Carver<T>.Room(Panels<T>.Length(columns, rows));

    /// <summary>Y ← X·Wᵀ</summary>
    public void Multiply(MatrixView<T> x, MatrixView<T> y)
    {
        if (_packed)
        {
            MatrixProduct.Multiply(x, _panels, y);
        }
        else
        {
            MatrixProduct.Dot(x, _weights.Transposed, y);
        }
    }

    /// <summary>Y ← X·Wᵀ + Y</summary>
    public void MultiplyAdd(MatrixView<T> x, MatrixView<T> y)
    {
        if (_packed)
        {
            MatrixProduct.MultiplyAdd(x, _panels, y);
        }
        else
        {
            MatrixProduct.DotAdd(x, _weights.Transposed, y);
        }
    }
}
