using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>Checks of packages; each answers with sentences, none if all is well.</summary>
internal static class PackageChecks
{
    private static readonly string[] _marks = ["IsTrimmable", "IsAotCompatible"];

    /// <summary>Folders of the machine in a file: in its bytes, and in names and texts of the sources of an assembly's symbols.</summary>
    public static IEnumerable<string> Paths(string name, byte[] content, IEnumerable<string> folders)
    {
        List<(string Place, byte[] Bytes)> parts = [(name, content)];
        if (SymbolsOf(name, content) is { } symbols)
        {
            parts.AddRange(symbols.Sources.Keys.Select(path => ($"the name of a source of {name}", Encoding.UTF8.GetBytes(path))));
            parts.AddRange(symbols.Sources.Where(source => source.Value is not null)
                .Select(source => ($"the source {source.Key} of {name}", source.Value!)));
            parts.AddRange(symbols.Others.Select(other => ($"the symbols of {name}", other)));
        }

        return from folder in folders
               from path in new[] { folder, folder.Replace('\\', '/') }.Distinct()
               from part in parts
               where Contains(part.Bytes, path)
               select $"{part.Place} has the path {path}.";
    }

    /// <summary>
    /// Sources of an assembly whose text is not in its symbols as <paramref name="root"/> has it, or whose path does not start with /_/.
    /// </summary>
    public static IEnumerable<string> Sources(string name, byte[] content, string root)
    {
        if (SymbolsOf(name, content) is not { Sources.Count: > 0 } symbols)
        {
            yield return $"{name} has no sources in its symbols.";
            yield break;
        }

        foreach ((string path, byte[]? text) in symbols.Sources)
        {
            if (!path.StartsWith("/_/", StringComparison.Ordinal))
            {
                yield return $"{name} has the source {path}, expected a path that starts with /_/.";
            }
            else if (text is null)
            {
                yield return $"{name} does not have the text of {path}.";
            }
            else if (!path.Contains("/obj/", StringComparison.Ordinal) // generators leave no files
                && !File.ReadAllBytes(Path.Combine(root, path[3..])).AsSpan().SequenceEqual(text))
            {
                yield return $"{name} has another text of {path} than the folder that it was built in.";
            }
        }
    }

    /// <summary>Marks for trimming and ahead-of-time compilation that an assembly lacks.</summary>
    public static IEnumerable<string> Marks(string name, byte[] content)
    {
        using var file = new PEReader([.. content]);
        MetadataReader reader = file.GetMetadataReader();
        HashSet<(string?, string?)> found = [.. reader.GetAssemblyDefinition().GetCustomAttributes()
            .Select(reader.GetCustomAttribute)
            .Where(attribute => AttributeName(reader, attribute) == nameof(AssemblyMetadataAttribute))
            .Select(attribute =>
            {
                // Two strings behind two bytes that every attribute begins with.
                BlobReader blob = reader.GetBlobReader(attribute.Value);
                blob.ReadUInt16();
                return (blob.ReadSerializedString(), blob.ReadSerializedString());
            })];
        return _marks
            .Where(mark => !found.Contains((mark, "True")))
            .Select(mark => $"{name} is not marked as {mark}.");
    }

    /// <summary>Assemblies that differ between two packings.</summary>
    public static IEnumerable<string> Differences(
        IEnumerable<KeyValuePair<string, byte[]>> assemblies, IReadOnlyDictionary<string, byte[]> again) =>
        assemblies.Where(assembly => !again.TryGetValue(assembly.Key, out byte[]? other) || !assembly.Value.AsSpan().SequenceEqual(other))
            .Select(assembly => $"{assembly.Key} differs between two packings.");

    /// <summary>The package and all that it brings along, by name, as a project.assets.json of one framework has them.</summary>
    public static string[] Closure(string assets, string package)
    {
        using var document = JsonDocument.Parse(assets);
        var dependencies = document.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject().ToDictionary(
            library => library.Name.Split('/')[0],
            library => library.Value.TryGetProperty("dependencies", out JsonElement found)
                ? found.EnumerateObject().Select(dependency => dependency.Name).ToArray()
                : []);

        HashSet<string> closure = [];
        Add(package);
        return [.. closure.Order(StringComparer.Ordinal)];

        void Add(string name)
        {
            if (closure.Add(name))
            {
                Array.ForEach(dependencies[name], Add);
            }
        }
    }

    private static Symbols? SymbolsOf(string name, byte[] content) => Path.GetExtension(name) switch
    {
        ".dll" => Symbols.OfAssembly(content),
        ".pdb" => Symbols.OfFile(content),
        _ => null,
    };

    private static bool Contains(ReadOnlySpan<byte> bytes, string text) =>
        bytes.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 || bytes.IndexOf(Encoding.Unicode.GetBytes(text)) >= 0;

    private static string? AttributeName(MetadataReader reader, CustomAttribute attribute) =>
        attribute.Constructor.Kind == HandleKind.MemberReference
        && reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } type
            ? reader.GetString(reader.GetTypeReference((TypeReferenceHandle)type).Name)
            : null;
}
