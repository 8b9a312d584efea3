using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>Products and sums over views, without checks. Strides say which operand is transposed.</summary>
internal static class MatrixProduct
{
    // Columns of B that are packed at a time. In float they take 256 KiB with 256 rows, and 512 KiB with the 512 rows that are packed
    // where registers are narrow.
    private const int BlockColumns = 256;

    /// <summary>
    /// Rows of a transposed A that are copied at a time, a whole number of groups. There are many, since the numbers of one column for
    /// all of them are adjacent in memory. With 96 rows the product with [3200, 512] transposed took a tenth longer.
    /// </summary>
    public const int CopiedRows = 516;

    // With fewer rows of A than this, B is read in place: packing it costs about as much as one row's product.
    private const int FewRows = 4;

    /// <summary>C ← A·B</summary>
    public static void Multiply<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, workspace, add: false);

    /// <summary>C ← A·B + C</summary>
    public static void MultiplyAdd<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(a, b, c, workspace, add: true);

    /// <summary>
    /// Rows of B that are packed at a time. Beside a copy of A they are half as many where registers are narrow, so that both fit into
    /// the second cache.
    /// </summary>
    public static int BlockInner<T>(bool copied)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        copied ? ProductKernel<T>.BlockInner / (Vector512.IsHardwareAccelerated ? 1 : 2) : ProductKernel<T>.BlockInner;

    /// <summary>Smallest length of the workspace of a product.</summary>
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

    /// <summary>C ← A·B + S where rows of A are contiguous. S may be a view of stride 0: one row for all rows of C.</summary>
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
    /// C ← A·B + C for a copy of a transposed A of at most <see cref="CopiedRows"/> rows and <see cref="BlockInner"/> columns.
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
    /// C ← A·B where rows of A and columns of B are contiguous; each element is a dot product. For few rows of A and a B that is used once.
    /// </summary>
    public static void Dot<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Dispatch.Run<T, DotKernel<T>>(new DotKernel<T>(a, b, c, add: false));

    /// <summary>C ← A·B + C under the conditions of <see cref="Dot"/>.</summary>
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

    /// <summary>s ← sum of the rows of A + s</summary>
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

    /// <summary>C ← A ⊙ B, row by row; C may be A or B.</summary>
    public static void MultiplyElements<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Rows == c.Rows && b.Rows == c.Rows && a.Columns == c.Columns && b.Columns == c.Columns, "The shapes differ.");
        for (int row = 0; row < c.Rows; row++)
        {
            TensorPrimitives.Multiply(a.Row(row), b.Row(row), c.Row(row));
        }
    }

    /// <summary>C ← A ⊙ B + C, row by row, fused where the processor can.</summary>
    public static void MultiplyElementsAdd<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(a.Rows == c.Rows && b.Rows == c.Rows && a.Columns == c.Columns && b.Columns == c.Columns, "The shapes differ.");
        for (int row = 0; row < c.Rows; row++)
        {
            TensorPrimitives.MultiplyAddEstimate(a.Row(row), b.Row(row), c.Row(row), c.Row(row));
        }
    }

    // One block of B at a time is packed and multiplied by all rows of A (Goto & van de Geijn 2008, "Anatomy of high-performance matrix
    // multiplication"). A transposed A is copied as well, one block of rows at a time.
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
            MatrixView<T> aBlock = a.ColumnRange(k, Math.Min(terms, b.Rows - k));
            MatrixView<T> bBlock = b.RowRange(k, aBlock.Columns);
            Span<T> packed = workspace[..(int)Panels<T>.Length(aBlock.Columns, widest)], rest = workspace[packed.Length..];

            // Where all rows of a transposed A are copied at once, the copy serves all columns of B.
            bool once = copied && a.Rows <= CopiedRows;
            OperandA<T> all = once ? OperandA<T>.Pack(aBlock, rest) : new OperandA<T>(aBlock);
            for (int j = 0; j < c.Columns; j += BlockColumns)
            {
                MatrixView<T> block = c.ColumnRange(j, Math.Min(BlockColumns, c.Columns - j));
                var panels = Panels<T>.Pack(bBlock.ColumnRange(j, block.Columns), packed);
                if (!copied || once)
                {
                    Block(all, panels, block, add || k > 0);
                    continue;
                }

                for (int i = 0; i < a.Rows; i += CopiedRows)
                {
                    int rows = Math.Min(CopiedRows, a.Rows - i);
                    Block(OperandA<T>.Pack(aBlock.RowRange(i, rows), rest), panels, block.RowRange(i, rows), add || k > 0);
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
