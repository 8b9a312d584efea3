namespace SpanRnn.Formats;

/// <summary>The element types of the safetensors format.</summary>
internal static class SafetensorsDtype
{
    public const string Single = "F32";
    public const string Double = "F64";
    public const string Half = "F16";
    public const string BFloat16 = "BF16";

    /// <summary>Bytes per element, by the name that the header uses.</summary>
    public static IReadOnlyDictionary<string, int> Sizes { get; } = new Dictionary<string, int>
    {
        [Double] = 8,
        [Single] = 4,
        [Half] = 2,
        [BFloat16] = 2,
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
