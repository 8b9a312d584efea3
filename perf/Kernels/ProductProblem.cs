using System.Numerics;
using System.Numerics.Tensors;

namespace SpanRnn.Perf;

/// <summary>Y [rows, columns] = X [rows, inner]·Wᵀ, W [columns, inner], in every form of operands that a contender needs.</summary>
internal sealed class ProductProblem<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _inner;
    private readonly AlignedBuffer<T> _x;
    private readonly AlignedBuffer<T> _w;
    private readonly AlignedBuffer<T> _transposedX;
    private readonly AlignedBuffer<T> _transposedW;

    /// <summary>Random numbers: W from -1 to 1, X from -<paramref name="scale"/> to <paramref name="scale"/>.</summary>
    public ProductProblem(int rows, int columns, int inner, double scale = 1)
    {
        (_rows, _columns, _inner) = (rows, columns, inner);
        _x = new AlignedBuffer<T>(rows * inner);
        _w = new AlignedBuffer<T>(columns * inner);
        var random = new RandomSource(1);
        random.Fill(_x.Span, -scale, scale);
        random.Fill(_w.Span, -1, 1);
        _transposedX = Transpose(_x.Span, rows, inner);
        _transposedW = Transpose(_w.Span, columns, inner);
    }

    private delegate void Form(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace);

    public double Operations => 2.0 * _rows * _columns * _inner;

    /// <summary>Bytes of W alone; a vector beside it has few.</summary>
    public double WeightBytes => (double)_columns * _inner * SizeOf;

    /// <summary>Bytes of all three matrices.</summary>
    public double Bytes => ((double)(_rows * _inner) + (_columns * _inner) + (_rows * _columns)) * SizeOf;

    private static unsafe int SizeOf => sizeof(T);

    /// <summary>Sums in double. Tolerances are (inner + 8)·ε times the sums of magnitudes; twice that in double, for these sums.</summary>
    public Expectation Expected()
    {
        double[] sums = new double[_rows * _columns];
        double[] magnitudes = new double[sums.Length];
        double[] w = [.. _transposedW.Span.ToArray().Select(double.CreateChecked)];
        for (int row = 0; row < _rows; row++)
        {
            Span<double> sum = sums.AsSpan(row * _columns, _columns);
            Span<double> magnitude = magnitudes.AsSpan(row * _columns, _columns);
            for (int k = 0; k < _inner; k++)
            {
                double x = double.CreateChecked(_x.Span[(row * _inner) + k]);
                ReadOnlySpan<double> line = w.AsSpan(k * _columns, _columns);
                for (int column = 0; column < line.Length; column++)
                {
                    double term = x * line[column];
                    sum[column] += term;
                    magnitude[column] += Math.Abs(term);
                }
            }
        }

        double bound = (_inner + 8) * (typeof(T) == typeof(float) ? Math.ScaleB(1, -24) : 2 * Math.ScaleB(1, -53));
        return new Expectation(sums, [.. magnitudes.Select(magnitude => bound * magnitude)]);
    }

    /// <summary>Product with weights that are packed beforehand.</summary>
    public Contender Packed()
    {
        var packed = new PackedMatrix<T>(_w.Span, _columns, _inner);
        AlignedBuffer<T> y = Y();
        return new Contender("SpanRnn", () => packed.Multiply(_x.Span, _rows, y.Span), () => Doubles(y));
    }

    /// <summary>W·x for one row.</summary>
    public Contender Vector()
    {
        AlignedBuffer<T> y = Y();
        return new Contender("SpanRnn", () => Matrix.Multiply<T>(_w.Span, _columns, _inner, _x.Span, y.Span), () => Doubles(y));
    }

    /// <summary>A·B</summary>
    public Contender Plain() => Product(Matrix.Multiply, _x, _transposedW);

    /// <summary>Aᵀ·B</summary>
    public Contender TransposedLeft() => Product(Matrix.MultiplyTransposedLeft, _transposedX, _transposedW);

    /// <summary>A·Bᵀ</summary>
    public Contender TransposedRight() => Product(Matrix.MultiplyTransposedRight, _x, _w);

    /// <summary>A dot product for each number of the result, with both operands stored along the sum, as it is fastest.</summary>
    public Contender TensorPrimitivesDot()
    {
        AlignedBuffer<T> y = Y();
        return new Contender(PeerNames.TensorPrimitives, Run, () => Doubles(y));

        void Run()
        {
            ReadOnlySpan<T> x = _x.Span;
            ReadOnlySpan<T> w = _w.Span;
            Span<T> results = y.Span;
            for (int row = 0; row < _rows; row++)
            {
                ReadOnlySpan<T> xRow = x.Slice(row * _inner, _inner);
                for (int column = 0; column < _columns; column++)
                {
                    results[(row * _columns) + column] = TensorPrimitives.Dot(w.Slice(column * _inner, _inner), xRow);
                }
            }
        }
    }

    /// <summary>The managed product of MathNet.Numerics, which stores matrices by columns.</summary>
    public Contender MathNetProduct() =>
        MathNetPeer.Product(_rows, _columns, _inner, _transposedX.Span.ToArray(), _w.Span.ToArray());

    /// <summary>MatMul of ONNX Runtime through its C API and its C# API; W is constant, or an input like X.</summary>
    public void AddOnnx(KernelWork work, bool constantWeights)
    {
        string name = constantWeights ? PeerNames.OnnxPacked : PeerNames.Onnx;
        if (OnnxRuntime.Installed is not { } runtime)
        {
            work.AddMissing(name);
            return;
        }

        byte[] model = OnnxModel.MatrixProduct<T>(_rows, _inner, _columns, constantWeights ? _transposedW.Span : []);
        Add(name, new OnnxSession(runtime, model));
        Add(PeerNames.OnnxManaged, new OnnxManagedSession(runtime.Package, model));

        void Add(string name, IOnnxSession session)
        {
            AlignedBuffer<T> y = Y();
            var x = new OnnxTensor<T>("X", _x, _rows, _inner);
            var w = new OnnxTensor<T>("W", _transposedW, _inner, _columns);
            (string Form, Action Run)[] forms =
                session.Call(constantWeights ? [x] : [x, w], [new OnnxTensor<T>("Y", y, _rows, _columns)]);
            work.Own(session);
            work.AddPeer(new Contender(name, OnnxForms.Fastest(forms).Run, () => Doubles(y)));
        }
    }

    private static double[] Doubles(AlignedBuffer<T> y) => [.. y.Span.ToArray().Select(double.CreateChecked)];

    private static AlignedBuffer<T> Transpose(ReadOnlySpan<T> a, int rows, int columns)
    {
        var result = new AlignedBuffer<T>(a.Length);
        Span<T> to = result.Span;
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                to[(column * rows) + row] = a[(row * columns) + column];
            }
        }

        return result;
    }

    private Contender Product(Form form, AlignedBuffer<T> a, AlignedBuffer<T> b)
    {
        AlignedBuffer<T> y = Y();
        var workspace = new AlignedBuffer<T>(Matrix.WorkspaceLength<T>(_rows, _inner, _columns));
        return new Contender(
            "SpanRnn", () => form(a.Span, b.Span, _rows, _inner, _columns, y.Span, workspace.Span), () => Doubles(y));
    }

    private AlignedBuffer<T> Y() => new(_rows * _columns);
}
