using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>Every product at every width against sums of twice the precision; bits, guards and arguments.</summary>
[Trait("Category", "Simd")]
public class MatrixTests
{
    private static readonly int[] _offsets = [0, 1, 7];

    // Small sizes meet every tail. Large ones cross the blocks of terms, rows and columns and leave rests everywhere.
    private static readonly Shape[] _large =
    [
        new(1, 257, 515), new(5, 515, 257), new(257, 9, 70), new(67, 300, 131), new(515, 1, 3), new(3, 1031, 33), new(13, 64, 1031),
    ];

    private delegate void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Shape shape, Span<T> c);

    [Property(MaxTest = 150, Arbitrary = [typeof(Shapes)])]
    internal void Float_products_are_within_the_bound_on_drawn_shapes(Shape shape) => CheckAll<float>(shape);

    [Property(MaxTest = 150, Arbitrary = [typeof(Shapes)])]
    internal void Double_products_are_within_the_bound_on_drawn_shapes(Shape shape) => CheckAll<double>(shape);

    [Fact]
    public void Float_products_are_within_the_bound_on_large_shapes() => Array.ForEach(_large, CheckAll<float>);

    [Fact]
    public void Double_products_are_within_the_bound_on_large_shapes() => Array.ForEach(_large, CheckAll<double>);

    [Property(MaxTest = 20, Arbitrary = [typeof(Shapes)])]
    internal void Every_width_is_within_the_bound(Shape shape) => CheckEveryWidth(shape, 1);

    [Fact]
    public void Every_width_is_within_the_bound_on_large_shapes() => Array.ForEach(_large[..2], shape => CheckEveryWidth(shape, 0));

    [Property(MaxTest = 50, Arbitrary = [typeof(Shapes)])]
    internal void Bits_do_not_depend_on_alignment(Shape shape)
    {
        SameBitsAtEveryOffset<float>(shape);
        SameBitsAtEveryOffset<double>(shape);
    }

    [Property(MaxTest = 50, Arbitrary = [typeof(Shapes)])]
    internal void A_row_alone_has_the_bits_that_it_has_in_a_batch(Shape shape)
    {
        RowsAlone<float>(shape);
        RowsAlone<double>(shape);
    }

    [Fact]
    public void A_row_alone_has_the_bits_that_it_has_in_a_large_batch() => Array.ForEach(_large, RowsAlone<float>);

    [Property(MaxTest = 50, Arbitrary = [typeof(Shapes)])]
    internal void A_vector_times_a_matrix_has_the_bits_that_it_has_as_a_row_of_a_batch(Shape shape)
    {
        VectorAlone<float>(shape);
        VectorAlone<double>(shape);
    }

    // Lengths 0 to 130 of each of the three sizes, which meet every combination of whole registers and rests.
    [Fact]
    public void Every_length_is_within_the_bound()
    {
        for (int length = 0; length <= 130; length++)
        {
            CheckAll<float>(new Shape(length, 3, 5));
            CheckAll<float>(new Shape(3, length, 5));
            CheckAll<float>(new Shape(5, 3, length));
            CheckAll<double>(new Shape(length, 2, 4));
            CheckAll<double>(new Shape(2, length, 3));
            CheckAll<double>(new Shape(4, 3, length));
        }
    }

    [Fact]
    public void A_transposed_left_side_is_copied_group_by_group()
    {
        foreach (int columns in (int[])[0, 1, 9, 16, 37])
        {
            foreach (int rows in (int[])[1, 5, 11, 12, 13, 16, 23, 24, 25, 36, 40, 96])
            {
                Copies<float>(rows, columns);
                Copies<double>(rows, columns);
            }
        }

        static void Copies<T>(int rows, int columns)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            (T[] a, _, _) = Operands<T>(new Shape(rows, columns, 1));
            var memory = Guarded<T>.Output(new T[OperandA<T>.Length(rows, columns)], 1);
            var source = Guarded<T>.Input(a, 3);
            OperandA<T>.Pack(new MatrixView<T>(source.Span, columns, rows).Transposed, memory.Span);
            memory.AssertIntact();
            for (int i = 0; i < rows; i++)
            {
                for (int k = 0; k < columns; k++)
                {
                    (int group, int rest) = Math.DivRem(i, OperandA<T>.Group);
                    int place = (group * OperandA<T>.GroupLength(columns)) + (k * OperandA<T>.Group) + rest;
                    Assert.Equal(a[(k * rows) + i], memory.Span[place]);
                }
            }
        }
    }

    [Fact]
    public void Wrong_arguments_throw_and_nothing_is_written()
    {
        foreach (Product<float> product in Public<float>())
        {
            Refuses(product);
        }
    }

    [Fact]
    public void Overflowing_sizes_are_refused()
    {
        // 65536 × 65536 is 0 in 32 bits: the length of an empty span.
        ArgumentException failure = Assert.Throws<ArgumentException>(
            () => Matrix.Multiply<float>([], 65536, 65536, new float[65536], new float[65536]));
        Assert.Equal("'a' has 0 elements, expected 4294967296 = rows × columns. (Parameter 'a')", failure.Message);
        Assert.Throws<ArgumentException>(() => Matrix.Multiply<float>([], [], 65536, 65536, 65536, [], []));
    }

    // Loops that counted up to the other size would not end, since a count of blocks overflows.
    [Fact]
    public void Beside_sizes_of_zero_the_other_may_be_the_largest()
    {
        foreach (Product<float> product in Public<float>().Where(product => !product.Vector))
        {
            product.Run([], [], new Shape(int.MaxValue, 0, 0), []);
            product.Run([], [], new Shape(0, int.MaxValue, 0), []);
            product.Run([], [], new Shape(0, 0, int.MaxValue), []);
        }
    }

    [Fact]
    public void A_wrong_workspace_is_refused()
    {
        float[] a = new float[12], b = new float[20], c = new float[15];
        int length = Matrix.WorkspaceLength<float>(3, 4, 5);
        Refused(a, new float[length - 1]);
        Refused(a, new float[length + 1]);
        float[] shared = new float[length + 11];
        Refused(shared.AsMemory(length - 1, 12), shared.AsMemory(0, length));
        Assert.All(c, value => Assert.Equal(0f, value));

        void Refused(Memory<float> left, Memory<float> workspace) => Assert.Equal("workspace", Assert.Throws<ArgumentException>(
            () => Matrix.Multiply<float>(left.Span, b, 3, 4, 5, c, workspace.Span)).ParamName);
    }

    // Whole numbers, so that every sum is exact. Tiles of two panels are used on processors with 32 registers only.
    [Fact]
    public void Every_tile_is_exact_at_every_width()
    {
        foreach (int bits in Widths.All)
        {
            for (int rows = 1; rows <= Tile<float>.Highest; rows++)
            {
                for (int inner = 0; inner <= 9; inner++)
                {
                    Widths.Run<float, TileCheck<float>>(bits, new(rows, inner));
                    Widths.Run<double, TileCheck<double>>(bits, new(rows, inner));
                }
            }
        }
    }

    [Fact]
    public void Half_has_no_kernel()
    {
        NotSupportedException failure = Assert.Throws<NotSupportedException>(
            () => Matrix.Multiply(new Half[1], 1, 1, new Half[1], new Half[1]));
        Assert.Equal("The element type is Half, expected Single or Double.", failure.Message);
    }

    // The worth of the checks above: each of these products is wrong in one way that has been seen in the field.
    [Theory]
    [InlineData("last term left out")]
    [InlineData("adds instead of overwriting")]
    [InlineData("overwrites instead of adding")]
    [InlineData("one column of B too far")]
    [InlineData("rounded to less precision")]
    [InlineData("reads behind A")]
    [InlineData("writes behind C")]
    public void A_wrong_product_is_found(string fault)
    {
        Assert.ThrowsAny<Exception>(() => Check(Faulty(fault), new Shape(5, 9, 7), 1));
        Check(Faulty("none"), new Shape(5, 9, 7), 1);
    }

    private static void CheckAll<T>(Shape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (Product<T> product in Public<T>())
        {
            // A vector is a matrix of one column.
            Shape suited = product.Vector ? shape with { Columns = 1 } : shape;
            Check(product, suited, _offsets[(shape.Rows + shape.Columns) % _offsets.Length]);
        }
    }

    private static void CheckEveryWidth(Shape shape, int offset)
    {
        foreach (int bits in Widths.All)
        {
            foreach (Product<float> product in AtWidth<float>(bits))
            {
                Check(product, shape, offset);
            }

            foreach (Product<double> product in AtWidth<double>(bits))
            {
                Check(product, shape, offset);
            }
        }
    }

    // |c − Σ| ≤ (n + 8)·ε·Σ|terms|, no guard read or written, no operand changed.
    private static void Check<T>(Product<T> product, Shape shape, int offset)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T[] a, T[] b, T[] old) = Operands<T>(shape);
        var guardedA = Guarded<T>.Input(a, offset);
        var guardedB = Guarded<T>.Input(b, offset / 2);
        var guardedC = Guarded<T>.Output(old, offset);
        product.Run(guardedA.Span, guardedB.Span, shape, guardedC.Span);

        guardedC.AssertIntact();
        Assert.True(guardedA.Span.SequenceEqual(a) && guardedB.Span.SequenceEqual(b), $"{product.Name} changed an operand.");
        double epsilon = typeof(T) == typeof(float) ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);
        for (int i = 0; i < shape.Rows; i++)
        {
            for (int j = 0; j < shape.Columns; j++)
            {
                int index = (i * shape.Columns) + j;
                var sum = new TwiceTheSum();
                if (product.Adds)
                {
                    sum.Add(1, double.CreateTruncating(old[index]));
                }

                for (int k = 0; k < shape.Inner; k++)
                {
                    T left = a[product.TransposesA ? (k * shape.Rows) + i : (i * shape.Inner) + k];
                    T right = b[product.TransposesB ? (j * shape.Inner) + k : (k * shape.Columns) + j];
                    sum.Add(double.CreateTruncating(left), double.CreateTruncating(right));
                }

                double actual = double.CreateTruncating(guardedC.Span[index]);
                double error = sum.DistanceTo(actual);
                Assert.True(
                    error <= (shape.Inner + 8) * epsilon * sum.Magnitudes,
                    $"{product.Name} {shape}: element ({i}, {j}) is {actual:r}, off by {error / epsilon / sum.Magnitudes:g3} ε.");
            }
        }
    }

    private static void SameBitsAtEveryOffset<T>(Shape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T[] a, T[] b, T[] old) = Operands<T>(shape);
        foreach (Product<T> product in Public<T>().Where(product => !product.Vector))
        {
            T[]? first = null;
            foreach (int offset in _offsets)
            {
                var c = Guarded<T>.Output(old, offset);
                product.Run(Guarded<T>.Input(a, offset).Span, Guarded<T>.Input(b, (offset + 1) % 4).Span, shape, c.Span);
                first ??= c.Span.ToArray();
                Assert.True(c.Span.SequenceEqual(first), $"{product.Name} {shape}: other bits at offset {offset}.");
            }
        }
    }

    private static void RowsAlone<T>(Shape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T[] a, T[] b, T[] old) = Operands<T>(shape);
        foreach (Product<T> product in Public<T>().Where(product => !product.Vector))
        {
            var batch = (T[])old.Clone();
            product.Run(a, b, shape, batch);
            for (int i = 0; i < shape.Rows; i++)
            {
                var row = new T[shape.Inner];
                for (int k = 0; k < row.Length; k++)
                {
                    row[k] = a[product.TransposesA ? (k * shape.Rows) + i : (i * shape.Inner) + k];
                }

                T[] alone = old.AsSpan(i * shape.Columns, shape.Columns).ToArray();
                product.Run(row, b, shape with { Rows = 1 }, alone);
                bool same = batch.AsSpan(i * shape.Columns, shape.Columns).SequenceEqual(alone);
                Assert.True(same, $"{product.Name} {shape}: row {i} has other bits.");
            }
        }
    }

    private static void VectorAlone<T>(Shape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (int rows, int inner, int columns) = shape;
        (T[] x, T[] a, T[] batch) = Operands<T>(shape);
        var alone = new T[columns];
        Matrix.Multiply<T>(x, a, rows, inner, columns, batch, Workspace<T>(shape));
        for (int i = 0; i < rows; i++)
        {
            Matrix.MultiplyTransposed<T>(a, inner, columns, x.AsSpan(i * inner, inner), alone);
            Assert.True(batch.AsSpan(i * columns, columns).SequenceEqual(alone), $"{shape}: row {i}.");
        }
    }

    private static void Refuses(Product<float> product)
    {
        var shape = new Shape(3, 4, product.Vector ? 1 : 5);
        float[] a = new float[12], b = new float[4 * shape.Columns], memory = new float[64];
        Memory<float> c = memory.AsMemory(0, 3 * shape.Columns);

        Refused("a", () => product.Run(new float[11], b, shape, c.Span));
        Refused("a", () => product.Run(new float[13], b, shape, c.Span));
        Refused(product.Vector ? "x" : "b", () => product.Run(a, new float[b.Length - 1], shape, c.Span));
        Refused(product.Vector ? "x" : "b", () => product.Run(a, new float[b.Length + 1], shape, c.Span));
        Refused(product.Vector ? "y" : "c", () => product.Run(a, b, shape, c.Span[..^1]));
        Refused(product.Vector ? "y" : "c", () => product.Run(a, b, shape, memory.AsSpan(0, c.Length + 1)));

        // One number in common is enough.
        Refused(product.Vector ? "y" : "c", () => product.Run(memory.AsSpan(c.Length - 1, 12), b, shape, c.Span));
        Refused(product.Vector ? "y" : "c", () => product.Run(a, memory.AsSpan(c.Length - 1, b.Length), shape, c.Span));
        Refused(null, () => product.Run(a, b, shape with { Rows = -3 }, c.Span));
        Refused(null, () => product.Run(a, b, shape with { Inner = -4 }, c.Span));
        if (!product.Vector)
        {
            Refused("columns", () => product.Run(a, b, shape with { Columns = -5 }, c.Span));
        }

        Assert.All(memory, value => Assert.Equal(0f, value));

        void Refused(string? name, Action call)
        {
            Array.Fill(a, 1f);
            Array.Fill(b, 1f);
            ArgumentException failure = Assert.ThrowsAny<ArgumentException>(call);
            Assert.Contains("expected", failure.Message, StringComparison.Ordinal);
            Assert.Equal(name ?? failure.ParamName, failure.ParamName);
            Assert.NotNull(failure.ParamName);
        }
    }

    [Theory]
    [InlineData(1, 7, 5)]
    [InlineData(13, 40, 37)]
    [InlineData(32, 600, 48)]
    public void Sums_start_from_one_row_for_all_as_from_copies_of_it(int rows, int inner, int columns)
    {
        Shape shape = new(rows, inner, columns);
        (float[] a, float[] b, float[] c) = Operands<float>(shape);
        float[] bias = c[..columns];
        float[] expected = new float[c.Length];
        for (int row = 0; row < rows; row++)
        {
            bias.CopyTo(expected, row * columns);
        }

        float[] memory = Poisoned<float>((int)Panels<float>.Length(inner, columns));
        var panels = Panels<float>.Pack(new MatrixView<float>(b, inner, columns), memory);
        MatrixProduct.MultiplyAdd(new MatrixView<float>(a, rows, inner), panels, new MatrixView<float>(expected, rows, columns));

        MatrixProduct.MultiplyAdd(
            new MatrixView<float>(a, rows, inner),
            panels,
            new MatrixView<float>(bias, rows, columns, stride: 0),
            new MatrixView<float>(c, rows, columns));

        Assert.Equal(expected, c);
    }

    private static (T[] A, T[] B, T[] C) Operands<T>(Shape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new RandomSource(3);
        var a = new T[shape.Rows * shape.Inner];
        var b = new T[shape.Inner * shape.Columns];
        var c = new T[shape.Rows * shape.Columns];
        random.Fill<T>(a, -1, 1);
        random.Fill<T>(b, -1, 1);
        random.Fill<T>(c, -1, 1);
        return (a, b, c);
    }

    private static Product<T>[] Public<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
    [
        new("A·x", false, false, false, true, static (a, b, s, c) => Matrix.Multiply(a, s.Rows, s.Inner, b, c)),
        new("A·x + y", false, false, true, true, static (a, b, s, c) => Matrix.MultiplyAdd(a, s.Rows, s.Inner, b, c)),
        new("Aᵀ·x", true, false, false, true, static (a, b, s, c) => Matrix.MultiplyTransposed(a, s.Inner, s.Rows, b, c)),
        new("Aᵀ·x + y", true, false, true, true, static (a, b, s, c) => Matrix.MultiplyTransposedAdd(a, s.Inner, s.Rows, b, c)),
        new("A·B", false, false, false, false,
            static (a, b, s, c) => Matrix.Multiply(a, b, s.Rows, s.Inner, s.Columns, c, Workspace<T>(s))),
        new("A·B + C", false, false, true, false,
            static (a, b, s, c) => Matrix.MultiplyAdd(a, b, s.Rows, s.Inner, s.Columns, c, Workspace<T>(s))),
        new("Aᵀ·B", true, false, false, false,
            static (a, b, s, c) => Matrix.MultiplyTransposedLeft(a, b, s.Rows, s.Inner, s.Columns, c, Workspace<T>(s))),
        new("Aᵀ·B + C", true, false, true, false,
            static (a, b, s, c) => Matrix.MultiplyTransposedLeftAdd(a, b, s.Rows, s.Inner, s.Columns, c, Workspace<T>(s))),
        new("A·Bᵀ", false, true, false, false,
            static (a, b, s, c) => Matrix.MultiplyTransposedRight(a, b, s.Rows, s.Inner, s.Columns, c, Workspace<T>(s))),
        new("A·Bᵀ + C", false, true, true, false,
            static (a, b, s, c) => Matrix.MultiplyTransposedRightAdd(a, b, s.Rows, s.Inner, s.Columns, c, Workspace<T>(s))),
    ];

    private static IEnumerable<Product<T>> AtWidth<T>(int bits)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (bool add in (bool[])[false, true])
        {
            yield return new($"A·B at {bits} bits", false, false, add, false, (a, b, s, c) => RunAt<T>(
                bits, new(a, s.Rows, s.Inner), new(b, s.Inner, s.Columns), new(c, s.Rows, s.Columns), add));
            yield return new($"Aᵀ·B at {bits} bits", true, false, add, false, (a, b, s, c) => RunAt<T>(
                bits, new MatrixView<T>(a, s.Inner, s.Rows).Transposed, new(b, s.Inner, s.Columns), new(c, s.Rows, s.Columns), add));
            yield return new($"A·Bᵀ at {bits} bits", false, true, add, false, (a, b, s, c) => RunAt<T>(
                bits, new(a, s.Rows, s.Inner), new MatrixView<T>(b, s.Columns, s.Inner).Transposed, new(c, s.Rows, s.Columns), add));
            yield return new($"dot products at {bits} bits", false, true, add, false, (a, b, s, c) => Widths.Run<T, DotKernel<T>>(
                bits, new(new(a, s.Rows, s.Inner), new MatrixView<T>(b, s.Columns, s.Inner).Transposed, new(c, s.Rows, s.Columns), add)));
            foreach (bool backwards in (bool[])[false, true])
            {
                yield return new($"rows of A times panels at {bits} bits", false, true, add, false, (a, b, s, c) =>
                {
                    Panels<T> panels = PackAt(bits, new MatrixView<T>(b, s.Columns, s.Inner).Transposed);
                    for (int i = 0; i < s.Rows; i++)
                    {
                        MatrixView<T> x = new(a.Slice(i * s.Inner, s.Inner), 1, s.Inner);
                        Widths.Run<T, VectorKernel<T, FlushToZero>>(
                            bits, new(x, panels, c.Slice(i * s.Columns, s.Columns), add, backwards));
                    }
                });
            }

            yield return new($"columns of A times rows at {bits} bits", true, false, add, false, (a, b, s, c) =>
            {
                MatrixView<T> left = new MatrixView<T>(a, s.Inner, s.Rows).Transposed;
                for (int i = 0; i < s.Rows; i++)
                {
                    Span<T> y = c.Slice(i * s.Columns, s.Columns);
                    Widths.Run<T, VectorKernel<T, NoFlush>>(bits, new(left.RowRange(i, 1), new(b, s.Inner, s.Columns), y, add));
                }
            });
        }
    }

    private static void RunAt<T>(int bits, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, bool add)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        OperandA<T> left = a.ColumnStride == 1
            ? new OperandA<T>(a)
            : OperandA<T>.Pack(a, Poisoned<T>(OperandA<T>.Length(a.Rows, a.Columns)));
        Widths.Run<T, ProductKernel<T>>(bits, new ProductKernel<T>(left, PackAt(bits, b), add ? c : default, c));
    }

    private static Panels<T> PackAt<T>(int bits, MatrixView<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] memory = Poisoned<T>((int)Panels<T>.Length(b.Rows, b.Columns));
        Widths.Run<T, Panels<T>.PackKernel>(bits, new Panels<T>.PackKernel(b, memory));
        return new(memory, b.Rows, b.Columns);
    }

    private static T[] Workspace<T>(Shape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        shape.Rows < 0 || shape.Inner < 0 || shape.Columns < 0
            ? []
            : Poisoned<T>(Matrix.WorkspaceLength<T>(shape.Rows, shape.Inner, shape.Columns));

    private static T[] Poisoned<T>(int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var memory = new T[length];
        Array.Fill(memory, T.NaN);
        return memory;
    }

    private static Product<double> Faulty(string fault) =>
        new(fault, false, false, fault == "overwrites instead of adding", false, FaultyRun(fault));

    private static Run<double> FaultyRun(string fault) => (a, b, s, c) =>
    {
        for (int i = 0; i < s.Rows; i++)
        {
            for (int j = 0; j < s.Columns; j++)
            {
                double sum = fault == "adds instead of overwriting" ? c[(i * s.Columns) + j] : 0;
                int end = fault == "last term left out" ? s.Inner - 1 : s.Inner;
                for (int k = 0; k < end; k++)
                {
                    int column = fault == "one column of B too far" ? (j + 1) % s.Columns : j;
                    sum += a[(i * s.Inner) + k] * b[(k * s.Columns) + column];
                }

                if (fault == "reads behind A" && i == s.Rows - 1)
                {
                    sum += 0 * Unsafe.Add(ref MemoryMarshal.GetReference(a), a.Length);
                }

                c[(i * s.Columns) + j] = fault == "rounded to less precision" ? (float)sum : sum;
            }
        }

        if (fault == "writes behind C")
        {
            Unsafe.Add(ref MemoryMarshal.GetReference(c), c.Length) = 0;
        }
    };

    private readonly struct TileCheck<T>(int rows, int inner) : IKernel<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run<V>()
            where V : struct, ISimd<V, T>
        {
            Run<V, Constant.One, Constant.One, Constant.One>();
            Run<V, Constant.Twelve, Constant.One, Constant.One>();
            Run<V, Constant.One, Constant.Two, Constant.One>();
            Run<V, Constant.Twelve, Constant.Two, Constant.One>();
            Run<V, Constant.One, Constant.Two, Constant.Two>();
        }

        // Panels of B one behind the other, their columns of C with a gap of NaN in between.
        private void Run<V, TLeft, TPanels, TAhead>()
            where V : struct, ISimd<V, T>
            where TLeft : struct
            where TPanels : struct
            where TAhead : struct
        {
            const int Gap = 3;
            int width = 2 * V.Count, panels = Unsafe.SizeOf<TPanels>(), cRow = (panels * width) + ((panels - 1) * Gap);
            bool copied = Unsafe.SizeOf<TLeft>() > 1;
            int aLength = inner == 0 ? 0 : copied ? ((inner - 1) * Unsafe.SizeOf<TLeft>()) + rows : rows * inner;
            T[] values = [.. Enumerable.Range(0, aLength + (panels * width * inner)).Select(i => T.CreateTruncating((i * 5 % 23) - 11))];
            var a = Guarded<T>.Input(values.AsSpan(0, aLength), 1);
            var b = Guarded<T>.Input(values.AsSpan(aLength), 1);
            foreach (bool add in (bool[])[false, true])
            {
                T old = T.CreateTruncating(add ? 3 : double.NaN);
                var c = Guarded<T>.Output([.. Enumerable.Repeat(old, rows * cRow)], 1);
                Tile<T> tile = new()
                {
                    A = ref MemoryMarshal.GetReference(a.Span),
                    ARow = copied ? 1 : inner,
                    B = ref MemoryMarshal.GetReference(b.Span),
                    BPanel = inner * width,
                    Inner = inner,
                    C = ref c.Span[0],
                    CRow = cRow,
                    CPanel = width + Gap,
                    Add = add,
                    S = ref c.Span[0],
                    SRow = cRow,
                    Ahead = ref MemoryMarshal.GetReference(b.Span),
                    AheadStep = 1,
                };
                tile.Run<V, TLeft, TPanels, TAhead>(rows);
                c.AssertIntact();
                for (int i = 0; i < rows * cRow; i++)
                {
                    (int row, int column) = Math.DivRem(i, cRow);
                    (int panel, int lane) = Math.DivRem(column, width + Gap);
                    T sum = add || lane >= width ? old : T.Zero;
                    for (int k = 0; k < inner && lane < width; k++)
                    {
                        sum += a.Span[copied ? (k * Unsafe.SizeOf<TLeft>()) + row : (row * inner) + k]
                            * b.Span[(((panel * inner) + k) * width) + lane];
                    }

                    Assert.True(
                        c.Span[i].Equals(sum),
                        $"{rows} rows, {inner} terms, {panels} panels of {V.Count} lanes: number {i} is {c.Span[i]}, expected {sum}.");
                }
            }
        }
    }

    internal readonly record struct Shape(int Rows, int Inner, int Columns);

    private static class Shapes
    {
        public static Arbitrary<Shape> Draws() => Arb.From(
            from rows in Gen.Choose(0, 40)
            from inner in Gen.OneOf(Gen.Choose(0, 70), Gen.Choose(0, 8))
            from columns in Gen.OneOf(Gen.Choose(0, 70), Gen.Choose(0, 8))
            select new Shape(rows, inner, columns));
    }

    private sealed record Product<T>(string Name, bool TransposesA, bool TransposesB, bool Adds, bool Vector, Run<T> Run);
}
