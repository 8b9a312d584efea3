using System.Numerics;
using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using SpanRnn.Core.Memory;

namespace SpanRnn.Tests;

/// <summary>Packed matrices against the plain products, over sizes, batches, directions and kinds of memory.</summary>
[Trait("Category", "Simd")]
public class PackedMatrixTests
{
    private static readonly int[] _offsets = [0, 1, 7];

    [Property(MaxTest = 150, Arbitrary = [typeof(Shapes)])]
    public void Products_are_within_the_bound_on_drawn_shapes((int Rows, int Columns, int Batch) shape)
    {
        Check<float>(shape.Rows, shape.Columns, shape.Batch);
        Check<double>(shape.Rows, shape.Columns, shape.Batch);
    }

    [Fact]
    public void Every_length_is_within_the_bound()
    {
        for (int length = 0; length <= 130; length++)
        {
            Check<float>(length, 5, 1);
            Check<float>(5, length, 1);
            Check<double>(length, 3, 1);
            Check<double>(3, length, 2);
        }
    }

    // Plain memory, a piece of an arena, an arena of its own; odd sizes across the blocks of terms.
    [Theory]
    [InlineData(257, 131)]
    [InlineData(515, 257)]
    [InlineData(1027, 523)]
    public void Large_products_are_within_the_bound(int rows, int columns)
    {
        Check<float>(rows, columns, 1);
        Check<float>(rows, columns, 7);
        Check<double>(rows, columns, 1);
    }

    // Loops that counted up to the other size would not end, since a count of blocks overflows.
    [Fact]
    public void Beside_a_size_of_zero_the_others_may_be_the_largest()
    {
        new PackedMatrix<float>([], 0, 0).Multiply([], int.MaxValue, []);
        new PackedMatrix<float>([], int.MaxValue, 0).Multiply([], 0, []);
        new PackedMatrix<float>([], 0, int.MaxValue).MultiplyAdd([], 0, []);
    }

    [Property(MaxTest = 60, Arbitrary = [typeof(Shapes)])]
    public void A_vector_has_the_same_bits_in_either_direction_and_in_a_batch((int Rows, int Columns, int Batch) shape)
    {
        SameBits<float>(shape.Rows, shape.Columns, shape.Batch);
        SameBits<double>(shape.Rows, shape.Columns, shape.Batch);
    }

    [Fact]
    public void A_large_vector_has_the_same_bits_in_either_direction_and_in_a_batch() => SameBits<float>(515, 300, 3);

    [Fact]
    public void What_would_be_denormal_counts_as_zero_and_a_NaN_does_not()
    {
        float[] a = [2, 3, 4];
        var packed = new PackedMatrix<float>(a, 1, 3);
        float[] y = new float[1];
        packed.Multiply([1e-31f, 1, -1e-40f], 1, y);
        Assert.Equal(3f, y[0]);
        packed.Multiply([1e-29f, 0, 0], 1, y);
        Assert.Equal(2e-29f, y[0]);
        packed.Multiply([float.NaN, 0, 0], 1, y);
        Assert.True(float.IsNaN(y[0]));

        var wide = new PackedMatrix<double>([2, 3], 1, 2);
        double[] z = new double[1];
        wide.Multiply([1e-291, 1e-289], 1, z);
        Assert.Equal(3e-289, z[0]);
    }

    [Fact]
    public void Threads_share_one_matrix()
    {
        (float[] a, float[] x, _) = Operands<float>(384, 256, 1);
        var packed = new PackedMatrix<float>(a, 384, 256);
        float[] expected = new float[384];
        packed.Multiply(x, 1, expected);
        Parallel.For(0, 8, _ =>
        {
            float[] y = new float[384];
            for (int i = 0; i < 50; i++)
            {
                packed.Multiply(x, 1, y);
                Assert.Equal(expected, y);
            }
        });
    }

