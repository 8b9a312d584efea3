using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>
/// A span between guards, at a chosen misalignment. The guards around an input are NaN, so that a read beyond it shows in the result. The
/// guards around an output are a number, and <see cref="AssertIntact"/> finds writes beyond it.
/// </summary>
internal sealed class Guarded<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // More than the widest tile, and a whole number of 64 bytes.
    private const int Margin = 96;

    private readonly AlignedBuffer<T> _buffer;
    private readonly int _start;
    private readonly T _guard;

    private Guarded(int length, int offset, T guard)
    {
        _buffer = new AlignedBuffer<T>(Margin + offset + length + Margin);
        _start = Margin + offset;
        _guard = guard;
        Length = length;
        _buffer.Span.Fill(guard);
    }

    public int Length { get; }

    public Span<T> Span => _buffer.Span.Slice(_start, Length);

    /// <summary>A copy of <paramref name="values"/> that starts <paramref name="offset"/> numbers behind a 64-byte boundary.</summary>
    public static Guarded<T> Input(ReadOnlySpan<T> values, int offset)
    {
        var input = new Guarded<T>(values.Length, offset, T.NaN);
        values.CopyTo(input.Span);
        return input;
    }

    /// <summary>Space for a result, which starts as <paramref name="values"/>.</summary>
    public static Guarded<T> Output(ReadOnlySpan<T> values, int offset)
    {
        var output = new Guarded<T>(values.Length, offset, T.CreateTruncating(1234.5));
        values.CopyTo(output.Span);
        return output;
    }

    public void AssertIntact()
    {
        AssertGuard(_buffer.Span[.._start]);
        AssertGuard(_buffer.Span[(_start + Length)..]);
    }

    private void AssertGuard(ReadOnlySpan<T> guard)
    {
        for (int i = 0; i < guard.Length; i++)
        {
            if (!guard[i].Equals(_guard))
            {
                Assert.Fail($"Guard element {i} of {guard.Length} is {guard[i]}, expected {_guard}.");
            }
        }
    }
}
