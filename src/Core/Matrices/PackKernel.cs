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

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        // Any number of columns without rows: there is nothing to walk through.
        if (_b.Rows == 0)
        {
            return;
        }

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

    // A panel of a transposed matrix, or the last one: eight columns at a time, whose numbers of a row stand together in the panel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scattered(ref T from, int columns, int width, ref T to)
    {
        nint row = _b.RowStride;
        int column = 0;
        for (; column <= columns - 8; column += 8)
        {
            ref T a0 = ref Unsafe.Add(ref from, (nint)column * _b.ColumnStride);
            ref T a1 = ref Unsafe.Add(ref a0, _b.ColumnStride);
            ref T a2 = ref Unsafe.Add(ref a1, _b.ColumnStride);
            ref T a3 = ref Unsafe.Add(ref a2, _b.ColumnStride);
            ref T a4 = ref Unsafe.Add(ref a3, _b.ColumnStride);
            ref T a5 = ref Unsafe.Add(ref a4, _b.ColumnStride);
            ref T a6 = ref Unsafe.Add(ref a5, _b.ColumnStride);
            ref T a7 = ref Unsafe.Add(ref a6, _b.ColumnStride);
            ref T line = ref Unsafe.Add(ref to, column);
            nint offset = 0;
            for (int k = _b.Rows; k > 0; k--)
            {
                line = Unsafe.Add(ref a0, offset);
                Unsafe.Add(ref line, 1) = Unsafe.Add(ref a1, offset);
                Unsafe.Add(ref line, 2) = Unsafe.Add(ref a2, offset);
                Unsafe.Add(ref line, 3) = Unsafe.Add(ref a3, offset);
                Unsafe.Add(ref line, 4) = Unsafe.Add(ref a4, offset);
                Unsafe.Add(ref line, 5) = Unsafe.Add(ref a5, offset);
                Unsafe.Add(ref line, 6) = Unsafe.Add(ref a6, offset);
                Unsafe.Add(ref line, 7) = Unsafe.Add(ref a7, offset);
                offset += row;
                line = ref Unsafe.Add(ref line, width);
            }
        }

        for (; column < width; column++)
        {
            ref T source = ref Unsafe.Add(ref from, (nint)column * _b.ColumnStride);
            ref T target = ref Unsafe.Add(ref to, column);
            for (int k = 0; k < _b.Rows; k++)
            {
                Unsafe.Add(ref target, (nint)k * width) = column < columns ? Unsafe.Add(ref source, k * row) : T.Zero;
            }
        }
    }
}
