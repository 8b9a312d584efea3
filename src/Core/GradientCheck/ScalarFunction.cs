namespace SpanRnn;

/// <summary>Function of many numbers with one number as its value, of which a gradient is taken.</summary>
/// <param name="point">[n] in; valid during the call only.</param>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <returns>The value at <paramref name="point"/>; the same point always has the same value.</returns>
public delegate T ScalarFunction<T>(ReadOnlySpan<T> point);
