namespace SpanRnn.Formats;

/// <summary>One message of a protobuf file, and where it stands.</summary>
/// <param name="File">The file as messages call it.</param>
/// <param name="Start">The byte of the file with which the message begins.</param>
/// <param name="Bytes">The message.</param>
internal readonly record struct ProtobufMessage(string File, long Start, ReadOnlyMemory<byte> Bytes);
