using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;

namespace SpanRnn;

/// <summary>
/// Products of row-major matrices in spans. A method with a plain verb overwrites its destination, one with Add in its name adds to it.
/// </summary>
/// <remarks>
/// Error of each element: at most (n + 8)·ε times the sum of the magnitudes of its n terms, ε = 2⁻²⁴ (float) or 2⁻⁵³ (double)
/// (MatrixTests). On one instruction set the bits depend neither on alignment nor on the number of rows. A destination or workspace
/// may share no memory with an operand. Sizes of zero are legal: an empty sum is zero. All methods allocate nothing and may be called
/// from a real-time thread. Before anything is written they throw <see cref="ArgumentException"/> for a wrong length or overlapping
/// memory and <see cref="ArgumentOutOfRangeException"/> for a negative size.
/// </remarks>
public static class Matrix
{
    /// <summary>y ← A·x</summary>
    /// <param name="a">[rows, columns] in.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="columns">Columns of A.</param>
    /// <param name="x">[columns] in.</param>
    /// <param name="y">[rows] out.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void Multiply<T>(ReadOnlySpan<T> a, int rows, int columns, ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckVectors<T>(a, rows, columns, x, columns, y, rows);
        MatrixProduct.Dot(new(x, 1, columns), new MatrixView<T>(a, rows, columns).Transposed, new MatrixView<T>(y, 1, rows));
    }

    /// <summary>y ← A·x + y</summary>
    /// <inheritdoc cref="Multiply{T}(ReadOnlySpan{T}, int, int, ReadOnlySpan{T}, Span{T})"/>
    public static void MultiplyAdd<T>(ReadOnlySpan<T> a, int rows, int columns, ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckVectors<T>(a, rows, columns, x, columns, y, rows);
        MatrixProduct.DotAdd(new(x, 1, columns), new MatrixView<T>(a, rows, columns).Transposed, new MatrixView<T>(y, 1, rows));
    }

    /// <summary>y ← Aᵀ·x</summary>
    /// <param name="a">[rows, columns] in.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="columns">Columns of A.</param>
    /// <param name="x">[rows] in.</param>
    /// <param name="y">[columns] out.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void MultiplyTransposed<T>(ReadOnlySpan<T> a, int rows, int columns, ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckVectors<T>(a, rows, columns, x, rows, y, columns);
        MatrixProduct.Vector(new MatrixView<T>(x, 1, rows), new MatrixView<T>(a, rows, columns), y);
    }

    /// <summary>y ← Aᵀ·x + y</summary>
    /// <inheritdoc cref="MultiplyTransposed{T}(ReadOnlySpan{T}, int, int, ReadOnlySpan{T}, Span{T})"/>
    public static void MultiplyTransposedAdd<T>(ReadOnlySpan<T> a, int rows, int columns, ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckVectors<T>(a, rows, columns, x, rows, y, columns);
        MatrixProduct.VectorAdd(new MatrixView<T>(x, 1, rows), new MatrixView<T>(a, rows, columns), y);
    }

    /// <summary>Length of the workspace of a product of matrices; about 800 KiB for large ones.</summary>
    /// <param name="rows">Rows of C.</param>
    /// <param name="inner">Terms of each sum.</param>
    /// <param name="columns">Columns of C.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>The length.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public static int WorkspaceLength<T>(int rows, int inner, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.NotNegative(rows);
        Guard.NotNegative(inner);
        Guard.NotNegative(columns);
        return MatrixProduct.WorkspaceLength<T>(rows, inner, columns);
    }

    /// <summary>C ← A·B</summary>
    /// <param name="a">[rows, inner] in.</param>
    /// <param name="b">[inner, columns] in.</param>
    /// <param name="rows">Rows of C.</param>
    /// <param name="inner">Terms of each sum.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="c">[rows, columns] out.</param>
    /// <param name="workspace">[WorkspaceLength(rows, inner, columns)] undefined before and after.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void Multiply<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckMatrices<T>(a, b, rows, inner, columns, c, workspace);
        MatrixProduct.Multiply(new(a, rows, inner), new(b, inner, columns), new(c, rows, columns), workspace);
    }

    /// <summary>C ← A·B + C</summary>
    /// <inheritdoc cref="Multiply{T}(ReadOnlySpan{T}, ReadOnlySpan{T}, int, int, int, Span{T}, Span{T})"/>
    public static void MultiplyAdd<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckMatrices<T>(a, b, rows, inner, columns, c, workspace);
        MatrixProduct.MultiplyAdd(new(a, rows, inner), new(b, inner, columns), new(c, rows, columns), workspace);
    }

    /// <summary>C ← Aᵀ·B</summary>
    /// <param name="a">[inner, rows] in.</param>
    /// <param name="b">[inner, columns] in.</param>
    /// <param name="rows">Rows of C.</param>
    /// <param name="inner">Terms of each sum.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="c">[rows, columns] out.</param>
    /// <param name="workspace">[WorkspaceLength(rows, inner, columns)] undefined before and after.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void MultiplyTransposedLeft<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckMatrices<T>(a, b, rows, inner, columns, c, workspace);
        MatrixProduct.Multiply(new MatrixView<T>(a, inner, rows).Transposed, new(b, inner, columns), new(c, rows, columns), workspace);
    }

    /// <summary>C ← Aᵀ·B + C</summary>
    /// <inheritdoc cref="MultiplyTransposedLeft{T}"/>
    public static void MultiplyTransposedLeftAdd<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckMatrices<T>(a, b, rows, inner, columns, c, workspace);
        MatrixProduct.MultiplyAdd(new MatrixView<T>(a, inner, rows).Transposed, new(b, inner, columns), new(c, rows, columns), workspace);
    }

    /// <summary>C ← A·Bᵀ</summary>
    /// <param name="a">[rows, inner] in.</param>
    /// <param name="b">[columns, inner] in.</param>
    /// <param name="rows">Rows of C.</param>
    /// <param name="inner">Terms of each sum.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="c">[rows, columns] out.</param>
    /// <param name="workspace">[WorkspaceLength(rows, inner, columns)] undefined before and after.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void MultiplyTransposedRight<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckMatrices<T>(a, b, rows, inner, columns, c, workspace);
        MatrixProduct.Multiply(new(a, rows, inner), new MatrixView<T>(b, columns, inner).Transposed, new(c, rows, columns), workspace);
    }

    /// <summary>C ← A·Bᵀ + C</summary>
    /// <inheritdoc cref="MultiplyTransposedRight{T}"/>
    public static void MultiplyTransposedRightAdd<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckMatrices<T>(a, b, rows, inner, columns, c, workspace);
        MatrixProduct.MultiplyAdd(new(a, rows, inner), new MatrixView<T>(b, columns, inner).Transposed, new(c, rows, columns), workspace);
    }

    private static void CheckVectors<T>(
        ReadOnlySpan<T> a, int rows, int columns, ReadOnlySpan<T> x, int xLength, ReadOnlySpan<T> y, int yLength)
    {
        Guard.Precision<T>();
        Guard.NotNegative(rows);
        Guard.NotNegative(columns);
        Guard.Length(a, (long)rows * columns, "rows × columns");
        Guard.Length(x, xLength, xLength == columns ? "columns" : "rows");
        Guard.Length(y, yLength, yLength == rows ? "rows" : "columns");
        Guard.NoOverlap(y, a);
        Guard.NoOverlap(y, x);
    }

    private static void CheckMatrices<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, ReadOnlySpan<T> c, ReadOnlySpan<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.NotNegative(rows);
        Guard.NotNegative(inner);
        Guard.NotNegative(columns);
        Guard.Length(a, (long)rows * inner, "rows × inner");
        Guard.Length(b, (long)inner * columns, "inner × columns");
        Guard.Length(c, (long)rows * columns, "rows × columns");
        Guard.Length(workspace, MatrixProduct.WorkspaceLength<T>(rows, inner, columns), "WorkspaceLength(rows, inner, columns)");
        Guard.NoOverlap(c, a);
        Guard.NoOverlap(c, b);
        Guard.NoOverlap(workspace, a);
        Guard.NoOverlap(workspace, b);
        Guard.NoOverlap(workspace, c);
    }
}
