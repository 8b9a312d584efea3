using System.Runtime.CompilerServices;

namespace SpanRnn.Formats;

/// <summary>How numbers of a file are stored, lowest byte first.</summary>
internal enum ElementType
{
    /// <summary>IEEE 754 binary16.</summary>
    Half,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary32.</summary>
    Single,

    /// <summary>IEEE 754 binary64.</summary>
    Double,
}

/// <summary>What an <see cref="ElementType"/> says.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes per number.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Double => sizeof(double),
        ElementType.Single => sizeof(float),
        _ => Unsafe.SizeOf<Half>(),
    };

    /// <summary>The name, as safetensors files have it and programs show it.</summary>
    public static string Name(this ElementType type) => type switch
    {
        ElementType.Double => SafetensorsDtype.Double,
        ElementType.Single => SafetensorsDtype.Single,
        ElementType.Half => SafetensorsDtype.Half,
        _ => SafetensorsDtype.BFloat16,
    };
}
