using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Formats.Files;

/// <summary>Numbers as files store them: one after the other, lowest byte first.</summary>
internal static class LittleEndian
{
    /// <summary>Reads all numbers of the bytes, whose length is a multiple of a number's size.</summary>
    public static T[] Read<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        var values = new T[bytes.Length / Unsafe.SizeOf<T>()];
        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        ReverseUnlessLittleEndian<T>(values);
        return values;
    }

    /// <summary>Reads the first number of the bytes.</summary>
    public static T First<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian)
        {
            return MemoryMarshal.Read<T>(bytes);
        }

        T value = MemoryMarshal.Read<T>(bytes);
        ReverseUnlessLittleEndian(new Span<T>(ref value));
        return value;
    }

    /// <summary>Stores the numbers; <paramref name="bytes"/> has exactly their size.</summary>
    public static void Write<T>(ReadOnlySpan<T> values, Span<byte> bytes)
        where T : unmanaged
    {
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        ReverseUnlessLittleEndian(MemoryMarshal.Cast<byte, T>(bytes));
    }

    private static void ReverseUnlessLittleEndian<T>(Span<T> values)
        where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian)
        {
            for (int i = 0; i < values.Length; i++)
            {
                MemoryMarshal.AsBytes(values.Slice(i, 1)).Reverse();
            }
        }
    }
}
