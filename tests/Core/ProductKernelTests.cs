using System.Globalization;
using System.Numerics;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>Products with packed operands at every width: all small shapes, panels in groups, both directions, and memory's ends.</summary>
[Trait("Category", "Simd")]
public class ProductKernelTests
{
    private const int Rows = 13;
    private const int Columns = 65;
    private const int Terms = 5;

    [Fact]
    public void Every_small_shape_is_exact_in_float() => SmallShapes<float>();

    [Fact]
    public void Every_small_shape_is_exact_in_double() => SmallShapes<double>();

    /// <summary>Heights on both sides of a tile and of a group of rows, widths on both sides of registers and panels.</summary>
    [LinuxFact]
    public void Nothing_behind_a_page_is_read_or_written()
    {
        AtTheEnd<float>();
        AtTheEnd<double>();

        static void AtTheEnd<T>()
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            const int Bytes = 8 * Rows * Columns;
            using PageEnd a = new(Bytes), b = new(Bytes), panels = new(Bytes), copy = new(Bytes), c = new(Bytes);
            foreach (int rows in (int[])[1, 5, 6, 7, 12, 13])
            {
                foreach (int columns in (int[])[1, 3, 7, 8, 9, 16, 17, 31, 32, 33, 63, 64, 65])
                {
                    for (int inner = 0; inner <= Terms; inner++)
                    {
                        Product<T> product = new(
                            new(rows, inner, columns),
                            a.Last<T>(rows * inner),
                            b.Last<T>(inner * columns),
                            panels.Last<T>((int)Panels<T>.Length(inner, columns)),
                            copy.Last<T>(OperandA<T>.Length(rows, inner)),
                            c.Last<T>(rows * columns));
                        product.Check();
                    }
                }
            }
        }
    }

    /// <summary>The worth of the check above: the kernel of the system says that the page cannot be read.</summary>
    [LinuxFact]
    public void The_page_behind_the_end_has_no_access()
    {
        using var memory = new PageEnd(20);
        memory.Last<float>(5).Fill(1);
        string start = memory.End.ToString("x", CultureInfo.InvariantCulture);
        string line = Assert.Single(File.ReadLines("/proc/self/maps"), line => line.StartsWith(start + "-", StringComparison.Ordinal));
        Assert.Equal("---p", line.Split(' ')[1]);
    }

    [Fact]
    public void A_wrong_operand_is_found()
    {
        float[] a = new float[15], b = new float[85], panels = new float[(int)Panels<float>.Length(5, 17)], c = new float[51];
        float[] copy = new float[OperandA<float>.Length(3, 5)];
        Product<float> product = new(new(3, 5, 17), a, b, panels, copy, c);
        product.Check();
        product.FillOperands();
        float[] expected = product.Sums(false, false);
        b[^1]++;
        Assert.ThrowsAny<Exception>(() => new Product<float>(new(3, 5, 17), a, b, panels, copy, c).Check(256, false, false, expected));
    }

    /// <summary>
    /// The same bits as products with one panel at a time, which no tile of two panels takes and for which nothing is prefetched; nothing
    /// else of C is written. The last shapes have more of B than a cache holds, and several blocks of terms.
    /// </summary>
    [Fact]
    public void Panels_in_groups_have_the_bits_of_panels_alone()
    {
        foreach (int bits in Widths.All)
        {
            foreach (int rows in (int[])[1, 6, 7, 13])
            {
                for (int panels = 1; panels <= 9; panels++)
                {
                    foreach (int rest in (int[])[0, 1, 3])
                    {
                        Widths.Run<float, PlacesCheck<float>>(bits, new(new(rows, 19, panels, rest)));
                        Widths.Run<double, PlacesCheck<double>>(bits, new(new(rows, 19, panels, rest)));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 22, 0)]
    [InlineData(6, 22, 5)]
    [InlineData(13, 23, 0)]
    [InlineData(25, 23, 3)]
    public void So_have_those_that_are_fetched_ahead(int rows, int panels, int rest)
    {
        // 330 terms and 22 panels of 128 bytes are 907 KiB; narrower registers have proportionally more panels.
        foreach (int bits in Widths.All)
        {
            int times = bits == 0 ? 16 : 512 / bits;
            Widths.Run<float, PlacesCheck<float>>(bits, new(new(rows, 330, panels * times, rest)));
            Widths.Run<double, PlacesCheck<double>>(bits, new(new(rows, 330, panels * times / (bits == 0 ? 2 : 1), rest)));
        }
    }

    [Fact]
    public void A_wrong_place_is_found()
    {
        foreach (int bits in Widths.All)
        {
            Assert.ThrowsAny<Exception>(() => Widths.Run<float, PlacesCheck<float>>(bits, new(new(2, 3, 5, 1), fault: 1)));
        }
    }

    private static void SmallShapes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int rows = 1; rows <= Rows; rows++)
        {
            for (int columns = 1; columns <= Columns; columns++)
            {
                var c = Guarded<T>.Output(new T[rows * columns], columns % 4);
                for (int inner = 0; inner <= Terms; inner++)
                {
                    var a = Guarded<T>.Input(new T[rows * inner], 1);
                    var b = Guarded<T>.Input(new T[inner * columns], 3);
                    var panels = Guarded<T>.Output(new T[Panels<T>.Length(inner, columns)], 1);
                    var copy = Guarded<T>.Output(new T[OperandA<T>.Length(rows, inner)], 2);
                    new Product<T>(new(rows, inner, columns), a.Span, b.Span, panels.Span, copy.Span, c.Span).Check();
                    panels.AssertIntact();
                    copy.AssertIntact();
                    c.AssertIntact();
                }
            }
        }
    }

    private readonly record struct Shape(int Rows, int Inner, int Columns);

    /// <summary>Whole numbers, so that every sum is exact. Panels, the copy of A and, unless it is added to, C hold NaN before.</summary>
    private readonly ref struct Product<T>(Shape shape, Span<T> a, Span<T> b, Span<T> panels, Span<T> copy, Span<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Span<T> _a = a;
        private readonly Span<T> _b = b;
        private readonly Span<T> _panels = panels;
        private readonly Span<T> _copy = copy;
        private readonly Span<T> _c = c;

        public void Check()
        {
            FillOperands();
            for (int form = 0; form < 3; form++)
            {
                bool left = form == 1, right = form == 2;
                T[] expected = Sums(left, right);
                foreach (int bits in Widths.All)
                {
                    Check(bits, left, right, expected);
                }
            }
        }

        public void FillOperands()
        {
            for (int i = 0; i < _a.Length; i++)
            {
                _a[i] = T.CreateTruncating((i * 5 % 23) - 11);
            }

            for (int i = 0; i < _b.Length; i++)
            {
                _b[i] = T.CreateTruncating((i * 7 % 19) - 9);
            }
        }

        /// <summary>A·B where one of them may be transposed.</summary>
        public T[] Sums(bool left, bool right)
        {
            (int rows, int inner, int columns) = shape;
            var sums = new T[rows * columns];
            for (int i = 0; i < sums.Length; i++)
            {
                (int row, int column) = Math.DivRem(i, columns);
                for (int k = 0; k < inner; k++)
                {
                    sums[i] += _a[left ? (k * rows) + row : (row * inner) + k] * _b[right ? (column * inner) + k : (k * columns) + column];
                }
            }

            return sums;
        }

        public void Check(int bits, bool left, bool right, T[] expected)
        {
            (int rows, int inner, int columns) = shape;
            _panels.Fill(T.NaN);
            _copy.Fill(T.NaN);
            MatrixView<T> matrix = right ? new MatrixView<T>(_b, columns, inner).Transposed : new(_b, inner, columns);
            Widths.Run<T, Panels<T>.PackKernel>(bits, new(matrix, _panels));
            OperandA<T> block = left
                ? OperandA<T>.Pack(new MatrixView<T>(_a, inner, rows).Transposed, _copy)
                : new(new MatrixView<T>(_a, rows, inner));
            MatrixView<T> c = new(_c, rows, columns);
            for (int way = 0; way < 4; way++)
            {
                bool add = way % 2 == 1, backwards = way > 1;
                T old = T.CreateTruncating(3);
                _c.Fill(add ? old : T.NaN);
                Widths.Run<T, ProductKernel<T>>(
                    bits, new(block, new(_panels, inner, columns), add ? c : default, c, PanelStrides.SideBySide, backwards));
                for (int i = 0; i < expected.Length; i++)
                {
                    T sum = add ? expected[i] + old : expected[i];
                    if (!_c[i].Equals(sum))
                    {
                        Assert.Fail(
                            $"{shape} at {bits} bits, A transposed: {left}, B transposed: {right}, added: {add}, backwards: {backwards}: "
                            + $"number {i} is {_c[i]}, expected {sum}.");
                    }
                }
            }
        }
    }

    /// <summary>Whole panels of B and columns of one more.</summary>
    private readonly record struct PanelShape(int Rows, int Inner, int Panels, int Rest);

    private readonly struct PlacesCheck<T>(PanelShape shape, int fault = 0) : IKernel<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run<V>()
            where V : struct, ISimd<V, T>
        {
            int width = 2 * V.Count;
            int rest = Math.Min(shape.Rest, width - 1);
            int panels = shape.Panels + (rest > 0 ? 1 : 0);
            var random = new RandomSource(7);
            T[] a = Draw(shape.Rows * shape.Inner, random), b = Draw(panels * shape.Inner * width, random);
            foreach (PanelStrides places in (PanelStrides[])
                [PanelStrides.SideBySide, new(1, width + 1, width), new(2, 3 * width, width), new(3, 5 * width + 1, 3 * V.Count)])
            {
                int stride = places.Column(panels - 1, width) + width + 1;
                T[] start = Draw(shape.Rows * stride, random);
                Check<V>(places, a, b, start, stride, stride);
                Check<V>(places, a, b, start, stride, 0);
                Check<V>(places, a, b, [], stride, 0);
            }
        }

        // The sums start from zeros, from one row for all or from rows, which may be C's own.
        private void Check<V>(PanelStrides places, T[] a, T[] b, T[] start, int stride, int startStride)
            where V : struct, ISimd<V, T>
        {
            int width = 2 * V.Count, rest = Math.Min(shape.Rest, width - 1), columns = (shape.Panels * width) + rest;
            OperandA<T> left = new(new MatrixView<T>(a, shape.Rows, shape.Inner));
            MatrixView<T> s = start.Length == 0 ? default : new(start, shape.Rows, stride, startStride);
            T[] expected = Filled(stride);
            MatrixView<T> e = new(expected, shape.Rows, stride);
            for (int panel = 0; panel * width < columns; panel++)
            {
                int first = places.Column(panel, width), count = Math.Min(width, columns - (panel * width));
                Panels<T> one = new(b.AsSpan(panel * shape.Inner * width, shape.Inner * width), shape.Inner, count);
                new ProductKernel<T>(left, one, s.Rows == 0 ? s : s.ColumnRange(first, count), e.ColumnRange(first, count)).Run<V>();
            }

            PanelStrides wrong = places with { Group = places.Group + fault };
            for (int way = 0; way < 4; way++)
            {
                bool own = way > 1;
                if (own && (startStride == 0 || places != PanelStrides.SideBySide))
                {
                    break;
                }

                var actual = Guarded<T>.Output(own ? start : Filled(stride), 1);
                MatrixView<T> c = new(actual.Span, shape.Rows, stride);
                new ProductKernel<T>(left, new(b, shape.Inner, columns), own ? c : s, c, wrong, way % 2 == 1).Run<V>();
                actual.AssertIntact();
                for (int row = 0; own && row < shape.Rows; row++)
                {
                    c.Row(row)[columns..].Fill(T.NaN);
                }

                Near.Bits<T>($"{shape} at {V.Count} lanes, {places}, backwards: {way % 2 == 1}", expected, actual.Span);
            }
        }

        private T[] Filled(int stride)
        {
            var numbers = new T[shape.Rows * stride];
            numbers.AsSpan().Fill(T.NaN);
            return numbers;
        }

        private static T[] Draw(int length, RandomSource random)
        {
            var numbers = new T[length];
            random.Fill<T>(numbers, -1, 1);
            return numbers;
        }
    }
}
