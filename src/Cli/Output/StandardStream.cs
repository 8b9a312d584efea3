using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SpanRnn.Cli.Output;

/// <summary>A standard stream of the process, whose name is in the message if it is closed or full.</summary>
/// <param name="stream">The stream.</param>
/// <param name="name">Its name in messages.</param>
internal sealed class StandardStream(Stream stream, string name) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens the standard output. Where its reader has gone, as behind head, a write fails.</summary>
    public static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        // Outside Windows the console's own stream takes what no one reads. A file is left to it: two programs may share a place in it.
        try
        {
            var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return output.CanSeek ? Console.OpenStandardOutput() : output;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput();
        }
    }

    /// <summary>True for the error of a pipe whose reader has gone.</summary>
    public static bool IsLeft(Exception e)
    {
        const int BrokenPipe = 32; // EPIPE
        return !OperatingSystem.IsWindows() && e is IOException { InnerException: IOException { HResult: BrokenPipe } };
    }

    /// <summary>Makes a writer of text that is written at once.</summary>
    public static StreamWriter Writer(Stream stream, string name)
    {
        // Without the mark that UTF-8 may begin with.
        Encoding encoding = Console.OutputEncoding is UTF8Encoding ? new UTF8Encoding(false) : Console.OutputEncoding;
        return new StreamWriter(new StandardStream(stream, name), encoding) { AutoFlush = true };
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            stream.Write(buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A closed stream is one without access.
            string reason = e is IOException ? e.Message.TrimEnd('.') : "it is closed";
            throw new IOException($"{name} cannot be written, expected an open file or pipe with space: {reason}.", e);
        }
    }

    /// <inheritdoc/>
    public override void Flush() => stream.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
