using static SpanRnn.Formats.Onnx.OnnxArguments;

namespace SpanRnn.Formats.Onnx;

/// <content>Operators on constants, most of which compute shapes.</content>
internal sealed partial class OnnxFolding
{
    public static long NotZero(OnnxNode node, long divisor) =>
        divisor != 0 ? 1 : throw node.Fail("a whole number is divided by 0, expected another divisor");

    // The result has the sign of the divisor, as in Python. With fmod = 1, which shapes do not need, it has the sign of the dividend.
    public static long Modulo(OnnxNode node, long a, long b)
    {
        _ = NotZero(node, b);
        long rest = b == -1 ? 0 : a % b;
        return node.Int64("fmod", 0) == 0 && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }

    public static OnnxValue ShapeOf(OnnxNode node, OnnxValue value)
    {
        long[] shape = value.Shape;
        int rank = shape.Length;
        int start = (int)Clamp(node.Int64("start", 0));
        int end = (int)Clamp(node.Int64("end", rank));
        long[] part = start < end ? shape[start..end] : [];
        return OnnxValue.Of(OnnxType.Int64, [part.Length], part);

        long Clamp(long axis) => Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
    }

    public OnnxValue Constant(OnnxNode node)
    {
        foreach (string name in node.AttributeNames)
        {
            OnnxAttribute attribute = node.Attribute(name)!;
            switch (name)
            {
                case "value" when attribute.Tensor() is { } tensor:
                    return tensor.Read(Limits, _context.Files);
                case "value_int":
                    return OnnxValue.Of(OnnxType.Int64, [], [attribute.Int64() ?? 0]);
                case "value_float":
                    return OnnxValue.Of(OnnxType.Float, [], [(double)(attribute.Single() ?? 0)]);
                case "value_ints":
                    long[] whole = [.. attribute.Int64s(Limits)];
                    return OnnxValue.Of(OnnxType.Int64, [whole.Length], whole);
                case "value_floats":
                    double[] real = [.. attribute.Singles(Limits)];
                    return OnnxValue.Of(OnnxType.Float, [real.Length], real);
                default:
                    break;
            }
        }

        throw node.Fail(
            $"the attributes are {string.Join(", ", node.AttributeNames.Select(ModelFormatException.Quote).Take(16))}, "
            + "expected a dense value");
    }

    public OnnxValue ConstantOfShape(OnnxNode node, OnnxValue?[] inputs)
    {
        long[] shape = Integers(node, Required(node, inputs, 0), "the shape", Limits);
        _ = Count(shape, node.Fail);
        OnnxValue one = node.Attribute("value")?.Tensor()?.Read(Limits, _context.Files) ?? OnnxValue.Of(OnnxType.Float, [1], [0.0]);
        return one.View.Count == 1
            ? one.With(OnnxView.Repeated(0, shape))
            : throw node.Fail($"the value has shape {one.View.Text}, expected one element");
    }

    public OnnxValue Range(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxType type = Required(node, inputs, 0).Type;
        double[] ends = new double[3];
        for (int i = 0; i < ends.Length; i++)
        {
            double[] values = Required(node, inputs, i) is { View.Count: 1 } value ? value.Reals(Limits) : [];
            ends[i] = values is [var end] ? end : throw node.Fail($"input {i} has many elements, expected one");
        }

        double count = Math.Max(0, Math.Ceiling((ends[1] - ends[0]) / ends[2]));
        if (!(count < OnnxLimits.Elements))
        {
            throw node.Fail($"goes from {ends[0]} to {ends[1]} by {ends[2]}, expected a range that ends");
        }

        Limits.Charge((long)count);
        double[] all = [.. Enumerable.Range(0, (int)count).Select(i => ends[0] + (i * ends[2]))];
        return OnnxValue.Of(type, [all.Length], all);
    }

