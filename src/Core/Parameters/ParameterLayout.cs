using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Names, shapes and offsets of all tensors of a network in one flat buffer. Parameters, gradients and optimizer moments share the layout,
/// so zeroing, clipping, an optimizer step and a checkpoint are one linear pass each.
/// </summary>
/// <remarks>
/// Every tensor starts at a multiple of 16 numbers, 64 bytes in float and 128 in double, so offsets are the same in both. The gaps hold
/// zeros and keep them, since their gradient is zero.
/// </remarks>
public sealed class ParameterLayout
{
    private const int Granularity = 16;

    private readonly ParameterSlot[] _slots;

    /// <summary>Lays the tensors out in the order of the arguments.</summary>
    /// <param name="shapes">Name, rows and columns of each tensor; columns is 1 for a vector.</param>
    /// <exception cref="ArgumentException">A name is given twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or all tensors together exceed 2³¹ − 17 numbers.</exception>
    public ParameterLayout(params ReadOnlySpan<(string Name, int Rows, int Columns)> shapes)
    {
        _slots = new ParameterSlot[shapes.Length];
        var names = new HashSet<string>(StringComparer.Ordinal);
        long offset = 0;
        for (int i = 0; i < shapes.Length; i++)
        {
            (string name, int rows, int columns) = shapes[i];
            Guard.NotNegative(rows, $"{name} rows");
            Guard.NotNegative(columns, $"{name} columns");
            if (!names.Add(name))
            {
                throw new ArgumentException($"The parameter '{name}' is given twice, expected distinct names.", nameof(shapes));
            }

            long end = offset + ((long)rows * columns);
            if (end > int.MaxValue - Granularity)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(shapes), $"The parameters up to '{name}' have {end} numbers, expected at most {int.MaxValue - Granularity}.");
            }

            _slots[i] = new ParameterSlot(name, rows, columns, (int)offset);
            Count += rows * columns;
            offset = (end + Granularity - 1) / Granularity * Granularity;
        }

        Length = (int)offset;
    }

    /// <summary>Length of a buffer of this layout, gaps included.</summary>
    public int Length { get; }

    /// <summary>Number of trained numbers, gaps not included.</summary>
    public int Count { get; }

    /// <summary>All tensors in the order of their offsets.</summary>
    public ReadOnlySpan<ParameterSlot> Slots => _slots;

    /// <summary>Tensor of a name.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <exception cref="ArgumentException">No tensor has this name.</exception>
    public ParameterSlot this[string name]
    {
        get
        {
            foreach (ParameterSlot slot in _slots)
            {
                if (slot.Name == name)
                {
                    return slot;
                }
            }

            throw new ArgumentException($"There is no parameter '{name}' in this layout.", nameof(name));
        }
    }
}
