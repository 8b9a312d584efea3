namespace SpanRnn.Formats;

/// <summary>
/// What reading one model may cost, all of it together: a file cannot ask for more than a small multiple of its own size.
/// </summary>
/// <param name="file">The file as messages call it.</param>
/// <param name="bytes">Its bytes, and those of arrays given beside it.</param>
internal sealed class OnnxLimits(string file, long bytes)
{
    /// <summary>Nodes, tensors, attributes and named values in one file, subgraphs included.</summary>
    private const int Parts = 1 << 20;

    /// <summary>Subgraphs inside each other.</summary>
    public const int Depth = 16;

    /// <summary>Sizes of one tensor.</summary>
    public const int Rank = 32;

    /// <summary>Elements of one tensor, of which most never have memory.</summary>
    public const long Elements = 1L << 38;

    // Weights of four bytes may be turned and cut a dozen times.
    private const int PerByte = 4;

    private readonly long _budget = (64 << 10) + (PerByte * bytes);
    private long _spent;
    private int _parts;

    /// <summary>Raised before anything is stored for a part of the file.</summary>
    public void Part()
    {
        if (++_parts > Parts)
        {
            throw new ModelFormatException(file, $"there are more than {Parts} nodes, tensors, attributes and names, expected fewer.");
        }
    }

    /// <summary>Raised before memory is taken for numbers that do not stand in the file as they are, and before work on them.</summary>
    public void Charge(long elements)
    {
        _spent += elements;
        if (elements < 0 || _spent > _budget)
        {
            throw new ModelFormatException(
                file, $"its tensors are to become more than {_budget} numbers, expected no more than {PerByte} for each byte of the file.");
        }
    }

    /// <summary>More bytes that the model has, such as those of an external file.</summary>
    public void Extend(long more) => _spent -= PerByte * more;
}
