using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>Lays a matrix into <see cref="Panels{T}"/>.</summary>
internal readonly ref struct PackKernel<T>(MatrixView<T> b, Span<T> panels) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly MatrixView<T> _b = b;
    private readonly Span<T> _panels = panels;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int width = 2 * V.Count;
        ref T to = ref MemoryMarshal.GetReference(_panels);
        for (int j = 0; j < _b.Columns; j += width)
        {
            int columns = Math.Min(width, _b.Columns - j);
            ref T from = ref _b.At(0, j);
            if (_b.ColumnStride != 1 || columns < width)
            {
                Scattered(ref from, columns, width, ref to);
            }
            else
            {
                ref T line = ref to;
                for (int row = 0; row < _b.Rows; row++)
                {
                    V.Store(V.Load(in from, 0), ref line, 0);
                    V.Store(V.Load(in from, (nuint)V.Count), ref line, (nuint)V.Count);
                    from = ref Unsafe.Add(ref from, _b.RowStride);
                    line = ref Unsafe.Add(ref line, width);
                }
            }

            to = ref Unsafe.Add(ref to, (nint)_b.Rows * width);
        }
    }

    // A panel of a transposed matrix, or the last one. Sixteen rows at a time: what a column gives of a line of the cache is used up
    // before it leaves.
    private void Scattered(ref T from, int columns, int width, ref T to)
    {
        const int Block = 16;
        for (int first = 0; first < _b.Rows; first += Block)
        {
            int rows = Math.Min(Block, _b.Rows - first);
            for (int column = 0; column < width; column++)
            {
                ref T source = ref Unsafe.Add(ref from, ((nint)first * _b.RowStride) + ((nint)column * _b.ColumnStride));
                ref T target = ref Unsafe.Add(ref to, ((nint)first * width) + column);
                for (int row = 0; row < rows; row++)
                {
                    T number = column < columns ? Unsafe.Add(ref source, (nint)row * _b.RowStride) : T.Zero;
                    Unsafe.Add(ref target, (nint)row * width) = number;
                }
            }
        }
    }
}
