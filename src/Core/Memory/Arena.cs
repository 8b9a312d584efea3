using System.Numerics;

namespace SpanRnn.Core.Memory;

/// <summary>Cuts a caller's buffer into pieces, each on a multiple of 16 numbers from its start.</summary>
internal ref struct Arena<T>(Span<T> buffer)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Granularity = 16;

    private Span<T> _rest = buffer;

    /// <summary>What a piece of <paramref name="length"/> numbers takes of the buffer.</summary>
    public static long LengthOf(long length) => (length + Granularity - 1) / Granularity * Granularity;

    /// <summary>The next <paramref name="length"/> numbers.</summary>
    public Span<T> Take(int length)
    {
        Span<T> piece = _rest[..length];
        _rest = _rest[(int)LengthOf(length)..];
        return piece;
    }

    /// <summary>All that is left.</summary>
    public readonly Span<T> Rest => _rest;
}
