namespace SpanRnn.Tests;

/// <summary>A pipe: bytes that come in pieces of a given size, and no way back.</summary>
internal sealed class PieceStream(byte[] bytes, int piece) : MemoryStream(bytes)
{
    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <summary>True once somebody closed it.</summary>
    public bool IsClosed { get; private set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        IsClosed = true;
        base.Dispose(disposing);
    }
}
