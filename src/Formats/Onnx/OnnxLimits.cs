namespace SpanRnn.Formats.Onnx;

/// <summary>Limits of the total cost of reading one model: a file cannot demand more than a small multiple of its own size.</summary>
/// <param name="file">The file as messages call it.</param>
/// <param name="bytes">The bytes of the file and of the arrays given beside it.</param>
internal sealed class OnnxLimits(string file, long bytes)
{
    /// <summary>Most nodes, tensors, attributes and named values in one file, subgraphs included.</summary>
    private const int Parts = 1 << 20;

    /// <summary>Most subgraphs inside each other.</summary>
    public const int Depth = 16;

    /// <summary>Most sizes of one tensor.</summary>
    public const int Rank = 32;

    /// <summary>Most elements of one tensor. Most of them never take memory.</summary>
    public const long Elements = 1L << 38;

    // Weights of four bytes may be transposed and sliced a dozen times.
    private const int PerByte = 4;

    private readonly long _budget = (64 << 10) + (PerByte * bytes);
    private long _spent;
    private int _parts;

    /// <summary>The sizes that the file leaves open; messages show their names.</summary>
    public OnnxSizes Sizes { get; } = new(file);

    /// <summary>Counts a part of the file, before memory is taken for it.</summary>
    public void Part()
    {
        if (++_parts > Parts)
        {
            throw new ModelFormatException(file, $"there are more than {Parts} nodes, tensors, attributes and names, expected fewer.");
        }
    }

    /// <summary>Charges numbers that are not in the file as they are, before memory is taken for them or work is done on them.</summary>
    public void Charge(long elements)
    {
        _spent += elements;
        if (elements < 0 || _spent > _budget)
        {
            throw new ModelFormatException(
                file, $"reading its tensors takes more than {_budget} numbers, expected at most {PerByte} for each byte of the file.");
        }
    }

    /// <summary>Extends the limit for more bytes of the model, such as an external file.</summary>
    public void Extend(long more) => _spent -= PerByte * more;
}
