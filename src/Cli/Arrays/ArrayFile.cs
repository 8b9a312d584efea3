using System.Numerics;
using SpanRnn.Cli.Output;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Arrays;

/// <summary>Arrays from .npy files, held against what a model asks for.</summary>
internal static class ArrayFile
{
    /// <summary>The numbers: in float from float32 only, in double from float32 or float64.</summary>
    public static T[] Read<T>(NpyFile file, params ReadOnlySpan<string> axes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        (T[])(object)(typeof(T) == typeof(float) ? file.ToSingles(axes) : file.ToDoubles(axes));

    /// <summary>Whole numbers; one that no int holds becomes the nearest that does, which no symbol or label is either.</summary>
    public static int[] ReadInts(NpyFile file, params ReadOnlySpan<string> axes) =>
        Array.ConvertAll(file.ToInt64s(axes), value => (int)Math.Clamp(value, int.MinValue, int.MaxValue));

    /// <summary>What each axis of an array is, as <see cref="NpyFile"/> asks for it.</summary>
    public static string[] Axes(ModelPort port) => port.Axes.Trim('[', ']').Split(", ");

    /// <summary>"[3, 4]", for shapes and for indices.</summary>
    public static string Text(ReadOnlySpan<int> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";

    /// <summary>The place of element <paramref name="element"/> in an array of that shape.</summary>
    public static int[] Place(ReadOnlySpan<int> shape, int element)
    {
        int[] place = new int[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            (element, place[axis]) = Math.DivRem(element, shape[axis]);
        }

        return place;
    }

    /// <summary>Refuses another shape.</summary>
    public static void ExpectShape(NpyFile file, ReadOnlySpan<int> expected, string meaning)
    {
        if (!file.Shape.SequenceEqual(expected))
        {
            throw new ModelFormatException(file.Name, $"the shape is {Text(file.Shape)}, expected {Text(expected)}, {meaning}.");
        }
    }

    /// <summary>NaN and infinity are computed with like any other number, but not in silence.</summary>
    public static void WarnUnlessFinite<T>(string name, ReadOnlySpan<int> shape, ReadOnlySpan<T> values, Terminal terminal)
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
            terminal.WriteError(
                $"warning: {name} holds {what} at {Text(Place(shape, first))}; {count} of its {values.Length} numbers are not finite, "
                + "and what is computed from them may not be either.");
        }
    }
}
