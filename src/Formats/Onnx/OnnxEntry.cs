namespace SpanRnn.Formats.Onnx;

/// <summary>Text with a key: StringStringEntryProto.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
internal readonly record struct OnnxEntry(string Key, string Value)
{
    /// <summary>Reads a StringStringEntryProto.</summary>
    public static OnnxEntry Parse(ProtobufMessage message)
    {
        (string key, string value) = (string.Empty, string.Empty);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                key = reader.Text();
            }
            else if (reader.Field == 2)
            {
                value = reader.Text();
            }
        }

        return new(key, value);
    }
}
