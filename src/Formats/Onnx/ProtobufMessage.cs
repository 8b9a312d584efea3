namespace SpanRnn.Formats.Onnx;

/// <summary>One message of a protobuf file, with its place.</summary>
/// <param name="File">The file as messages call it.</param>
/// <param name="Start">The byte of the file at which the message begins.</param>
/// <param name="Bytes">The bytes of the message.</param>
internal readonly record struct ProtobufMessage(string File, long Start, ReadOnlyMemory<byte> Bytes);
