using System.Globalization;
using System.Text.RegularExpressions;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// Sizes that the file leaves open. Each pass gives each of them a number that no other size is likely to have. If two passes with
/// different numbers find the same network, the network does not depend on these sizes.
/// </summary>
/// <param name="file">The file as messages call it.</param>
internal sealed partial class OnnxSizes(string file)
{
    private const int Most = 64;
    private const int FirstOfPassOne = 101;
    private const int FirstOfPassTwo = 521;

    private readonly List<string> _names = [];
    private readonly Dictionary<string, long> _known = [];
    private readonly Dictionary<string, string> _same = [];

    /// <summary>The current pass, 0 or 1.</summary>
    public int Pass { get; set; }

    /// <summary>True if there are any.</summary>
    public bool Any => _names.Exists(name => !_known.ContainsKey(name) && !_same.ContainsKey(name));

    /// <summary>Number of a size in this pass.</summary>
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

    /// <summary>Gives an open size the value that it must have.</summary>
    /// <param name="found">Its number in this pass.</param>
    /// <param name="expected">The value that it must have.</param>
    /// <returns>False if the size is not open.</returns>
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

    /// <summary>
    /// Shows open sizes in a message by their names instead of the numbers of this pass: "?" for those without a name, and products of
    /// several with a dot. Quoted names stay as they are.
    /// </summary>
    public string Shown(string message) => _names.Count == 0 ? message : Numbers().Replace(message, match =>
    {
        if (!long.TryParse(match.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number == 0)
        {
            return match.Value;
        }

        List<string> names = [];
        foreach (string name in _names.Where(name => !_known.ContainsKey(name) && !_same.ContainsKey(name)))
        {
            for (; number % Of(name) == 0; number /= Of(name))
            {
                names.Add(name[0] == ' ' ? name[1..] : "?");
            }
        }

        return names.Count == 0 ? match.Value
            : string.Join("·", number == 1 ? names : [.. names, number.ToString(CultureInfo.InvariantCulture)]);
    });

    // Quoted texts, or numbers.
    [GeneratedRegex(@"'[^']*'|(?<![\w.])\d+(?![\w.]*\w)")]
    private static partial Regex Numbers();

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