    [Fact]
    public void Wrong_arguments_throw_and_nothing_is_written()
    {
        var packed = new PackedMatrix<float>(new float[12], 3, 4);
        float[] y = new float[6];
        Refused("'x' has 7 elements, expected 8 = batch × Columns. (Parameter 'x')", () => packed.Multiply(new float[7], 2, y));
        Refused("'y' has 6 elements, expected 3 = batch × Rows. (Parameter 'y')", () => packed.MultiplyAdd(new float[4], 1, y));
        Assert.Throws<ArgumentOutOfRangeException>(() => packed.Multiply(new float[4], -1, y));
        float[] shared = new float[8];
        Assert.Throws<ArgumentException>(() => packed.Multiply(shared.AsSpan(0, 4), 1, shared.AsSpan(3, 3)));
        Assert.All(y, value => Assert.Equal(0f, value));
        Assert.All(shared, value => Assert.Equal(0f, value));

        Refused("'a' has 5 elements, expected 6 = rows × columns. (Parameter 'a')", () => Make<float>(5, 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make<float>(0, -1, 3));
        Assert.Throws<ArgumentException>(() => Make<float>(0, 65536, 65536));
        Assert.Throws<NotSupportedException>(() => Make<Half>(0, 0, 0));

        // One row becomes a panel of 32.
        ArgumentOutOfRangeException failure = Assert.Throws<ArgumentOutOfRangeException>(
            () => Make<float>((1 << 25) + 1, 1, (1 << 25) + 1));
        Assert.Equal(
            "'length' is 1073741856 = columns × rows rounded up to 128 bytes, expected at most 1073741824. (Parameter 'length')",
            failure.Message);

        static void Refused(string sentence, Action call) =>
            Assert.Equal(sentence, Assert.Throws<ArgumentException>(call).Message);
    }

    [Fact]
    public void Packed_memory_is_aligned_and_pieces_do_not_overlap()
    {
        var pieces = new List<(nint First, nint End)>();
        var alive = new List<PackedMemory<float>>();
        foreach (int kib in (int[])[1, 255, 256, 300, 700, 900, 1500, 2047, 2048, 2049, 5000, 260])
        {
            var memory = PackedMemory<float>.Allocate(kib * 256);
            Assert.Equal(kib * 256, memory.Span.Length);
            nint first = Address(ref memory.Span[0]);
            Assert.Equal(0, first % (kib >= 2048 ? HugePages.Size : 64));
            memory.Span.Fill(kib);
            alive.Add(memory);
            pieces.Add((first, first + (kib * 1024)));
        }

        pieces.Sort();
        for (int i = 1; i < pieces.Count; i++)
        {
            Assert.True(pieces[i].First >= pieces[i - 1].End, $"Piece {i} starts inside the one before.");
        }

        GC.KeepAlive(alive);

        static nint Address(ref float place) => Unsafe.ByteOffset(ref Unsafe.NullRef<float>(), ref place);
    }

    private static PackedMatrix<T> Make<T>(int length, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => new(new T[length], rows, columns);

    private static void Check<T>(int rows, int columns, int batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T[] a, T[] x, T[] old) = Operands<T>(rows, columns, batch);
        int offset = _offsets[(rows + columns) % _offsets.Length];
        var guardedA = Guarded<T>.Input(a, offset);
        var packed = new PackedMatrix<T>(guardedA.Span, rows, columns);
        foreach (bool add in (bool[])[false, true, false])
        {
            var guardedX = Guarded<T>.Input(x, offset);
            var y = Guarded<T>.Output(old, offset);
            if (add)
            {
                packed.MultiplyAdd(guardedX.Span, batch, y.Span);
            }
            else
            {
                packed.Multiply(guardedX.Span, batch, y.Span);
            }

            y.AssertIntact();
            double epsilon = typeof(T) == typeof(float) ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);
            for (int i = 0; i < batch * rows; i++)
            {
                var sum = new TwiceTheSum();
                if (add)
                {
                    sum.Add(1, double.CreateTruncating(old[i]));
                }

                for (int k = 0; k < columns; k++)
                {
                    T left = a[(i % rows * columns) + k];
                    T right = x[(i / rows * columns) + k];
                    sum.Add(double.CreateTruncating(left), double.CreateTruncating(right));
                }

                double error = sum.DistanceTo(double.CreateTruncating(y.Span[i]));
                Assert.True(
                    error <= (columns + 8) * epsilon * sum.Magnitudes,
                    $"[{rows}, {columns}] batch {batch}: number {i} is off by {error / epsilon / sum.Magnitudes:g3} ε.");
            }
        }
    }

    private static void SameBits<T>(int rows, int columns, int batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T[] a, T[] x, T[] all) = Operands<T>(rows, columns, batch);
        var packed = new PackedMatrix<T>(a, rows, columns);
        packed.Multiply(x, batch, all);
        T[] forwards = new T[rows], backwards = new T[rows];
        for (int i = 0; i < batch; i++)
        {
            packed.Multiply(x.AsSpan(i * columns, columns), 1, forwards);
            packed.Multiply(x.AsSpan(i * columns, columns), 1, backwards);
            Assert.Equal(forwards, backwards);
            Assert.True(all.AsSpan(i * rows, rows).SequenceEqual(forwards), $"[{rows}, {columns}]: row {i} has other bits alone.");
        }
    }

    // Thousandths: nothing is small enough to be flushed to zero.
    private static (T[] A, T[] X, T[] Y) Operands<T>(int rows, int columns, int batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new RandomSource(5);
        T[] a = new T[rows * columns], x = new T[batch * columns], y = new T[batch * rows];
        foreach (T[] numbers in (T[][])[a, x, y])
        {
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = T.CreateTruncating(random.NextInt(2001) - 1000) / T.CreateTruncating(1000);
            }
        }

        return (a, x, y);
    }

    private static class Shapes
    {
        public static Arbitrary<(int Rows, int Columns, int Batch)> Draws() => Arb.From(
            from rows in Gen.Choose(0, 150)
            from columns in Gen.Choose(0, 70)
            from batch in Gen.Choose(0, 15)
            select (rows, columns, batch));
    }
}
