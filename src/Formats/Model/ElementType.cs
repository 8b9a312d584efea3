using System.Diagnostics.CodeAnalysis;

namespace SpanRnn;

/// <summary>Type of the numbers in a file, stored lowest byte first.</summary>
[SuppressMessage("Naming", "CA1720", Justification = ".NET's names of these types.")]
public enum ElementType
{
    /// <summary>IEEE 754 binary16.</summary>
    Half,

    /// <summary>The upper half of a binary32 (bfloat16).</summary>
    BFloat16,

    /// <summary>IEEE 754 binary32.</summary>
    Single,

    /// <summary>IEEE 754 binary64.</summary>
    Double,
}
