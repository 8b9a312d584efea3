using System.Globalization;

namespace SpanRnn.Perf;

/// <summary>Bytes of the caches of one core.</summary>
internal readonly record struct CacheSizes(long Level1, long Level2, long Level3)
{
    private const string LinuxFolder = "/sys/devices/system/cpu/cpu0/cache";

    /// <summary>Sizes if the system does not tell: most processors have at least these.</summary>
    public static CacheSizes Fallback { get; } = new(32 << 10, 512 << 10, 8 << 20);

    /// <summary>Sizes that Linux tells of the first core; elsewhere the fallback.</summary>
    public static CacheSizes OfThisMachine { get; } = Read(LinuxFolder);

    /// <summary>Reads index0, index1 … of a folder like that of Linux; a level that is missing comes from the fallback.</summary>
    public static CacheSizes Read(string folder)
    {
        CacheSizes sizes = Fallback;
        if (!Directory.Exists(folder))
        {
            return sizes;
        }

        foreach (string index in Directory.EnumerateDirectories(folder, "index*"))
        {
            if (Value(index, "type") == "Instruction" || Bytes(Value(index, "size")) is not { } bytes)
            {
                continue;
            }

            sizes = Value(index, "level") switch
            {
                "1" => sizes with { Level1 = bytes },
                "2" => sizes with { Level2 = bytes },
                "3" => sizes with { Level3 = bytes },
                _ => sizes,
            };
        }

        return sizes;
    }

    private static string Value(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : string.Empty;
    }

    // "512K"
    private static long? Bytes(string text) =>
        text.Length > 1 && text[^1] is 'K' or 'M' && long.TryParse(text[..^1], CultureInfo.InvariantCulture, out long count)
            ? count << (text[^1] == 'K' ? 10 : 20)
            : null;
}
