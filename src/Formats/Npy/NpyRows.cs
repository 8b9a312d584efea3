using SpanRnn.Formats.Files;

namespace SpanRnn.Formats.Npy;

/// <summary>
/// Writes an array of float32 [rows, columns] as NumPy has it, row by row: how many rows there are is written at the end. The stream stays
/// open.
/// </summary>
internal sealed class NpyRows
{
    private static readonly NpyType _type = NpyType.Of<float>();

    private readonly Stream _stream;
    private readonly int _columns;
    private byte[] _bytes = [];
    private long _rows;

    /// <summary>Writes the header.</summary>
    /// <param name="stream">The stream, which can seek, at its start.</param>
    /// <param name="columns">Numbers of a row.</param>
    public NpyRows(Stream stream, int columns)
    {
        (_stream, _columns) = (stream, columns);
        _stream.Write(Header(0));
    }

    /// <summary>Writes rows.</summary>
    /// <param name="values">[any number of rows × columns] in.</param>
    public void Add(ReadOnlySpan<float> values)
    {
        int count = values.Length * sizeof(float);
        if (_bytes.Length < count)
        {
            _bytes = new byte[count];
        }

        LittleEndian.Write(values, _bytes.AsSpan(0, count));
        _stream.Write(_bytes.AsSpan(0, count));
        _rows += values.Length / _columns;
    }

    /// <summary>Writes the number of rows into the header.</summary>
    public void Complete()
    {
        _stream.Position = 0;
        _stream.Write(Header(_rows));
    }

    // Its length is a multiple of 64 bytes, and the same for any number of rows: two sizes take less than 128 bytes.
    private byte[] Header(long rows) => NpyArray.Header(_type, [rows, _columns]);
}
