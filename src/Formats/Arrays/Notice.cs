namespace SpanRnn.Formats.Arrays;

/// <summary>Receives a sentence about the input, which is computed with as it is.</summary>
/// <param name="subject">The beginning of the sentence, which names the array.</param>
/// <param name="said">The rest of it.</param>
internal delegate void Notice(string subject, string said);
