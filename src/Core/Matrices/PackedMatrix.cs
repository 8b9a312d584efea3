using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>
/// Matrix A [rows, columns] that is packed once, so that products with it run at the speed at which its numbers can be read:
/// y ← A·x for one vector or for every row of a batch.
/// </summary>
/// <remarks>
/// <para>A packed matrix is immutable, so any number of threads may share it. Its memory is a pinned managed array, in huge pages where the
/// matrix is large and the system has them; there is nothing to dispose. Products allocate nothing and may be called from a real-time
/// thread.</para>
/// <para>Every product with a vector reads the groups of rows in the opposite order of the one before. Where the matrix is somewhat larger
/// than a cache, the groups that were read last are then still in it. Results do not depend on the order.</para>
/// <para>Error of each element: at most (n + 8)·ε times the sum of the magnitudes of its n terms, ε = 2⁻²⁴ (float) or 2⁻⁵³ (double)
/// (PackedMatrixTests). In a product with one vector, numbers of x whose magnitude is below 10⁻³⁰ (float) or 10⁻²⁹⁰ (double) count as
/// zero, so that a state or signal that has died away costs no more than any other. In a batch they are multiplied as they are. But for
/// such numbers, the bits depend neither on alignment nor on the batch on one instruction set.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class PackedMatrix<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly PackedMemory<T> _memory;

    // Threads may race on this field: either value is a direction.
    private bool _backwards;

    /// <summary>
    /// Packs A. Allocates rows × columns numbers, the rows rounded up to a multiple of 128 bytes. From 2 MiB on it allocates whole huge
    /// pages and one more; the system need not provide the part that is never touched.
    /// </summary>
    /// <param name="a">[rows, columns] in; not kept.</param>
    /// <param name="rows">Rows of A; 0 is legal.</param>
    /// <param name="columns">Columns of A; 0 is legal.</param>
    /// <exception cref="ArgumentException"><paramref name="a"/> has another length than rows × columns.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or more than 2³⁰ numbers would be allocated.</exception>
    public PackedMatrix(ReadOnlySpan<T> a, int rows, int columns)
    {
        Guard.Precision<T>();
        Guard.NotNegative(rows);
        Guard.NotNegative(columns);
        Guard.Length(a, (long)rows * columns, "rows × columns");
        long length = Panels<T>.Length(columns, rows);
        Guard.AtMost(length, 1 << 30, "columns × rows rounded up to 128 bytes");
        Rows = rows;
        Columns = columns;
        _memory = PackedMemory<T>.Allocate((int)length);
        Panels<T>.Pack(new MatrixView<T>(a, rows, columns).Transposed, _memory.Span);
    }

    /// <summary>Rows of A: numbers of y.</summary>
    public int Rows { get; }

    /// <summary>Columns of A: numbers of x.</summary>
    public int Columns { get; }

    /// <summary>Y ← X·Aᵀ: each row of Y is A times that row of X.</summary>
    /// <param name="x">[batch, Columns] in.</param>
    /// <param name="batch">Rows of X and Y; 1 for a single vector, 0 does nothing.</param>
    /// <param name="y">[batch, Rows] out; may not overlap <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">A span has the wrong length, or the spans overlap.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batch"/> is negative.</exception>
    public void Multiply(ReadOnlySpan<T> x, int batch, Span<T> y) => Run(x, batch, y, add: false);

    /// <summary>Y ← X·Aᵀ + Y</summary>
    /// <inheritdoc cref="Multiply"/>
    public void MultiplyAdd(ReadOnlySpan<T> x, int batch, Span<T> y) => Run(x, batch, y, add: true);

    private void Run(ReadOnlySpan<T> x, int batch, Span<T> y, bool add)
    {
        Guard.NotNegative(batch);
        Guard.Length(x, (long)batch * Columns, "batch × Columns");
        Guard.Length<T>(y, (long)batch * Rows, "batch × Rows");
        Guard.NoOverlap(y, x);

        if (batch == 1)
        {
            RunVector(x, y, add);
        }
        else
        {
            RunBatch(x, batch, y, add);
        }
    }

    private void RunVector(ReadOnlySpan<T> x, Span<T> y, bool add)
    {
        bool backwards = _backwards;
        _backwards = !backwards;
        Panels<T> panels = new(_memory.Span, Columns, Rows);
        Dispatch.Run<T, VectorKernel<T, FlushToZero>>(
            new VectorKernel<T, FlushToZero>(new MatrixView<T>(x, 1, Columns), panels, y, add, backwards));
    }

    private void RunBatch(ReadOnlySpan<T> x, int batch, Span<T> y, bool add)
    {
        Panels<T> panels = new(_memory.Span, Columns, Rows);
        OperandA<T> operandA = new(new MatrixView<T>(x, batch, Columns));
        MatrixView<T> output = new(y, batch, Rows);
        Dispatch.Run<T, ProductKernel<T>>(new ProductKernel<T>(operandA, panels, add ? output : default, output));
    }
}
