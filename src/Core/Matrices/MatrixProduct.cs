using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>Products and sums over views, unchecked. Strides say which operand is transposed.</summary>
internal static class MatrixProduct
{
    /// <summary>C ← A·B</summary>
    public static void Multiply<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, add: false);

    /// <summary>C ← A·B + C</summary>
    public static void MultiplyAdd<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, add: true);

    /// <summary>s ← the sum of A's rows + s</summary>
    public static void AddColumnSums<T>(MatrixView<T> a, Span<T> s)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T one = T.One;
        MultiplyAdd(MatrixView<T>.Repeat(in one, 1, a.Rows), a, new MatrixView<T>(s, 1, s.Length));
    }

    /// <summary>C ← A + C, row by row.</summary>
    public static void Add<T>(MatrixView<T> a, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Rows == c.Rows && a.Columns == c.Columns, "The shapes differ.");
        for (int row = 0; row < c.Rows; row++)
        {
            TensorPrimitives.Add(a.Row(row), c.Row(row), c.Row(row));
        }
    }

    private static void Run<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, bool add)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Columns == b.Rows && a.Rows == c.Rows && b.Columns == c.Columns && c.ColumnStride == 1, "The shapes differ.");
        if (b.ColumnStride == 1)
        {
            Widest.Run<T, BroadcastKernel<T>>(new BroadcastKernel<T>(a, b, c, add));
        }
        else
        {
            Debug.Assert(a.ColumnStride == 1 && b.RowStride == 1, "Both rows of A and columns of B are contiguous here.");
            Widest.Run<T, DotKernel<T>>(new DotKernel<T>(a, b, c, add));
        }
    }
}
