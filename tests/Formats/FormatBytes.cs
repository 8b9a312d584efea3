using System.Buffers.Binary;
using System.Text;

namespace SpanRnn.Tests;

/// <summary>Files built byte by byte, without the writers under test.</summary>
internal static class FormatBytes
{
    /// <summary>Header length, header, and <paramref name="data"/>.</summary>
    public static byte[] Safetensors(byte[] header, params byte[] data)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }

    public static byte[] Safetensors(string header, params byte[] data) => Safetensors(Encoding.UTF8.GetBytes(header), data);

    /// <summary>Magic, version, header length in two or four bytes, header as given, and <paramref name="data"/>.</summary>
    public static byte[] Npy(int version, string header, params byte[] data)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, Encoding.UTF8.GetByteCount(header));
        return
        [
            0x93, .. "NUMPY"u8, (byte)version, 0, .. version == 1 ? length[..2] : length, .. Encoding.UTF8.GetBytes(header), .. data,
        ];
    }

    /// <summary>Version 1 with the header of a C-order array as NumPy writes it, unpadded.</summary>
    public static byte[] Npy(string descr, string shape, params byte[] data) =>
        Npy(1, $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n", data);

    /// <summary>The numbers 1, 2, 3, ... in <paramref name="size"/> bytes each.</summary>
    public static byte[] Count(int count, int size)
    {
        byte[] bytes = new byte[count * size];
        for (int i = 0; i < count; i++)
        {
            bytes[i * size] = (byte)(i + 1);
        }

        return bytes;
    }
}
