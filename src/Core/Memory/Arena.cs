using System.Numerics;

namespace SpanRnn.Core.Memory;

/// <summary>Cuts a caller's buffer into pieces, each of which starts at a multiple of 16 numbers.</summary>
internal ref struct Arena<T>(Span<T> buffer)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Granularity = 16;

    private Span<T> _rest = buffer;

    /// <summary>Length that a piece of <paramref name="length"/> numbers takes of the buffer.</summary>
    public static long LengthOf(long length) => (length + Granularity - 1) / Granularity * Granularity;

    /// <summary>Takes the next <paramref name="length"/> numbers.</summary>
    public Span<T> Take(int length)
    {
        Span<T> piece = _rest[..length];
        _rest = _rest[(int)LengthOf(length)..];
        return piece;
    }

    /// <summary>Numbers that are not taken yet.</summary>
    public readonly Span<T> Rest => _rest;
}
