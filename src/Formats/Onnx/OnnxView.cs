namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Elements that a tensor consists of: of its memory, or of the numbered elements of an array that does not exist yet. Each axis is a
/// product of factors, the slowest first; an axis of size 1 has none.
/// </summary>
/// <remarks>
/// Every operator that only moves elements makes another view, whatever the sizes, and takes no memory for the elements. The result is null
/// if its axes are no such products, as with every second element and then one more.
/// </remarks>
internal sealed class OnnxView
{
    private readonly OnnxFactor[][] _axes;

    private OnnxView(long offset, OnnxFactor[][] axes)
    {
        (Offset, _axes) = (offset, axes);
    }

    /// <summary>The first element.</summary>
    public long Offset { get; }

    /// <summary>The number of axes.</summary>
    public int Rank => _axes.Length;

    /// <summary>The sizes.</summary>
    public long[] Shape => [.. Enumerable.Range(0, Rank).Select(Size)];

    /// <summary>The product of the sizes.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Fewest factors of all axes together, the slowest first.</summary>
    public OnnxFactor[] Factors => Merge(_axes.SelectMany(axis => axis));

    /// <summary>The sizes as text for messages.</summary>
    public string Text => $"[{string.Join(", ", Shape)}]";

    /// <summary>The lowest and the highest element; the view must not be empty.</summary>
    public (long Lowest, long Highest) Range
    {
        get
        {
            (long lowest, long highest) = (Offset, Offset);
            foreach (OnnxFactor factor in _axes.SelectMany(axis => axis))
            {
                long way = factor.Stride * (factor.Size - 1);
                lowest += Math.Min(way, 0);
                highest += Math.Max(way, 0);
            }

            return (lowest, highest);
        }
    }

    /// <summary>View of all elements from <paramref name="offset"/> on, the last axis fastest.</summary>
    public static OnnxView RowMajor(long offset, ReadOnlySpan<long> shape)
    {
        var axes = new OnnxFactor[shape.Length][];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            axes[i] = Axis(shape[i], stride);
            stride *= Math.Max(shape[i], 1);
        }

