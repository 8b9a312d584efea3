using static SpanRnn.Formats.Onnx.OnnxArguments;

namespace SpanRnn.Formats.Onnx;

/// <content>Operators that move elements, the same for constants and data: they make another view.</content>
internal sealed partial class OnnxFolding
{
    public OnnxValue[] Dropout(OnnxNode node, OnnxValue?[] inputs)
    {
        if (Optional(inputs, 2) is not null
            && Array.Exists(Integers(node, Required(node, inputs, 2), "training_mode", Limits), mode => mode != 0))
        {
            throw node.Fail("training_mode is true, expected a model for inference");
        }

        return node.Output(1).Length == 0 || !_used.Contains(node.Output(1))
            ? [Required(node, inputs, 0)]
            : throw node.Fail("its mask is used, expected only its first output to be used");
    }

    public OnnxValue Cast(OnnxNode node, OnnxValue value, long to)
    {
        var type = (OnnxType)to;
        if (!Enum.IsDefined(type))
        {
            throw node.Fail($"the type is {to}, expected real numbers, whole numbers or truth values");
        }

        if (type == value.Type)
        {
            return value;
        }

        if (value.IsData)
        {
            return type != OnnxType.Bool && value.Type != OnnxType.Bool && type.IsReal() == value.Type.IsReal()
                ? value.As(type)
                : throw node.Fail($"casts data of {value.Type.Name()} to {type.Name()}, expected a type of the same kind");
        }

        return value.Type.IsReal() || type.IsReal()
            ? OnnxValue.Of(type, value.Shape, value.Reals(Limits))
            : OnnxValue.Of(type, value.Shape, value.Integers(Limits));
    }

    /// <summary>Sizes that Squeeze expects to be 1.</summary>
    public IEnumerable<(long One, long Other)> SqueezedSizes(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        foreach (long axis in Parameter(node, inputs, 1, "axes", Limits) ?? [])
        {
            yield return (value.View.Size(Axis(node, axis, value.View.Rank)), 1);
        }
    }

    public OnnxValue Squeeze(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        int rank = value.View.Rank;
        long[] named = Parameter(node, inputs, 1, "axes", Limits) ?? [.. Enumerable.Range(0, rank).Where(i => value.View.Size(i) == 1)];
        OnnxView view = value.View;
        foreach (int axis in named.Select(axis => Axis(node, axis, rank)).Distinct().OrderDescending())
        {
            ExpectSize(node, "the value", value, axis, 1);
            view = view.Remove(axis);
        }

        return value.With(view);
    }

    public OnnxValue Unsqueeze(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        long[] named = Parameter(node, inputs, 1, "axes", Limits) ?? throw node.Fail("there are no axes, expected one or more");
        if (named.Length + value.View.Rank > OnnxLimits.Rank)
        {
            throw node.Fail($"the result has more than {OnnxLimits.Rank} axes, expected fewer");
        }

        OnnxView view = value.View;
        int rank = view.Rank + named.Length;
        int[] axes = [.. named.Select(axis => Axis(node, axis, rank)).Order()];
        foreach (int axis in axes)
        {
            view = axis <= view.Rank ? view.Insert(axis) : throw node.Fail("an axis is named twice, expected each once");
        }

        return value.With(view);
    }

    public OnnxValue Flatten(OnnxNode node, OnnxValue value)
    {
        long[] shape = value.Shape;
        long axis = node.Int64("axis", 1);
        int at = axis == shape.Length ? shape.Length : Axis(node, axis, shape.Length);
        long[] flat = [Count(shape.AsSpan(0, at), node.Fail), Count(shape.AsSpan(at), node.Fail)];
        return Reshaped(node, value, flat);
    }

    public OnnxValue Reshape(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        long[] shape = Integers(node, Required(node, inputs, 1), "the shape", Limits);
        long[] old = value.Shape;
        bool zeroStays = node.Int64("allowzero", 0) != 0;
        int open = -1;
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = shape[i] != 0 || zeroStays ? shape[i]
                : i < old.Length ? old[i]
                : throw node.Fail(
                    $"size {i} of the shape is 0, which copies a size, expected a value with more than {old.Length} axes");
            if (shape[i] == -1)
            {
                open = open < 0 ? i : throw node.Fail("two sizes of the shape are -1, expected at most one");
                shape[i] = 1;
            }
        }

        long count = Count(shape, node.Fail);
        if (open >= 0 && count > 0)
        {
            shape[open] = value.View.Count / count;
            count *= shape[open];
        }

