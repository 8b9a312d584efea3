using SpanRnn.Cli;
using SpanRnn.Cli.Output;

namespace SpanRnn.Tests;

public class StandardStreamTests
{
    [Theory]
    [InlineData(false, "No space left on device.")]
    [InlineData(true, "it is closed.")]
    public void An_output_that_cannot_be_written_is_named(bool isClosed, string reason)
    {
        using StreamWriter output = StandardStream.Writer(new Broken(isClosed), "the standard output");
        var error = new StringWriter();

        int code = Application.Run(["demo", "--help"], output, error);

        Assert.Equal(1, code);
        Assert.Equal(
            $"spanrnn: the standard output cannot be written, expected an open file or pipe with space: {reason}",
            error.ToString().TrimEnd());
    }

    [Fact]
    public void Text_comes_out_as_it_is()
    {
        using var stream = new MemoryStream();
        using StreamWriter output = StandardStream.Writer(stream, "the standard output");

        output.WriteLine("a → b");

        Assert.Equal($"a → b{Environment.NewLine}", Console.OutputEncoding.GetString(stream.ToArray()));
    }

    private sealed class Broken(bool isClosed) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw (isClosed
            ? new UnauthorizedAccessException("Access to the path is denied.")
            : new IOException("No space left on device"));
    }
}
