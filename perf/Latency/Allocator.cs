using System.Diagnostics;

namespace SpanRnn.Perf;

/// <summary>A thread that allocates about a billion bytes per second until it is disposed of, as a careless host does.</summary>
internal sealed class Allocator : IDisposable
{
    private const double BytesPerNanosecond = 1;
    private const int Piece = 8 << 10;

    // Living objects make a collection do more than start and end.
    private const int Kept = 1024;

    private readonly Thread _thread;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly int _collections = GC.CollectionCount(0);
    private volatile bool _stop;
    private long _bytes;

    public Allocator()
    {
        _thread = new Thread(Allocate) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Number of collections since the start.</summary>
    public int Collections => GC.CollectionCount(0) - _collections;

    /// <summary>Gigabytes allocated per second since the start.</summary>
    public double GigabytesPerSecond => Volatile.Read(ref _bytes) / Stopwatch.GetElapsedTime(_start).TotalNanoseconds;

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Allocate()
    {
        byte[][] kept = new byte[Kept][];
        for (int next = 0; !_stop; Thread.Sleep(1))
        {
            double due = Stopwatch.GetElapsedTime(_start).TotalNanoseconds * BytesPerNanosecond;
            for (; _bytes < due && !_stop; next = (next + 1) % Kept)
            {
                kept[next] = new byte[Piece];
                Volatile.Write(ref _bytes, _bytes + Piece);
            }
        }
    }
}
