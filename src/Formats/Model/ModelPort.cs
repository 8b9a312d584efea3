using System.Globalization;

namespace SpanRnn.Formats.Model;

/// <summary>
/// An array that goes into a model or comes out of it, in the layout of the file. Each axis of the array is one <see cref="PortAxis"/>,
/// several of them joined, the first one slowest, or none of them, and then its size is 1. States may be on several axes, such as layers on
/// one and h and c on another.
/// </summary>
internal sealed partial class ModelPort
{
    private readonly PortAxis[][] _axes;
    private readonly StateSlot[] _states;
    private readonly int _directions;
    private readonly int _features;

    // The size of each axis of slots, in the order of the axes.
    private readonly int[] _slots;

    internal ModelPort(
        string name,
        PortKind kind,
        PortAxis[][] axes,
        int features,
        int directions = 1,
        ReadOnlySpan<StateSlot> states = default,
        int[]? slots = null)
    {
        (Name, Kind, _axes, _features, _directions) = (name, kind, axes, features, directions);
        _states = [.. states];
        _slots = slots ?? [_states.Length];
    }

    /// <summary>The name in the file, or x, h0, c0, lengths, y, hn and cn if the file has no names.</summary>
    public string Name { get; }

    /// <summary>The kind of its content.</summary>
    public PortKind Kind { get; }

    /// <summary>The states in the array, in their order; empty if it has none. All have one size.</summary>
    public ReadOnlySpan<StateSlot> States => _states;

    /// <summary>The rank of the array.</summary>
    public int Rank => _axes.Length;

    /// <summary>Axes as text, such as "[T, B, 8]".</summary>
    public string Axes
    {
        get
        {
            int slot = 0;
            return $"[{string.Join(", ", _axes.Select(axis => axis.Length == 0 ? "1" : string.Join("·", axis.Select(Text))))}]";

            string Text(PortAxis axis) => axis switch
            {
                PortAxis.Steps => "T",
                PortAxis.Batch => "B",
                _ => string.Create(CultureInfo.InvariantCulture, $"{Size(axis, ref slot, 1, 1)}"),
            };
        }
    }

    /// <summary>Shape of the array for a batch.</summary>
    /// <param name="steps">T.</param>
    /// <param name="batch">N.</param>
    public int[] Shape(int steps, int batch)
    {
        int slot = 0;
        return Array.ConvertAll(_axes, axis => axis.Aggregate(1, (size, kind) => checked(size * Size(kind, ref slot, steps, batch))));
    }

    /// <summary>Finds the steps and the batch of an array with that shape; each is 1 if the array has no axis for it.</summary>
    /// <returns>Null if the port has that shape for no steps and batch.</returns>
    public (int Steps, int Batch)? Measure(ReadOnlySpan<int> shape)
    {
        if (shape.Length != _axes.Length)
        {
            return null;
        }

        (int steps, int batch) = (1, 1);
        int[] sizes = Shape(1, 1);
        for (int i = 0; i < _axes.Length; i++)
        {
            int known = sizes[i];
            bool both = _axes[i].Contains(PortAxis.Steps) && _axes[i].Contains(PortAxis.Batch);
            int rest = shape[i] / known;
            if (rest * known != shape[i])
            {
                return null;
            }

            // If steps and batch are joined in one axis, only their product is known: all of it then counts as steps.
            steps = _axes[i].Contains(PortAxis.Steps) ? rest : steps;
            batch = _axes[i].Contains(PortAxis.Batch) && !both ? rest : batch;
        }

        return Shape(steps, batch).AsSpan().SequenceEqual(shape) ? (steps, batch) : null;
    }

    /// <summary>network ← array, from the file's order to [T or 1, N, directions, features] or [slots, N, features].</summary>
    /// <param name="steps">T.</param>
    /// <param name="batch">N.</param>
    /// <param name="array">[product of <see cref="Shape"/>] in.</param>
    /// <param name="network">[as many] out.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void ToNetwork<T>(int steps, int batch, ReadOnlySpan<T> array, Span<T> network)
    {
        Check(steps, batch, array.Length, nameof(array));
        Check(steps, batch, network.Length, nameof(network));
        Reorder(steps, batch, array, network, toNetwork: true);
    }

    /// <summary>array ← network, the reverse of <see cref="ToNetwork"/>.</summary>
    /// <param name="steps">T.</param>
    /// <param name="batch">N.</param>
    /// <param name="network">[product of <see cref="Shape"/>] in.</param>
    /// <param name="array">[as many] out.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void FromNetwork<T>(int steps, int batch, ReadOnlySpan<T> network, Span<T> array)
    {
        Check(steps, batch, network.Length, nameof(network));
        Check(steps, batch, array.Length, nameof(array));
        Reorder(steps, batch, network, array, toNetwork: false);
    }

    /// <summary>Swaps the first two axes: [B, T, …] instead of [T, B, …]. A port with other axes stays as it is.</summary>
    public ModelPort BatchFirst() => _axes is [[PortAxis.Steps], [PortAxis.Batch], ..]
        ? new(Name, Kind, [_axes[1], _axes[0], .. _axes[2..]], _features, _directions, _states, _slots)
        : this;

    /// <summary>The same port with symbols instead of numbers: without the axis of features.</summary>
    public ModelPort Symbols() => new(Name, PortKind.Symbols, [.. _axes.Where(axis => axis is not [PortAxis.Features])], 1);

    // Asked for one axis after the other; slot counts the axes of slots.
    private int Size(PortAxis axis, ref int slot, int steps, int batch) => axis switch
    {
        PortAxis.Steps => steps,
        PortAxis.Batch => batch,
        PortAxis.Slots => _slots[slot++],
        PortAxis.Directions => _directions,
        _ => _features,
    };

    private void Check(int steps, int batch, int length, string array)
    {
        int[] shape = Shape(steps, batch);
        if (!TensorShape.TryByteCount(shape, 1, out long expected) || length != expected)
        {
            throw new ArgumentException(
                $"'{array}' has {length} elements, expected {expected} as in {Name} {TensorShape.Text(shape)}.", array);
        }
    }

    private void Reorder<T>(int steps, int batch, ReadOnlySpan<T> from, Span<T> to, bool toNetwork)
    {
        PortAxis[] order = [.. _axes.SelectMany(axis => axis)];
        int slot = 0;
        int[] sizes = Array.ConvertAll(order, axis => Size(axis, ref slot, steps, batch));

        // Strides in the network's order of the axes that the array has. Axes of slots keep their order.
        int[] strides = new int[order.Length];
        int stride = 1;
        foreach (int axis in Enumerable.Range(0, order.Length).OrderByDescending(axis => order[axis]).ThenByDescending(axis => axis))
        {
            strides[axis] = stride;
            stride *= sizes[axis];
        }

        var walk = new StridedWalk(sizes, strides);
        for (int i = 0; i < from.Length; i++, walk.Next())
        {
            to[toNetwork ? walk.Offset : i] = from[toNetwork ? i : walk.Offset];
        }
    }
}
