namespace SpanRnn.Formats;

/// <summary>
/// Which elements of its memory, or of the numbered elements of an array that does not exist yet, a tensor consists of. Each axis is a
/// product of factors, the slowest first; an axis of size 1 has none.
/// </summary>
/// <remarks>
/// Every operator that only moves elements makes another view, whatever the sizes, and takes no memory for the elements. What is no
/// such product, for example every second element and then one more, is null.
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

    /// <summary>All factors, the slowest first, as few as say it.</summary>
    public OnnxFactor[] Factors => Merge(_axes.SelectMany(axis => axis));

    /// <summary>The sizes as messages show them.</summary>
    public string Text => $"[{string.Join(", ", Shape)}]";

    /// <summary>The lowest and the highest element; of a view that has any.</summary>
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

    /// <summary>All elements from <paramref name="offset"/> on, the last axis fastest.</summary>
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

    /// <summary>One element everywhere.</summary>
    public static OnnxView Repeated(long offset, ReadOnlySpan<long> shape) =>
        new(offset, Array.ConvertAll(shape.ToArray(), size => Axis(size, 0)));

    /// <summary>Axes of any factors.</summary>
    public static OnnxView Of(long offset, IEnumerable<OnnxFactor[]> axes) => new(offset, [.. axes.Select(axis => Merge(axis))]);

    /// <summary>
    /// Views of one shape but for <paramref name="axis"/>, one behind the other along it; null where that is no product of factors.
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

        return Evenly(views, axis) ?? Joined(views, axis);
    }

    /// <summary>The size of an axis.</summary>
    public long Size(int axis) => _axes[axis].Aggregate(1L, (product, factor) => product * factor.Size);

    /// <summary>The factors of an axis.</summary>
    public ReadOnlySpan<OnnxFactor> Axis(int axis) => _axes[axis];

    /// <summary>
    /// The same elements in the same order, in other axes of the same product; null where axes are cut and joined in no product.
    /// </summary>
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

    /// <summary>Axis i is axis <paramref name="order"/>[i] of this one.</summary>
    public OnnxView Transpose(ReadOnlySpan<int> order) => new(Offset, Array.ConvertAll(order.ToArray(), axis => _axes[axis]));

    /// <summary>With an axis of size 1 before axis <paramref name="axis"/>.</summary>
    public OnnxView Insert(int axis) => new(Offset, [.. _axes[..axis], [], .. _axes[axis..]]);

    /// <summary>Without an axis of size 1.</summary>
    public OnnxView Remove(int axis) => new(Offset, [.. _axes[..axis], .. _axes[(axis + 1)..]]);

    /// <summary>
    /// Elements <paramref name="start"/>, start + step, ... of an axis, <paramref name="count"/> of them; null where they cut through a
    /// factor and the ones within it.
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
                // Whole blocks of what is within this factor.
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

            // All within one block.
            offset += start / inner * factors[i].Stride;
            start %= inner;
        }

        return With(axis, kept, offset);
    }

    /// <summary>Axes of size 1 repeated to <paramref name="shape"/>, which has as many axes and fits.</summary>
    public OnnxView Expand(ReadOnlySpan<long> shape)
    {
        var axes = new OnnxFactor[Rank][];
        for (int i = 0; i < Rank; i++)
        {
            axes[i] = Size(i) == 1 ? Axis(shape[i], 0) : _axes[i];
        }

        return new OnnxView(Offset, axes);
    }

    /// <summary>An axis that many times.</summary>
    public OnnxView Repeat(int axis, long times) => With(axis, [.. Axis(times, 0), .. _axes[axis]], Offset);

    /// <summary>Other memory: each element is <paramref name="times"/> as far, and the first is <paramref name="offset"/>.</summary>
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

    /// <summary>As few factors as say the same.</summary>
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

    // Equal views at equal distances are one more factor.
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

    // Slices of one axis, of any sizes, put together again.
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
