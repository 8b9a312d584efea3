namespace SpanRnn.Formats.Model;

/// <summary>Byte count, text and check of a tensor's shape.</summary>
internal static class TensorShape
{
    /// <summary>bytes ← elementSize × product of the shape; false if that exceeds 64 bits.</summary>
    public static bool TryByteCount(ReadOnlySpan<int> shape, int elementSize, out long bytes)
    {
        bytes = elementSize;
        foreach (int size in shape)
        {
            if (size != 0 && bytes > long.MaxValue / size)
            {
                return false;
            }

            bytes *= size;
        }

        return true;
    }

    /// <summary>Text of a shape in messages, such as "[3, 4]"; cut after 16 sizes.</summary>
    public static string Text(ReadOnlySpan<int> shape)
    {
        const int Shown = 16;
        string sizes = string.Join(", ", shape[..Math.Min(shape.Length, Shown)].ToArray());
        return shape.Length <= Shown ? $"[{sizes}]" : $"[{sizes}, ...]";
    }

    /// <summary>Refuses values to write whose number does not fit the shape.</summary>
    /// <exception cref="ArgumentException">A size is negative, or the product of the sizes is not <paramref name="count"/>.</exception>
    public static void Check(ReadOnlySpan<int> shape, int count)
    {
        foreach (int size in shape)
        {
            if (size < 0)
            {
                throw new ArgumentException($"'shape' is {Text(shape)}, expected sizes of 0 or more.", nameof(shape));
            }
        }

        if (!TryByteCount(shape, 1, out long expected) || expected != count)
        {
            throw new ArgumentException(
                $"'values' has {count} elements, expected the product of the shape {Text(shape)}.", nameof(shape));
        }
    }
}
