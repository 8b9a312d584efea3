using System.Collections.Immutable;
using System.Reflection.PortableExecutable;
using System.Text;
using OxyPlot;
using SkiaSharp;

namespace SpanRnn.Cli.Pictures;

/// <summary>
/// The font Inter, which travels along because a machine may have no font at all. Characters that it lacks are those of the machine.
/// </summary>
internal static class InterFont
{
    private static readonly Lazy<Dictionary<string, byte[]>> _files = new(Read);
    private static readonly Lazy<SKTypeface> _regular = new(() => Typeface("/Assets/Inter-Regular.ttf"));
    private static readonly Lazy<SKTypeface> _bold = new(() => Typeface("/Assets/Inter-SemiBold.ttf"));

    /// <summary>Makes a font of a size in pixels.</summary>
    public static SKFont Of(double size, double weight) => Font(TypefaceOf(weight), size);

    /// <summary>Cuts a text into runs, each with a font that has its characters if there is one.</summary>
    public static IEnumerable<(string Run, SKFont Font)> Runs(string text, double size, double weight)
    {
        SKTypeface usual = TypefaceOf(weight);
        var run = new StringBuilder();
        SKTypeface current = usual;
        foreach (Rune rune in text.EnumerateRunes())
        {
            SKTypeface own = usual.ContainsGlyph(rune.Value) ? usual : SKFontManager.Default.MatchCharacter(rune.Value) ?? usual;
            if (own.Handle != current.Handle && run.Length > 0)
            {
                yield return (run.ToString(), Font(current, size));
                run.Clear();
            }

            current = own;
            run.Append(rune.ToString());
        }

        yield return (run.ToString(), Font(current, size));
    }

    private static SKTypeface TypefaceOf(double weight) => weight > FontWeights.Normal ? _bold.Value : _regular.Value;

    private static SKFont Font(SKTypeface typeface, double size) =>
        new(typeface, (float)size) { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };

    private static SKTypeface Typeface(string name)
    {
        using var data = SKData.CreateCopy(_files.Value[name]);
        return SKTypeface.FromData(data);
    }

    // The only resource of the assembly: its length, that of an index, the index, and the files. The index has a version, the number of
    // files, and for each its name, place and length.
    private static Dictionary<string, byte[]> Read()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Avalonia.Fonts.Inter.dll")));
        int resources = file.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress;
        PEMemoryBlock block = file.GetSectionData(resources);
        ImmutableArray<byte> content = block.GetContent(sizeof(int), block.Length - sizeof(int));
        using var reader = new BinaryReader(new MemoryStream([.. content], writable: false));
        int start = reader.ReadInt32() + sizeof(int);
        reader.ReadInt32();
        (string Name, int Place, int Length)[] index =
            [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => (reader.ReadString(), reader.ReadInt32(), reader.ReadInt32()))];
        return index.ToDictionary(entry => entry.Name, entry => content.AsSpan(start + entry.Place, entry.Length).ToArray());
    }
}
