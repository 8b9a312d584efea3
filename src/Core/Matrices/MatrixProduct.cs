using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>Products and sums over views, unchecked. Strides say which operand is transposed.</summary>
internal static class MatrixProduct
{
    // Columns of B that are packed before the next: in float 256 KiB with 256 rows, and 512 KiB with the 512 that narrow registers take.
    private const int BlockColumns = 256;

    /// <summary>
    /// Rows of a transposed A that are copied before the next, a whole number of groups: many, since what a column has for them lies
    /// together in memory. With 96 the product with [3200, 512] transposed took a tenth longer.
    /// </summary>
    public const int CopiedRows = 516;

    // With fewer rows of A than this, B is read as it stands: to pack it costs about as much as one row's product.
    private const int FewRows = 4;

    /// <summary>C ← A·B</summary>
    public static void Multiply<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, workspace, add: false);

    /// <summary>C ← A·B + C</summary>
    public static void MultiplyAdd<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, workspace, add: true);

    /// <summary>
    /// Rows of B that are packed before the next; beside a copy of A half as many where registers are narrow, so that both have room in
    /// the second cache.
    /// </summary>
    public static int BlockInner<T>(bool copied)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        copied ? ProductKernel<T>.BlockInner / (Vector512.IsHardwareAccelerated ? 1 : 2) : ProductKernel<T>.BlockInner;

    /// <summary>Numbers that the workspace of a product needs at least.</summary>
    public static int WorkspaceLength<T>(int rows, int inner, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int width = Math.Min(columns, BlockColumns);
        long plain = Panels<T>.Length(Math.Min(inner, BlockInner<T>(copied: false)), width);
        int terms = Math.Min(inner, BlockInner<T>(copied: true));
        return (int)Math.Max(plain, Panels<T>.Length(terms, width) + OperandA<T>.Length(Math.Min(rows, CopiedRows), terms));
    }

    /// <summary>C ← A·B where rows of A are contiguous.</summary>
    public static void Multiply<T>(MatrixView<T> a, Panels<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, add: false);

    /// <summary>C ← A·B + C where rows of A are contiguous.</summary>
    public static void MultiplyAdd<T>(MatrixView<T> a, Panels<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, add: true);

    /// <summary>C ← A·B + S where rows of A are contiguous; S may be one row for all, a view of stride 0.</summary>
    public static void MultiplyAdd<T>(MatrixView<T> a, Panels<T> b, MatrixView<T> s, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (a.Rows == 1)
        {
            Copy(s, c);
            Run(a, b, c, add: true);
        }
        else
        {
            Dispatch.Run<T, ProductKernel<T>>(new ProductKernel<T>(new OperandA<T>(a), b, s, c));
        }
    }

    /// <summary>
    /// C ← A·B + C for a copy of a transposed A: at most <see cref="CopiedRows"/> rows, and of columns what <see cref="BlockInner"/> says.
    /// </summary>
    public static void MultiplyCopiedAdd<T>(OperandA<T> a, MatrixView<T> b, MatrixView<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int j = 0; j < c.Columns; j += BlockColumns)
        {
            MatrixView<T> block = c.ColumnRange(j, Math.Min(BlockColumns, c.Columns - j));
            Block(a, Panels<T>.Pack(b.ColumnRange(j, block.Columns), workspace), block, add: true);
        }
    }

    /// <summary>
    /// C ← A·B where rows of A and columns of B are contiguous, each element a dot product: for few rows of A and a B that is used once.
    /// </summary>
    public static void Dot<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Dispatch.Run<T, DotKernel<T>>(new DotKernel<T>(a, b, c, add: false));

    /// <summary>The same added to C.</summary>
    public static void DotAdd<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Dispatch.Run<T, DotKernel<T>>(new DotKernel<T>(a, b, c, add: true));

    /// <summary>y ← x·B + y where rows of B are contiguous.</summary>
    public static void VectorAdd<T>(MatrixView<T> x, MatrixView<T> b, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Dispatch.Run<T, VectorKernel<T, NoFlush>>(new VectorKernel<T, NoFlush>(x, b, y, add: true));

    /// <summary>y ← x·B where rows of B are contiguous.</summary>
    public static void Vector<T>(MatrixView<T> x, MatrixView<T> b, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Dispatch.Run<T, VectorKernel<T, NoFlush>>(new VectorKernel<T, NoFlush>(x, b, y, add: false));

    /// <summary>s ← the sum of A's rows + s</summary>
    public static void AddColumnSums<T>(MatrixView<T> a, Span<T> s)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T one = T.One;
        VectorAdd(MatrixView<T>.Repeat(in one, 1, a.Rows), a, s);
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

    /// <summary>C ← A, row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(MatrixView<T> a, MatrixView<T> c)
    {
        for (int row = 0; row < c.Rows; row++)
        {
            a.Row(row).CopyTo(c.Row(row));
        }
    }

    /// <summary>C ← A ⊙ B, row by row; C may be one of them.</summary>
    public static void MultiplyElements<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Rows == c.Rows && b.Rows == c.Rows && a.Columns == c.Columns && b.Columns == c.Columns, "The shapes differ.");
        for (int row = 0; row < c.Rows; row++)
        {
            TensorPrimitives.Multiply(a.Row(row), b.Row(row), c.Row(row));
        }
    }

    /// <summary>C ← A ⊙ B + C, row by row.</summary>
    public static void MultiplyElementsAdd<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Rows == c.Rows && b.Rows == c.Rows && a.Columns == c.Columns && b.Columns == c.Columns, "The shapes differ.");
        for (int row = 0; row < c.Rows; row++)
        {
            TensorPrimitives.MultiplyAdd(a.Row(row), b.Row(row), c.Row(row), c.Row(row));
        }
    }

    // A block of B at a time is packed and multiplied by all rows of A (Goto & van de Geijn 2008, "Anatomy of high-performance matrix
    // multiplication"); a transposed A is copied too, a block of rows at a time.
    private static void Run<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, Span<T> workspace, bool add)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Columns == b.Rows && a.Rows == c.Rows && b.Columns == c.Columns && c.ColumnStride == 1, "The shapes differ.");
        if (c.Rows == 0 || c.Columns == 0)
        {
            return;
        }

        if (a.Rows < FewRows && b.ColumnStride == 1)
        {
            for (int row = 0; row < a.Rows; row++)
            {
                MatrixView<T> x = a.RowRange(row, 1);
                Dispatch.Run<T, VectorKernel<T, NoFlush>>(new VectorKernel<T, NoFlush>(x, b, c.Row(row), add));
            }

            return;
        }

        bool copied = a.ColumnStride != 1;
        int terms = BlockInner<T>(copied);
        int widest = Math.Min(c.Columns, BlockColumns);
        for (int k = 0; k < b.Rows || k == 0; k += terms)
        {
            MatrixView<T> left = a.ColumnRange(k, Math.Min(terms, b.Rows - k));
            MatrixView<T> right = b.RowRange(k, left.Columns);
            Span<T> packed = workspace[..(int)Panels<T>.Length(left.Columns, widest)], rest = workspace[packed.Length..];

            // Rows of a transposed A that are copied at a time stay copied for all columns where they are all there are.
            bool once = copied && a.Rows <= CopiedRows;
            OperandA<T> all = once ? OperandA<T>.Pack(left, rest) : new OperandA<T>(left);
            for (int j = 0; j < c.Columns; j += BlockColumns)
            {
                MatrixView<T> block = c.ColumnRange(j, Math.Min(BlockColumns, c.Columns - j));
                var panels = Panels<T>.Pack(right.ColumnRange(j, block.Columns), packed);
                if (!copied || once)
                {
                    Block(all, panels, block, add || k > 0);
                    continue;
                }

                for (int i = 0; i < a.Rows; i += CopiedRows)
                {
                    int rows = Math.Min(CopiedRows, a.Rows - i);
                    Block(OperandA<T>.Pack(left.RowRange(i, rows), rest), panels, block.RowRange(i, rows), add || k > 0);
                }
            }
        }
    }

    private static void Block<T>(OperandA<T> a, Panels<T> b, MatrixView<T> c, bool add)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Dispatch.Run<T, ProductKernel<T>>(new ProductKernel<T>(a, b, add ? c : default, c));

    private static void Run<T>(MatrixView<T> a, Panels<T> b, MatrixView<T> c, bool add)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Columns == b.Rows && a.Rows == c.Rows && b.Columns == c.Columns && a.ColumnStride == 1, "The shapes differ.");
        if (a.Rows == 1)
        {
            Dispatch.Run<T, VectorKernel<T, NoFlush>>(new VectorKernel<T, NoFlush>(a, b, c.Row(0), add, backwards: false));
        }
        else
        {
            Block(new OperandA<T>(a), b, c, add);
        }
    }
}
