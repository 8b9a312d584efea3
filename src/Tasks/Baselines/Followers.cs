namespace SpanRnn.Tasks.Baselines;

/// <summary>How often each symbol followed a context, in the order in which they were first seen.</summary>
internal sealed class Followers
{
    private readonly OrderedDictionary<int, int> _counts = [];

    public int Total { get; private set; }

    public int Different => _counts.Count;

    /// <summary>The most frequent symbol, of several the one that was seen first.</summary>
    public int Likeliest => _counts.MaxBy(count => count.Value).Key;

    public int Count(int symbol) => _counts.GetValueOrDefault(symbol);

    public void Add(int symbol)
    {
        _counts[symbol] = Count(symbol) + 1;
        Total++;
    }
}
