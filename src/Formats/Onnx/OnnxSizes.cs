namespace SpanRnn.Formats;

/// <summary>
/// Sizes that the file leaves open. Each pass takes a number for each of them that no other size is likely to be; what two passes with
/// different numbers both find does not depend on them.
/// </summary>
/// <param name="file">The file as messages call it.</param>
internal sealed class OnnxSizes(string file)
{
    private const int Most = 64;
    private const int FirstOfPassOne = 101;
    private const int FirstOfPassTwo = 521;

    private readonly List<string> _names = [];
    private readonly Dictionary<string, long> _known = [];
    private readonly Dictionary<string, string> _same = [];

    /// <summary>Which pass it is, 0 or 1.</summary>
    public int Pass { get; set; }

    /// <summary>Whether there are any.</summary>
    public bool Any => _names.Exists(name => !_known.ContainsKey(name) && !_same.ContainsKey(name));

    /// <summary>The number of a size in this pass.</summary>
    public long Of(string name)
    {
        string root = name;
        while (_same.TryGetValue(root, out string? same))
        {
            root = same;
        }

        if (_known.TryGetValue(root, out long known))
        {
            return known;
        }

        int index = _names.IndexOf(root);
        if (index < 0)
        {
            index = _names.Count;
            _names.Add(root);
            if (index == Most)
            {
                throw new ModelFormatException(file, $"more than {Most} sizes of its inputs are unknown, expected fewer.");
            }
        }

        return Prime(Pass == 0 ? FirstOfPassOne : FirstOfPassTwo, index);
    }

    /// <summary>Makes a size that has to be another one so.</summary>
    /// <param name="found">The number that it has in this pass.</param>
    /// <param name="expected">The number that it has to have.</param>
    /// <returns>False where it is no open size.</returns>
    public bool Bind(long found, long expected)
    {
        string? name = Open(found);
        string? other = Open(expected);
        if (name is null || found == expected)
        {
            return false;
        }

        if (other is null)
        {
            _known[name] = expected;
        }
        else
        {
            _same[name] = other;
        }

        return true;
    }

    private string? Open(long size) => _names.Find(
        name => !_known.ContainsKey(name) && !_same.ContainsKey(name) && Of(name) == size);

    private static long Prime(int first, int index)
    {
        int candidate = first;
        for (int found = -1; ; candidate += 2)
        {
            bool prime = true;
            for (int i = 3; i * i <= candidate && prime; i += 2)
            {
                prime = candidate % i != 0;
            }

            if (prime && ++found == index)
            {
                return candidate;
            }
        }
    }
}
