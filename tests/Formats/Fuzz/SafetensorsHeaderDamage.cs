using System.Buffers.Binary;

namespace SpanRnn.Tests;

/// <summary>
/// Makes half of the changes in the header alone, whose length is written again so that readers get past it, and half anywhere.
/// </summary>
internal static class SafetensorsHeaderDamage
{
    private const int LengthBytes = 8;

    /// <summary>The file with all changes.</summary>
    public static byte[] Apply(byte[] original, Mutation[] changes)
    {
        if (changes[0].Position % 2 == 0)
        {
            return Mutation.Apply(original, changes);
        }

        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(original);
        byte[] header = Mutation.Apply(original[LengthBytes..(LengthBytes + length)], changes);
        return FormatBytes.Safetensors(header, original[(LengthBytes + length)..]);
    }
}
