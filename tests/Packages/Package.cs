using System.IO.Compression;
using System.Xml.Linq;

namespace SpanRnn.Tests;

/// <summary>A .nupkg: what its .nuspec says, and its files.</summary>
internal sealed class Package
{
    private readonly XElement _metadata;

    private Package(XElement metadata, Dictionary<string, byte[]> files)
    {
        _metadata = metadata;
        Files = files;
    }

    public string Id => Text("id");

    public string Version => Text("version");

    /// <summary>A command for `dotnet tool install`, not a library.</summary>
    public bool IsTool => Elements("packageType").Any(type => type.Attribute("name")!.Value == "DotnetTool");

    /// <summary>Content by name, such as lib/net10.0/SpanRnn.Core.dll.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    /// <summary>The assemblies of this repository among the files; a tool has those of others too.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> Assemblies => Files.Where(file =>
        file.Key.EndsWith(".dll", StringComparison.Ordinal)
        && Path.GetFileName(file.Key).StartsWith("SpanRnn", StringComparison.OrdinalIgnoreCase));

    /// <summary>Packages that this one brings along, with their versions.</summary>
    public IReadOnlyDictionary<string, string> Dependencies =>
        Elements("dependency").ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);

    public static Package Read(string path)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        Dictionary<string, byte[]> files = [];
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using Stream stream = entry.Open();
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            files.Add(entry.FullName, memory.ToArray());
        }

        string nuspec = files.Keys.Single(name => name.EndsWith(".nuspec", StringComparison.Ordinal));
        using var text = new MemoryStream(files[nuspec]);
        return new Package(XDocument.Load(text).Root!, files);
    }

    /// <summary>Text of an element of the .nuspec; empty if it has none.</summary>
    public string Text(string element) => Elements(element).FirstOrDefault()?.Value ?? string.Empty;

    private IEnumerable<XElement> Elements(string name) =>
        _metadata.Descendants().Where(element => element.Name.LocalName == name);
}
