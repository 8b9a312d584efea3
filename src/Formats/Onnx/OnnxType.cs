namespace SpanRnn.Formats.Onnx;

/// <summary>Element types by the numbers of TensorProto.DataType; others are refused.</summary>
internal enum OnnxType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float = 1,

    /// <summary>8 bits without a sign.</summary>
    UInt8 = 2,

    /// <summary>8 bits.</summary>
    Int8 = 3,

    /// <summary>16 bits without a sign.</summary>
    UInt16 = 4,

    /// <summary>16 bits.</summary>
    Int16 = 5,

    /// <summary>32 bits.</summary>
    Int32 = 6,

    /// <summary>64 bits.</summary>
    Int64 = 7,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 10,

    /// <summary>IEEE 754 binary64.</summary>
    Double = 11,

    /// <summary>32 bits without a sign.</summary>
    UInt32 = 12,

    /// <summary>64 bits without a sign.</summary>
    UInt64 = 13,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 16,
}
