using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Safetensors;

/// <summary>Element types of the safetensors format.</summary>
internal static class SafetensorsDtype
{
    /// <summary>Bytes per element by the type's name in the header.</summary>
    public static IReadOnlyDictionary<string, int> Sizes { get; } = new Dictionary<string, int>
    {
        [ElementType.Double.Name()] = ElementType.Double.Size(),
        [ElementType.Single.Name()] = ElementType.Single.Size(),
        [ElementType.Half.Name()] = ElementType.Half.Size(),
        [ElementType.BFloat16.Name()] = ElementType.BFloat16.Size(),
        ["I64"] = 8,
        ["I32"] = 4,
        ["I16"] = 2,
        ["I8"] = 1,
        ["U64"] = 8,
        ["U32"] = 4,
        ["U16"] = 2,
        ["U8"] = 1,
        ["BOOL"] = 1,
        ["F8_E4M3"] = 1,
        ["F8_E5M2"] = 1,
    };
}