        return count == value.View.Count
            ? Reshaped(node, value, shape)
            : throw node.Fail($"the value has shape {value.View.Text}, expected as many elements as [{string.Join(", ", shape)}]");
    }

    private OnnxValue Reshaped(OnnxNode node, OnnxValue value, long[] shape)
    {
        OnnxView? view = value.View.Reshape(shape);
        if (view is null && value.IsData)
        {
            throw node.Fail(
                $"reshapes {value.View.Text} to [{string.Join(", ", shape)}] by mixing axes of the data, "
                + "expected axes that are split or joined in their order");
        }

        return view is not null ? value.With(view) : value.Copy(Limits) is { } copy ? copy.With(copy.View.Reshape(shape)!) : value;
    }

    public OnnxValue Transpose(OnnxNode node, OnnxValue value)
    {
        int rank = value.View.Rank;
        int[] order = node.Attribute("perm") is { } perm
            ? [.. perm.Int64s(Limits).Select(axis => Axis(node, axis, rank))]
            : [.. Enumerable.Range(0, rank).Reverse()];
        return order.Distinct().Count() == rank && order.Length == rank
            ? value.With(value.View.Transpose(order))
            : throw node.Fail($"perm is [{string.Join(", ", order)}], expected each of {rank} axes once");
    }

    public OnnxValue Expand(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        return Broadcast(node, value, Broadcast(node, value.Shape, Integers(node, Required(node, inputs, 1), "the shape", Limits)));
    }

    public OnnxValue Tile(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        long[] times = Integers(node, Required(node, inputs, 1), "repeats", Limits);
        if (times.Length != value.View.Rank)
        {
            throw node.Fail($"there are {times.Length} repeats, expected one for each of {value.View.Rank} axes");
        }

        long[] shape = value.Shape;
        OnnxView view = value.View;
        for (int i = 0; i < times.Length; i++)
        {
            shape[i] = times[i] >= 0 && (times[i] == 0 || shape[i] <= OnnxLimits.Elements / times[i])
                ? shape[i] * times[i]
                : throw node.Fail($"repeats are [{string.Join(", ", times)}], expected 0 or more and a result of at most 2^38 elements");
            view = view.Repeat(i, times[i]);
        }

        return Count(shape, node.Fail) > 0 ? value.With(view) : value.With(OnnxView.RowMajor(0, shape));
    }

    public OnnxValue Slice(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        int rank = value.View.Rank;
        long[] starts = Parameter(node, inputs, 1, "starts", Limits) ?? throw node.Fail("there are no starts, expected one or more");
        long[] ends = Parameter(node, inputs, 2, "ends", Limits) ?? throw node.Fail("there are no ends, expected one or more");
        long[] axes = Parameter(node, inputs, 3, "axes", Limits) ?? [.. Enumerable.Range(0, starts.Length)];
        long[] steps = Parameter(node, inputs, 4, "steps", Limits) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
        {
            throw node.Fail(
                $"there are {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps, "
                + "expected the same number of each");
        }

        for (int i = 0; i < starts.Length; i++)
        {
            int axis = Axis(node, axes[i], rank);
            long size = value.View.Size(axis);
            long step = Math.Clamp(steps[i], -OnnxLimits.Elements, OnnxLimits.Elements);
            if (step == 0)
            {
                throw node.Fail("a step is 0, expected another number");
            }

            long start = starts[i] < 0 ? starts[i] + size : starts[i];
            long end = ends[i] < 0 ? ends[i] + size : ends[i];
            start = Math.Clamp(start, 0, step > 0 ? size : size - 1);
            end = Math.Clamp(end, step > 0 ? 0 : -1, size);
            long count = Math.Max(0, step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step);
            value = Sliced(node, value, axis, start, count, step);
        }

        return value;
    }

    private OnnxValue Sliced(OnnxNode node, OnnxValue value, int axis, long start, long count, long step)
    {
        OnnxView? view = value.View.Slice(axis, start, count, step);
        if (view is null && !value.IsData)
        {
            value = value.Copy(Limits);
            view = value.View.Slice(axis, start, count, step);
        }

        return view is not null
            ? value.With(view)
            : throw node.Fail(
                $"takes {count} of axis {axis} of {value.View.Text} and cuts through axes that were joined, expected whole ones");
    }

    public OnnxValue[] Split(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        int axis = Axis(node, node.Int64("axis", 0), value.View.Rank);
        long size = value.View.Size(axis);
        int outputs = node.Outputs.Count;
        long each = (size + outputs - 1) / Math.Max(outputs, 1);
        long[] sizes = Parameter(node, inputs, 1, "split", Limits)
            ?? [.. Enumerable.Range(0, outputs).Select(i => Math.Clamp(size - (i * each), 0, each))];
        if (sizes.Length != outputs || Array.Exists(sizes, part => part < 0 || part > size) || sizes.Sum() != size)
        {
            throw node.Fail(
                $"the split of axis {axis} of {value.View.Text} is [{string.Join(", ", sizes.Take(16))}] for {outputs} outputs, "
                + $"expected {size} in all");
        }

        long start = 0;
        return Array.ConvertAll(sizes, part =>
        {
            OnnxValue piece = Sliced(node, value, axis, start, part, 1);
            start += part;
            return piece;
        });
    }

    public OnnxValue Concat(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue first = Required(node, inputs, 0);
        int axis = Axis(node, node.Int64("axis", 1), first.View.Rank);
        List<OnnxValue> values = [];
        long[] shape = first.Shape;
        shape[axis] = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            OnnxValue value = Required(node, inputs, i);
            Limits.Charge(1);
            long[] other = value.Shape;
            bool fits = value.Type == first.Type && other.Length == shape.Length
                && !other.Where((size, k) => k != axis && size != shape[k]).Any();
            if (!fits)
            {
                throw node.Fail(
                    $"input {i} has shape {value.View.Text} of {value.Type.Name()}, "
                    + $"expected the first input's, {first.View.Text} of {first.Type.Name()}, except on axis {axis}");
            }

            shape[axis] += other[axis];
            if (value.View.Count > 0)
            {
                values.Add(value);
            }
        }

        _ = Count(shape, node.Fail);
        if (values.Count == 0)
        {
            return OnnxValue.Of(first.Type, shape, ReadOnlySpan<long>.Empty);
        }

        if (values.TrueForAll(value => value.IsData))
        {
            var joined = OnnxView.Concat([.. values.Select(value => value.View)], axis);
            return joined is not null
                ? values[0].With(joined)
                : throw node.Fail("joins unrelated parts of the data, expected states of layers or directions");
        }

        if (values.Exists(value => value.IsData))
        {
            throw node.Fail("joins constants and parts of the data, expected all of one kind");
        }

        return Joined(values, shape, axis);
    }

    // Copies the rows of all parts in turn.
    private OnnxValue Joined(List<OnnxValue> values, long[] shape, int axis)
    {
        long outer = shape[..axis].Aggregate(1L, (product, size) => product * size);
        long count = shape.Aggregate(1L, (product, size) => product * size);
        Limits.Charge(count);
        int size = values[0].Type.Size();
        byte[] bytes = new byte[count * size];
        long row = bytes.Length / outer;
        long start = 0;
        foreach (OnnxValue value in values)
        {
            long part = value.View.Count * size / outer;
            if (outer == 1)
            {
                value.CopyTo(bytes.AsMemory((int)start));
            }
            else
            {
                Limits.Charge(value.View.Count);
                byte[] all = new byte[value.View.Count * size];
                value.CopyTo(all);
                for (long i = 0; i < outer; i++)
                {
                    all.AsSpan((int)(i * part), (int)part).CopyTo(bytes.AsSpan((int)((i * row) + start)));
                }
            }

            start += part;
        }

        return OnnxValue.Constant(values[0].Type, shape, bytes, string.Empty);
    }

    // The indices are constant. A table with data as indices is an embedding.
    public OnnxValue Gather(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue value = Required(node, inputs, 0);
        OnnxValue which = Required(node, inputs, 1);
        long[] indices = Integers(node, which, "the indices", Limits);
        int axis = Axis(node, node.Int64("axis", 0), value.View.Rank);
        long size = value.View.Size(axis);
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = indices[i] >= -size && indices[i] < size
                ? (indices[i] + size) % size
                : throw node.Fail($"an index is {indices[i]}, expected one of axis {axis} of {value.View.Text}");
        }

        long step = indices.Length > 1 ? indices[1] - indices[0] : 1;
        bool even = step != 0 && !indices.Where((index, i) => index != indices[0] + (i * step)).Any();
        OnnxValue taken = even
            ? Sliced(node, value, axis, indices is [] ? 0 : indices[0], indices.Length, step)
            : Picked(node, value, axis, indices);

        // The axes of the indices replace the axis.
        long[] shape = [.. value.Shape[..axis], .. which.Shape, .. value.Shape[(axis + 1)..]];
        _ = Count(shape, node.Fail);
        return Reshaped(node, taken, shape);
    }

    private OnnxValue Picked(OnnxNode node, OnnxValue value, int axis, long[] indices)
    {
        Limits.Charge(indices.Length);
        List<OnnxValue> parts = [.. indices.Select(index => Sliced(node, value, axis, index, 1, 1))];
        long[] shape = value.Shape;
        shape[axis] = indices.Length;
        _ = Count(shape, node.Fail);
        if (!value.IsData)
        {
            return Joined(parts, shape, axis);
        }

        return OnnxView.Concat([.. parts.Select(part => part.View)], axis) is { } view
            ? value.With(view)
            : throw node.Fail("takes elements of the data at uneven distances, expected every n-th");
    }
}
