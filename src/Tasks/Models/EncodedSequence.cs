namespace SpanRnn.Tasks.Models;

/// <summary>A sequence as a network takes it: symbols, or numbers [Length × features], of which the other is empty.</summary>
internal readonly record struct EncodedSequence(int[] Symbols, float[] Numbers, int Length);
