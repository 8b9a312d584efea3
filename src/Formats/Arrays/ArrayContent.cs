using System.Numerics;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Arrays;

/// <summary>Numbers of an array, checked for type, shape and NaN.</summary>
internal static class ArrayContent
{
    /// <summary>Reads numbers of any type. Says if float64 becomes float.</summary>
    public static T[] Read<T>(NpyArray file, Notice notice, params ReadOnlySpan<string> axes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) != typeof(float))
        {
            return (T[])(object)file.ToDoubles(axes);
        }

        float[] values = file.ToSingles(axes);
        if (file.Dtype == "float64")
        {
            notice(file.Name, ": converted from float64 to float32, in which the outputs are computed.");
        }

        return (T[])(object)values;
    }

    /// <summary>Reads whole numbers, and refuses one beyond int, which is no symbol and no class.</summary>
    public static int[] ReadInts(NpyArray file, params ReadOnlySpan<string> axes)
    {
        long[] values = file.ToInt64s(axes);
        int[] numbers = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            numbers[i] = values[i] is >= int.MinValue and <= int.MaxValue ? (int)values[i] : throw new ModelFormatException(
                file.Name,
                $"the number at {TensorShape.Text(Index(file.Shape, i))} is {values[i]}, "
                + $"expected a symbol or a label, at most {int.MaxValue}.");
        }

        return numbers;
    }

    /// <summary>Reads states, initial or final, or their gradient, into the state of the network.</summary>
    /// <param name="port">The port of the array.</param>
    /// <param name="file">The array.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="state">The state of the network; only the states of <paramref name="port"/> are written.</param>
    /// <param name="notice">Receives what may be a mistake.</param>
    public static void ReadStates<T>(ModelPort port, NpyArray file, int batch, T[] state, Notice notice)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] values = Read<T>(file, notice, Axes(port));
        ExpectShape(file, port.Shape(1, batch), $"{port.Axes} of {port.Name}");
        WarnUnlessFinite<T>(file.Name, file.Shape, values, notice);
        port.ImportStates<T>(batch, values, state);
    }

    /// <summary>Names each axis of a port's array, as <see cref="NpyArray"/> expects it.</summary>
    public static string[] Axes(ModelPort port) => port.Axes.Trim('[', ']').Split(", ");

    /// <summary>Counts the elements of an array.</summary>
    /// <exception cref="OverflowException">There are more than 2³¹ − 1.</exception>
    public static int Length(ReadOnlySpan<int> shape)
    {
        int length = 1;
        foreach (int size in shape)
        {
            length = checked(length * size);
        }

        return length;
    }

    /// <summary>Finds the index along each axis of element <paramref name="element"/>.</summary>
    public static int[] Index(ReadOnlySpan<int> shape, int element)
    {
        int[] index = new int[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            (element, index[axis]) = Math.DivRem(element, shape[axis]);
        }

        return index;
    }

    /// <summary>Refuses another shape.</summary>
    public static void ExpectShape(NpyArray file, ReadOnlySpan<int> expected, string meaning)
    {
        if (!file.Shape.SequenceEqual(expected))
        {
            throw new ModelFormatException(
                file.Name, $"the shape is {TensorShape.Text(file.Shape)}, expected {TensorShape.Text(expected)}, {meaning}.");
        }
    }

    /// <summary>Warns of NaN and infinity, which are computed with like any other number.</summary>
    public static void WarnUnlessFinite<T>(string name, ReadOnlySpan<int> shape, ReadOnlySpan<T> values, Notice notice)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int count = 0;
        int first = -1;
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
            {
                first = count++ == 0 ? i : first;
            }
        }

        if (count > 0)
        {
            string what = T.IsNaN(values[first]) ? "NaN" : "infinity";
            notice(
                $"warning: {name}",
                $" holds {what} at {TensorShape.Text(Index(shape, first))}; {Amount.Of(count)} of its "
                + $"{Amount.Of(values.Length, "number")} {Amount.Are(count)} not finite, "
                + "and results computed from them may not be finite either.");
        }
    }
}
