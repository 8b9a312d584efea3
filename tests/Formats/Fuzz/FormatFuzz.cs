using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace SpanRnn.Tests;

/// <summary>
/// Feeds a reader with damaged files. Only <see cref="ModelFormatException"/> may leave it, within a memory that is a small multiple of
/// the file and within a time that only an endless loop exceeds.
/// </summary>
internal static class FormatFuzz
{
    /// <summary>Bytes that a reader may allocate for any file.</summary>
    public const long Allowance = 4 << 20;

    /// <summary>Bytes that a reader may allocate beyond <see cref="Allowance"/> for each byte of the file.</summary>
    public const long AllowancePerByte = 64;

    private const int SecondsPerFile = 60;

    /// <summary>Files per format: 1,000, or the number in the variable SPANRNN_FUZZ.</summary>
    public static int Files { get; } =
        int.Parse(Environment.GetEnvironmentVariable("SPANRNN_FUZZ") ?? "1000", CultureInfo.InvariantCulture);

    /// <summary>Reads <paramref name="count"/> damaged copies of the originals.</summary>
    /// <param name="read">Reads all of a file.</param>
    /// <param name="count">Number of copies.</param>
    /// <param name="originals">Good files, taken in turn.</param>
    /// <returns>Number of files that were refused.</returns>
    public static int Run(Action<byte[]> read, int count, params byte[][] originals) => Run(read, Mutation.Apply, count, originals);

    /// <inheritdoc cref="Run(Action{byte[]}, int, byte[][])"/>
    /// <param name="read">Reads all of a file.</param>
    /// <param name="damage">Changes a file.</param>
    /// <param name="count">Number of copies.</param>
    /// <param name="originals">Good files, taken in turn.</param>
    public static int Run(Action<byte[]> read, Func<byte[], Mutation[], byte[]> damage, int count, params byte[][] originals)
    {
        // Memory that the first reading of a file allocates for all later ones does not count.
        Array.ForEach(originals, read);
        Gen<(int, Mutation[])> draws =
            from original in Gen.Choose(0, originals.Length - 1)
            from changes in Mutation.Draws
            select (original, changes);
        var watched = new Watched();
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    Properties.Hold(draws, draw => watched.Read(read, damage(originals[draw.Item1], draw.Item2)), count);
                }
                catch (Exception e)
                {
                    failure = e;
                }
            })
        { IsBackground = true };
        thread.Start();
        long seen = -1;
        for (var time = Stopwatch.StartNew(); !thread.Join(1000);)
        {
            if (watched.Done != seen)
            {
                seen = watched.Done;
                time.Restart();
            }

            Assert.True(
                time.Elapsed.TotalSeconds < SecondsPerFile,
                $"File {watched.Done} has been read for {SecondsPerFile} s: {Convert.ToBase64String(watched.Current)}");
        }

        Assert.True(failure is null, failure?.ToString());
        return watched.Refused;
    }

    private sealed class Watched
    {
        private long _done;

        public long Done => Interlocked.Read(ref _done);

        public byte[] Current { get; private set; } = [];

        public int Refused { get; private set; }

        public void Read(Action<byte[]> read, byte[] file)
        {
            Current = file;
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(file);
            }
            catch (ModelFormatException)
            {
                Refused++;
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            long allowed = Allowance + (AllowancePerByte * file.Length);
            Assert.True(
                allocated <= allowed, $"A file of {file.Length} bytes made the reader allocate {allocated}, expected at most {allowed}.");
            Interlocked.Increment(ref _done);
        }
    }
}