    public OnnxValue Where(OnnxNode node, OnnxValue?[] inputs)
    {
        (OnnxValue condition, OnnxValue a, OnnxValue b) = (Required(node, inputs, 0), Required(node, inputs, 1), Required(node, inputs, 2));
        long[] shape = Broadcast(node, Broadcast(node, a.Shape, b.Shape), condition.Shape);
        long[] chosen = Integers(node, Broadcast(node, condition, shape), "the condition", Limits);
        return a.Type.IsReal()
            ? OnnxValue.Of(a.Type, shape, Choose(Broadcast(node, a, shape).Reals(Limits), Broadcast(node, b, shape).Reals(Limits)))
            : OnnxValue.Of(a.Type, shape, Choose(Broadcast(node, a, shape).Integers(Limits), Broadcast(node, b, shape).Integers(Limits)));

        T[] Choose<T>(T[] one, T[] other)
        {
            for (int i = 0; i < one.Length; i++)
            {
                one[i] = chosen[i] != 0 ? one[i] : other[i];
            }

            return one;
        }
    }

    public OnnxValue Each(OnnxNode node, OnnxValue?[] inputs, Func<double, double> real, Func<long, long>? whole)
    {
        OnnxValue value = Required(node, inputs, 0);
        if (value.Type.IsReal())
        {
            return OnnxValue.Of(value.Type, value.Shape, Array.ConvertAll(value.Reals(Limits), new Converter<double, double>(real)));
        }

        return whole is not null
            ? OnnxValue.Of(value.Type, value.Shape, Array.ConvertAll(value.Integers(Limits), new Converter<long, long>(whole)))
            : throw node.Fail($"the value has the type {value.Type.Name()}, expected real numbers");
    }

    public OnnxValue Pairs(
        OnnxNode node, OnnxValue?[] inputs, Func<double, double, double> real, Func<long, long, long> whole, OnnxType? result = null)
    {
        OnnxValue first = Required(node, inputs, 0);
        for (int i = 1; i < inputs.Length; i++)
        {
            OnnxValue second = Required(node, inputs, i);
            if (first.Type.IsReal() != second.Type.IsReal())
            {
                throw node.Fail($"the types are {first.Type.Name()} and {second.Type.Name()}, expected the same type");
            }

            long[] shape = Broadcast(node, first.Shape, second.Shape);
            (OnnxValue a, OnnxValue b) = (Broadcast(node, first, shape), Broadcast(node, second, shape));
            first = first.Type.IsReal()
                ? OnnxValue.Of(result ?? first.Type, shape, [.. a.Reals(Limits).Zip(b.Reals(Limits), real)])
                : OnnxValue.Of(result ?? first.Type, shape, [.. a.Integers(Limits).Zip(b.Integers(Limits), whole)]);
        }

        return first;
    }

    public OnnxValue Reduce(OnnxNode node, OnnxValue?[] inputs, Func<double, double, double> real, Func<long, long, long> whole)
    {
        OnnxValue value = Required(node, inputs, 0);
        int rank = value.View.Rank;
        long[] named = Parameter(node, inputs, 1, "axes", Limits) ?? [];
        if (named.Length == 0 && node.Int64("noop_with_empty_axes", 0) != 0)
        {
            return value;
        }

        int[] axes = named.Length == 0
            ? [.. Enumerable.Range(0, rank)]
            : [.. named.Select(axis => Axis(node, axis, rank)).Distinct().Order()];
        int[] kept = [.. Enumerable.Range(0, rank).Except(axes)];
        bool keep = node.Int64("keepdims", 1) != 0;
        long[] shape =
        [
            .. Enumerable.Range(0, rank).Where(i => keep || kept.Contains(i)).Select(i => axes.Contains(i) ? 1 : value.View.Size(i)),
        ];
        if (value.View.Count == 0)
        {
            throw node.Fail($"the value has shape {value.View.Text}, expected at least one element");
        }

        // The axes that are reduced come last.
        OnnxValue turned = value.With(value.View.Transpose([.. kept, .. axes]));
        int groups = (int)shape.Aggregate(1L, (product, size) => product * size);
        int each = (int)(value.View.Count / groups);
        return value.Type.IsReal()
            ? OnnxValue.Of(value.Type, shape, Reduced(turned.Reals(Limits), real))
            : OnnxValue.Of(value.Type, shape, Reduced(turned.Integers(Limits), whole));

        T[] Reduced<T>(T[] all, Func<T, T, T> pair)
        {
            var results = new T[groups];
            for (int i = 0; i < groups; i++)
            {
                results[i] = all.Skip(i * each).Take(each).Aggregate(pair);
            }

            return results;
        }
    }
}
