using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Onnx;

/// <summary>A value of the graph: a constant, or data, whose elements are numbered but have no values before the model runs.</summary>
internal sealed class OnnxValue
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly string _tensor;
    private readonly long[] _tensorShape;

    private OnnxValue(OnnxType type, OnnxView view, ReadOnlyMemory<byte> bytes, string tensor, long[] tensorShape)
    {
        (Type, View, _bytes, _tensor, _tensorShape) = (type, view, bytes, tensor, tensorShape);
    }

    /// <summary>The element type.</summary>
    public OnnxType Type { get; }

    /// <summary>The elements.</summary>
    public OnnxView View { get; }

    /// <summary>True if the value is known only when the model runs.</summary>
    public bool IsData { get; private init; }

    /// <summary>True if the value depends on the file's constants alone, not on sizes of arrays.</summary>
    public bool IsStatic { get; private init; }

    /// <summary>The sizes.</summary>
    public long[] Shape => View.Shape;

    /// <summary>Makes a constant of row-major numbers, lowest byte first.</summary>
    public static OnnxValue Constant(OnnxType type, long[] shape, ReadOnlyMemory<byte> bytes, string name) =>
        new(type, OnnxView.RowMajor(0, shape), bytes, name, shape) { IsStatic = true };

    /// <summary>Makes data.</summary>
    public static OnnxValue Data(OnnxType type, OnnxView view) => new(type, view, default, string.Empty, []) { IsData = true };

    /// <summary>Makes a constant of whole numbers.</summary>
    public static OnnxValue Of(OnnxType type, long[] shape, ReadOnlySpan<long> values)
    {
        byte[] bytes = new byte[values.Length * type.Size()];
        for (int i = 0; i < values.Length; i++)
        {
            type.Write(values[i], bytes.AsSpan(i * type.Size()));
        }

        return Constant(type, shape, bytes, string.Empty);
    }

    /// <summary>Makes a constant of real numbers.</summary>
    public static OnnxValue Of(OnnxType type, long[] shape, ReadOnlySpan<double> values)
    {
        byte[] bytes = new byte[values.Length * type.Size()];
        for (int i = 0; i < values.Length; i++)
        {
            type.Write(values[i], bytes.AsSpan(i * type.Size()));
        }

        return Constant(type, shape, bytes, string.Empty);
    }

    /// <summary>Takes other elements of the same memory or data.</summary>
    public OnnxValue With(OnnxView view) => new(Type, view, _bytes, _tensor, _tensorShape) { IsData = IsData, IsStatic = IsStatic };

    /// <summary>Gives the elements of data another type.</summary>
    public OnnxValue As(OnnxType type) => new(type, View, _bytes, _tensor, _tensorShape) { IsData = IsData, IsStatic = IsStatic };

    /// <summary>Marks the value as dependent on sizes or independent of them.</summary>
    public OnnxValue Static(bool isStatic) => isStatic == IsStatic
        ? this
        : new(Type, View, _bytes, _tensor, _tensorShape) { IsData = IsData, IsStatic = isStatic };

    /// <summary>Reads a constant of whole numbers or truth values, in order.</summary>
    public long[] Integers(OnnxLimits limits)
    {
        limits.Charge(View.Count);
        long[] values = new long[View.Count];
        ReadOnlyMemory<byte> bytes = _bytes;
        int next = 0;
        View.Visit(element => values[next++] = Type.Integer(bytes.Span[(int)(element * Type.Size())..]));
        return values;
    }

    /// <summary>Reads any constant as real numbers, in order.</summary>
    public double[] Reals(OnnxLimits limits)
    {
        limits.Charge(View.Count);
        double[] values = new double[View.Count];
        ReadOnlyMemory<byte> bytes = _bytes;
        int next = 0;
        View.Visit(element => values[next++] = Type.Real(bytes.Span[(int)(element * Type.Size())..]));
        return values;
    }

    /// <summary>Copies the elements of a constant as they are stored, in order, to <paramref name="to"/>.</summary>
    public void CopyTo(Memory<byte> to)
    {
        int size = Type.Size();
        ReadOnlyMemory<byte> bytes = _bytes;
        if (View.Factors is [{ Stride: 1 } all])
        {
            bytes.Slice((int)View.Offset * size, (int)all.Size * size).CopyTo(to);
            return;
        }

        int next = 0;
        View.Visit(element =>
        {
            bytes.Span.Slice((int)(element * size), size).CopyTo(to.Span[next..]);
            next += size;
        });
    }

    /// <summary>Makes a row-major constant of the same elements.</summary>
    public OnnxValue Copy(OnnxLimits limits)
    {
        limits.Charge(View.Count);
        byte[] bytes = new byte[View.Count * Type.Size()];
        CopyTo(bytes);
        return new(Type, OnnxView.RowMajor(0, Shape), bytes, _tensor, Shape) { IsStatic = IsStatic };
    }

    /// <summary>Makes a parameter of a constant with two axes.</summary>
    /// <param name="limits">The limits of the model.</param>
    /// <param name="order">For each block of rows of the parameter, its block here; null for the same order.</param>
    /// <param name="blocks">The number of blocks of rows here; the order may leave some out.</param>
    public ParameterSource Source(OnnxLimits limits, int[]? order = null, int blocks = 1)
    {
        if (View.Axis(0).Length > 1 || View.Axis(1).Length > 1)
        {
            return Copy(limits).Source(limits, order, blocks);
        }

        limits.Charge(View.Count);
        int rows = (int)View.Size(0) / blocks * (order?.Length ?? 1);
        int columns = (int)View.Size(1);
        int[] shape = Array.ConvertAll(_tensorShape, size => (int)Math.Min(size, int.MaxValue));
        var whole = ParameterSource.Of(_tensor, shape, Type.Element(), _bytes, rows, columns);
        return whole.Window(View.Offset, rows, columns, Stride(0, columns), Stride(1, 1), order);
    }

    private long Stride(int axis, long otherwise) => View.Axis(axis) is [var factor] ? factor.Stride : otherwise;
}
