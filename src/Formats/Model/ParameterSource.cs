using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Formats.Files;

namespace SpanRnn.Formats.Model;

/// <summary>
/// Source of one parameter's numbers: a tensor of a file, and the window of the tensor that is the parameter. Rows and columns of the
/// window have strides of their own, so a transposed, stacked or interleaved tensor is read in place. Its blocks of rows, the gates, may be
/// in another order.
/// </summary>
internal sealed class ParameterSource
{
    private readonly int[] _shape;
    private readonly ReadOnlyMemory<byte> _data;

    private ParameterSource(string name, int[] shape, ElementType type, ReadOnlyMemory<byte> data, int rows, int columns)
    {
        (Name, _shape, Type, _data, Rows, Columns) = (name, shape, type, data, rows, columns);
        RowStride = columns;
    }

    /// <summary>
    /// The name of the tensor in the file; empty for numbers that are in no file, such as the zeros of a bias that a format leaves out.
    /// </summary>
    public string Name { get; }

    /// <summary>The sizes of the tensor in the file, slowest first.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The element type by its name in safetensors, such as "F32".</summary>
    public string Dtype => Type.Name();

    /// <summary>Bytes of the tensor in the file.</summary>
    public long ByteCount => _data.Length;

    /// <summary>True if the parameter is the whole tensor, number for number.</summary>
    public bool IsWhole => Name.Length > 0 && Order is null && Offset == 0 && ColumnStride == 1 && RowStride == Columns
        && _data.Length == (long)Rows * Columns * Type.Size();

    /// <summary>The element type.</summary>
    internal ElementType Type { get; }

    /// <summary>Rows of the parameter.</summary>
    internal int Rows { get; private init; }

    /// <summary>Columns of the parameter.</summary>
    internal int Columns { get; private init; }

    private long Offset { get; init; }

    private long RowStride { get; init; }

    private long ColumnStride { get; init; } = 1;

    // For each block of rows of the parameter, its block in the tensor; null for the same order.
    private int[]? Order { get; init; }

    /// <summary>Makes a parameter of a whole row-major tensor.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="shape">Its sizes; their product is rows × columns.</param>
    /// <param name="type">How it is stored.</param>
    /// <param name="data">rows × columns numbers.</param>
    /// <param name="rows">Rows of the parameter.</param>
    /// <param name="columns">Columns of the parameter.</param>
    internal static ParameterSource Of(
        string name, ReadOnlySpan<int> shape, ElementType type, ReadOnlyMemory<byte> data, int rows, int columns) =>
        new(name, shape.ToArray(), type, data, rows, columns);

    /// <summary>Makes a parameter of numbers that are not in a file as they are.</summary>
    internal static ParameterSource Of(string name, float[] values, int rows, int columns)
    {
        byte[] data = new byte[(long)values.Length * sizeof(float)];
        LittleEndian.Write<float>(values, data);
        return new(name, [rows, columns], ElementType.Single, data, rows, columns);
    }

    /// <summary>Makes a parameter of zeros.</summary>
    internal static ParameterSource Zeros(int rows, int columns) => new(string.Empty, [0], ElementType.Single, default, rows, columns);

    /// <summary>
    /// Takes other rows and columns of the same tensor: element (r, c) of the parameter is number <paramref name="offset"/> + r · <paramref
    /// name="rowStride"/> + c · <paramref name="columnStride"/> of the tensor, with the blocks of r in <paramref name="order"/>.
    /// </summary>
    /// <param name="offset">Index of the first number in the tensor.</param>
    /// <param name="rows">Rows of the parameter.</param>
    /// <param name="columns">Columns of the parameter.</param>
    /// <param name="rowStride">Distance from one row to the next.</param>
    /// <param name="columnStride">Distance from one column to the next.</param>
    /// <param name="order">For each block of rows of the parameter, its block in the tensor; null for the same order.</param>
    internal ParameterSource Window(long offset, int rows, int columns, long rowStride, long columnStride, int[]? order = null) =>
        new(Name, _shape, Type, _data, rows, columns)
        {
            Offset = Offset + offset,
            RowStride = rowStride,
            ColumnStride = columnStride,
            Order = order,
        };

    /// <summary>True if another source has the same numbers from the same place.</summary>
    internal bool Agrees(ParameterSource other) =>
        (Name, Type, Rows, Columns, Offset, RowStride, ColumnStride)
            == (other.Name, other.Type, other.Rows, other.Columns, other.Offset, other.RowStride, other.ColumnStride)
        && Order.AsSpan().SequenceEqual(other.Order)
        && (_data.Equals(other._data) || _data.Span.SequenceEqual(other._data.Span));

    /// <summary>destination ← the parameter, row-major; numbers wider than T are rounded to the nearest.</summary>
    /// <param name="destination">[rows × columns] out.</param>
    internal void CopyTo<T>(Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (_data.IsEmpty)
        {
            destination.Clear();
            return;
        }

        int blockRows = Order is null ? Rows : Rows / Order.Length;
        for (int block = 0; block * blockRows < Rows; block++)
        {
            Span<T> rows = destination.Slice(block * blockRows * Columns, blockRows * Columns);
            long first = Offset + ((Order is null ? 0L : Order[block]) * blockRows * RowStride);
            switch (Type)
            {
                case ElementType.Single:
                    Copy<float, T>(first, blockRows, rows);
                    break;
                case ElementType.Double:
                    Copy<double, T>(first, blockRows, rows);
                    break;
                case ElementType.Half:
                    Copy<Half, T>(first, blockRows, rows);
                    break;
                default:
                    Copy<ushort, T>(first, blockRows, rows);
                    break;
            }
        }
    }

    private void Copy<TStored, T>(long first, int count, Span<T> rows)
        where TStored : unmanaged
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ReadOnlySpan<byte> data = _data.Span;
        int size = Unsafe.SizeOf<TStored>();
        bool whole = ColumnStride == 1 && RowStride == Columns;
        if (typeof(TStored) == typeof(T) && ColumnStride == 1 && BitConverter.IsLittleEndian)
        {
            (int pieces, int length) = whole ? (1, count * Columns) : (count, Columns);
            for (int i = 0; i < pieces; i++)
            {
                data.Slice(checked((int)((first + (i * RowStride)) * size)), length * size)
                    .CopyTo(MemoryMarshal.AsBytes(rows.Slice(i * Columns, length)));
            }

            return;
        }

        for (int row = 0; row < count; row++)
        {
            Span<T> to = rows.Slice(row * Columns, Columns);
            long place = (first + (row * RowStride)) * size;
            for (int column = 0; column < to.Length; column++)
            {
                to[column] = Number<TStored, T>(data[(int)place..]);
                place += ColumnStride * size;
            }
        }
    }

    private static T Number<TStored, T>(ReadOnlySpan<byte> bytes)
        where TStored : unmanaged
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A bfloat16 is the upper half of a float.
        if (typeof(TStored) == typeof(ushort))
        {
            return T.CreateTruncating(BitConverter.UInt32BitsToSingle((uint)LittleEndian.First<ushort>(bytes) << 16));
        }

        return typeof(TStored) == typeof(Half) ? T.CreateTruncating(LittleEndian.First<Half>(bytes))
            : typeof(TStored) == typeof(float) ? T.CreateTruncating(LittleEndian.First<float>(bytes))
            : T.CreateTruncating(LittleEndian.First<double>(bytes));
    }
}
