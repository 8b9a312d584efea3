namespace SpanRnn.Formats.Onnx;

/// <summary>Inputs and parameters of a node, and their checks.</summary>
internal static class OnnxArguments
{
    /// <summary>Gets an input that must be there.</summary>
    public static OnnxValue Required(OnnxNode node, OnnxValue?[] inputs, int index) =>
        index < inputs.Length && inputs[index] is { } value
            ? value
            : throw node.Fail($"input {index} is missing, expected a value");

    /// <summary>Gets an input; null if it is left out.</summary>
    public static OnnxValue? Optional(OnnxValue?[] inputs, int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>Reads a constant of whole numbers.</summary>
    public static long[] Integers(OnnxNode node, OnnxValue value, string what, OnnxLimits limits) => value.Type.IsReal()
        ? throw node.Fail($"{what} has the type {value.Type.Name()}, expected whole numbers")
        : value.Integers(limits);

    /// <summary>Reads a parameter, which is an input since operator set 13 or so and an attribute before; null if there is none.</summary>
    public static long[]? Parameter(OnnxNode node, OnnxValue?[] inputs, int index, string name, OnnxLimits limits) =>
        Optional(inputs, index) is { } value ? Integers(node, value, name, limits)
        : node.Attribute(name) is { } attribute ? [.. attribute.Int64s(limits)]
        : null;

    /// <summary>Index of an axis that may be counted from the end.</summary>
    public static int Axis(OnnxNode node, long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw node.Fail($"the axis is {axis}, expected an axis of a value with {rank} axes");

    /// <summary>Checks that a value has real numbers.</summary>
    public static void Real(OnnxNode node, string what, OnnxValue value)
    {
        if (!value.Type.IsReal())
        {
            throw node.Fail($"{what} has the type {value.Type.Name()}, expected real numbers");
        }
    }

    /// <summary>Checks a size.</summary>
    public static void ExpectSize(OnnxNode node, string what, OnnxValue value, int axis, long expected)
    {
        if (value.View.Size(axis) != expected)
        {
            throw node.Fail($"{what} has shape {value.View.Text}, expected {expected} on axis {axis}");
        }
    }

    /// <summary>Checks a shape.</summary>
    public static void ExpectShape(OnnxNode node, string what, OnnxValue value, params ReadOnlySpan<long> expected)
    {
        if (!value.Shape.AsSpan().SequenceEqual(expected))
        {
            throw node.Fail($"{what} has shape {value.View.Text}, expected [{string.Join(", ", expected.ToArray())}]");
        }
    }

    /// <summary>Multiplies sizes of any origin: refuses too many, negative ones, and a product that is too large.</summary>
    public static long Count(ReadOnlySpan<long> shape, Func<string, ModelFormatException> fail)
    {
        if (shape.Length > OnnxLimits.Rank)
        {
            throw fail($"has {shape.Length} axes, expected at most {OnnxLimits.Rank}");
        }

        long count = 1;
        foreach (long size in shape)
        {
            if (size < 0 || (size > 0 && count > OnnxLimits.Elements / size))
            {
                throw fail(
                    $"has the shape [{string.Join(", ", shape.ToArray())}], expected sizes of 0 or more with a product of at most 2^38");
            }

            count *= size;
        }

        return count;
    }

    /// <summary>Broadcasts two shapes: the shape that both fit.</summary>
    public static long[] Broadcast(OnnxNode node, long[] a, long[] b)
    {
        long[] shape = new long[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= shape.Length; i++)
        {
            long sizeA = i <= a.Length ? a[^i] : 1;
            long sizeB = i <= b.Length ? b[^i] : 1;
            shape[^i] = sizeA == sizeB || sizeB == 1 ? sizeA
                : sizeA == 1 ? sizeB
                : throw node.Fail(
                    $"the shapes [{string.Join(", ", a)}] and [{string.Join(", ", b)}] do not fit, expected equal sizes or 1");
        }

        _ = Count(shape, node.Fail);
        return shape;
    }

    /// <summary>Repeats a value to a shape that it fits.</summary>
    public static OnnxValue Broadcast(OnnxNode node, OnnxValue value, long[] shape)
    {
        _ = Count(shape, node.Fail);
        OnnxView view = value.View;
        while (view.Rank < shape.Length)
        {
            view = view.Insert(0);
        }

        return value.With(view.Expand(shape));
    }
}