        return new OnnxView(offset, axes);
    }

    /// <summary>View of one element everywhere.</summary>
    public static OnnxView Repeated(long offset, ReadOnlySpan<long> shape) =>
        new(offset, Array.ConvertAll(shape.ToArray(), size => Axis(size, 0)));

    /// <summary>View with axes of any factors.</summary>
    public static OnnxView Of(long offset, IEnumerable<OnnxFactor[]> axes) => new(offset, [.. axes.Select(axis => Merge(axis))]);

    /// <summary>
    /// Joins views along <paramref name="axis"/>, which have one shape but for that axis; null if the result is no product of factors.
    /// </summary>
    public static OnnxView? Concat(IReadOnlyList<OnnxView> views, int axis)
    {
        OnnxView first = views[0];
        if (views.Count == 1)
        {
            return first;
        }

        for (int i = 1; i < views.Count; i++)
        {
            for (int k = 0; k < first.Rank; k++)
            {
                if (k != axis && !views[i]._axes[k].AsSpan().SequenceEqual(first._axes[k]))
                {
                    return null;
                }
            }
        }

        return Evenly(views, axis) ?? Joined(views, axis) ?? Halves(views, axis);
    }

    /// <summary>Size of an axis.</summary>
    public long Size(int axis) => _axes[axis].Aggregate(1L, (product, factor) => product * factor.Size);

    /// <summary>Factors of an axis.</summary>
    public ReadOnlySpan<OnnxFactor> Axis(int axis) => _axes[axis];

    /// <summary>Arranges the same elements in the same order in other axes; null if the result is no product of factors.</summary>
    public OnnxView? Reshape(ReadOnlySpan<long> shape)
    {
        if (Count == 0)
        {
            return RowMajor(0, shape);
        }

        Stack<OnnxFactor> rest = new(Factors.Reverse());
        var axes = new OnnxFactor[shape.Length][];
        for (int i = 0; i < shape.Length; i++)
        {
            List<OnnxFactor> axis = [];
            for (long needed = shape[i]; needed > 1;)
            {
                OnnxFactor factor = rest.Pop();
                if (needed % factor.Size == 0)
                {
                    axis.Add(factor);
                    needed /= factor.Size;
                }
                else if (factor.Size % needed == 0)
                {
                    long inner = factor.Size / needed;
                    axis.Add(new OnnxFactor(needed, factor.Stride * inner));
                    rest.Push(new OnnxFactor(inner, factor.Stride));
                    needed = 1;
                }
                else
                {
                    return null;
                }
            }

            axes[i] = Merge(axis);
        }

        return new OnnxView(Offset, axes);
    }

    /// <summary>Reorders the axes: axis i is axis <paramref name="order"/>[i] of this view.</summary>
    public OnnxView Transpose(ReadOnlySpan<int> order) => new(Offset, Array.ConvertAll(order.ToArray(), axis => _axes[axis]));

    /// <summary>Inserts an axis of size 1 before axis <paramref name="axis"/>.</summary>
    public OnnxView Insert(int axis) => new(Offset, [.. _axes[..axis], [], .. _axes[axis..]]);

    /// <summary>Removes an axis of size 1.</summary>
    public OnnxView Remove(int axis) => new(Offset, [.. _axes[..axis], .. _axes[(axis + 1)..]]);

    /// <summary>
    /// Takes <paramref name="count"/> elements of an axis: <paramref name="start"/>, start + step, ...; null if they cut through a factor
    /// and the factors within it.
    /// </summary>
    public OnnxView? Slice(int axis, long start, long count, long step)
    {
        if (count == 0)
        {
            return RowMajor(0, [.. Shape.Select((size, i) => i == axis ? 0 : size)]);
        }

        if (count == Size(axis) && step == 1)
        {
            return this;
        }

        long offset = Offset;
        List<OnnxFactor> kept = [];
        ReadOnlySpan<OnnxFactor> factors = _axes[axis];
        for (int i = 0; i < factors.Length; i++)
        {
            long inner = 1;
            for (int k = i + 1; k < factors.Length; k++)
            {
                inner *= factors[k].Size;
            }

            if (step == 1 && start % inner == 0 && count % inner == 0)
            {
                // Whole blocks of the factors within this one.
                kept.AddRange(Axis(count / inner, factors[i].Stride));
                kept.AddRange(factors[(i + 1)..]);
                return With(axis, kept, offset + (start / inner * factors[i].Stride));
            }

            if (count > 1 && step % inner == 0)
            {
                // One element of each block.
                kept.AddRange(Axis(count, factors[i].Stride * (step / inner)));
                (count, step) = (1, 1);
            }

            long last = start + (step * (count - 1));
            if (start / inner != last / inner)
            {
                return null;
            }

            // All elements are in one block.
            offset += start / inner * factors[i].Stride;
            start %= inner;
        }

        return With(axis, kept, offset);
    }

    /// <summary>Repeats axes of size 1 to <paramref name="shape"/>, which has as many axes and fits.</summary>
    public OnnxView Expand(ReadOnlySpan<long> shape)
    {
        var axes = new OnnxFactor[Rank][];
        for (int i = 0; i < Rank; i++)
        {
            axes[i] = Size(i) == 1 ? Axis(shape[i], 0) : _axes[i];
        }

        return new OnnxView(Offset, axes);
    }

    /// <summary>Repeats an axis.</summary>
    public OnnxView Repeat(int axis, long times) => With(axis, [.. Axis(times, 0), .. _axes[axis]], Offset);

    /// <summary>
    /// Moves the elements: the first to <paramref name="offset"/>, and each <paramref name="times"/> as far from it as before.
    /// </summary>
    public OnnxView Move(long offset, long times) => new(
        offset, Array.ConvertAll(_axes, axis => Array.ConvertAll(axis, factor => factor with { Stride = factor.Stride * times })));

    /// <summary>Calls <paramref name="visit"/> with every element in order.</summary>
    public void Visit(Action<long> visit)
    {
        if (Count == 0)
        {
            return;
        }

        OnnxFactor[] factors = Factors;
        long[] place = new long[factors.Length];
        long element = Offset;
        while (true)
        {
            visit(element);
            int i = factors.Length - 1;
            for (; i >= 0; i--)
            {
                element += factors[i].Stride;
                if (++place[i] < factors[i].Size)
                {
                    break;
                }

                element -= place[i] * factors[i].Stride;
                place[i] = 0;
            }

            if (i < 0)
            {
                return;
            }
        }
    }

    /// <summary>Merges factors into the fewest with the same elements.</summary>
    public static OnnxFactor[] Merge(IEnumerable<OnnxFactor> factors)
    {
        List<OnnxFactor> merged = [];
        foreach (OnnxFactor factor in factors)
        {
            if (factor.Size == 1)
            {
                continue;
            }

            if (merged is [.., var before] && before.Stride == factor.Size * factor.Stride)
            {
                merged[^1] = new OnnxFactor(before.Size * factor.Size, factor.Stride);
            }
            else
            {
                merged.Add(factor);
            }
        }

        return [.. merged];
    }

    private static OnnxFactor[] Axis(long size, long stride) => size == 1 ? [] : [new OnnxFactor(size, stride)];

    // Equal views at equal distances: the joined axis has one more factor.
    private static OnnxView? Evenly(IReadOnlyList<OnnxView> views, int axis)
    {
        long distance = views[1].Offset - views[0].Offset;
        for (int i = 1; i < views.Count; i++)
        {
            if (views[i].Offset - views[i - 1].Offset != distance || !views[i]._axes[axis].AsSpan().SequenceEqual(views[0]._axes[axis]))
            {
                return null;
            }
        }

        return views[0].With(axis, [new OnnxFactor(views.Count, distance), .. views[0]._axes[axis]], views[0].Offset);
    }

    // Views at distances that repeat, such as h of all layers and then c of all layers: the halves are alike.
    private static OnnxView? Halves(IReadOnlyList<OnnxView> views, int axis)
    {
        int half = views.Count / 2;
        return half > 1 && views.Count % 2 == 0
            && Concat([.. views.Take(half)], axis) is { } first
            && Concat([.. views.Skip(half)], axis) is { } second
                ? Evenly([first, second], axis)
                : null;
    }

    // Slices of one axis, of any sizes: the joined axis has a longer first factor.
    private static OnnxView? Joined(IReadOnlyList<OnnxView> views, int axis)
    {
        OnnxFactor[]? longest = views.Select(view => view._axes[axis]).FirstOrDefault(factors => factors.Length > 0);
        if (longest is null)
        {
            return null;
        }

        OnnxFactor[] inner = longest[1..];
        long stride = longest[0].Stride;
        long within = inner.Aggregate(1L, (product, factor) => product * factor.Size);
        long size = 0;
        foreach (OnnxView view in views)
        {
            OnnxFactor[] factors = view._axes[axis];
            OnnxFactor[] rest = factors.Length == inner.Length ? factors : factors.Length == longest.Length ? factors[1..] : [];
            bool fits = rest.AsSpan().SequenceEqual(inner)
                && (factors.Length == inner.Length || factors[0].Stride == stride)
                && view.Offset == views[0].Offset + (size * stride);
            if (!fits)
            {
                return null;
            }

            size += view.Size(axis) / within;
        }

        return views[0].With(axis, [new OnnxFactor(size, stride), .. inner], views[0].Offset);
    }

    private OnnxView With(int axis, IEnumerable<OnnxFactor> factors, long offset)
    {
        OnnxFactor[][] axes = [.. _axes];
        axes[axis] = Merge(factors);
        return new OnnxView(offset, axes);
    }
}
