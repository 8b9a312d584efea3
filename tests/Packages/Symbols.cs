using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace SpanRnn.Tests;

/// <summary>Symbols of an assembly: its sources, and whatever else the compiler wrote beside them.</summary>
internal sealed class Symbols
{
    /// <summary>Kind of the record that holds the text of a source.</summary>
    public static Guid EmbeddedSource { get; } = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private Symbols(MetadataReader reader)
    {
        foreach (DocumentHandle handle in reader.Documents)
        {
            CustomDebugInformation? source = reader.GetCustomDebugInformation(handle)
                .Select(reader.GetCustomDebugInformation)
                .Where(information => reader.GetGuid(information.Kind) == EmbeddedSource)
                .Cast<CustomDebugInformation?>()
                .FirstOrDefault();
            Sources.Add(
                reader.GetString(reader.GetDocument(handle).Name),
                source is { } found ? Decompress(reader.GetBlobContent(found.Value)) : null);
        }

        for (int row = 1; row <= reader.GetTableRowCount(TableIndex.CustomDebugInformation); row++)
        {
            CustomDebugInformation information = reader.GetCustomDebugInformation(MetadataTokens.CustomDebugInformationHandle(row));
            Others.Add([.. reader.GetBlobContent(information.Value)]);
        }
    }

    /// <summary>Text of each source by its path; null if it is not embedded.</summary>
    public Dictionary<string, byte[]?> Sources { get; } = [];

    /// <summary>Other records, such as the link to the repository and the compiler's options.</summary>
    public List<byte[]> Others { get; } = [];

    /// <summary>Symbols within an assembly; null if it has none.</summary>
    public static Symbols? OfAssembly(byte[] assembly)
    {
        using var file = new PEReader([.. assembly]);
        foreach (DebugDirectoryEntry entry in file.ReadDebugDirectory())
        {
            if (entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb)
            {
                using MetadataReaderProvider provider = file.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
                return new Symbols(provider.GetMetadataReader());
            }
        }

        return null;
    }

    /// <summary>Symbols in a .pdb file.</summary>
    public static Symbols OfFile(byte[] pdb)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbImage([.. pdb]);
        return new Symbols(provider.GetMetadataReader());
    }

    // Four bytes tell the length, 0 if the text is not compressed.
    private static byte[] Decompress(ImmutableArray<byte> blob)
    {
        byte[] bytes = [.. blob];
        int length = BitConverter.ToInt32(bytes);
        if (length == 0)
        {
            return bytes[4..];
        }

        using var deflate = new DeflateStream(new MemoryStream(bytes, 4, bytes.Length - 4), CompressionMode.Decompress);
        byte[] text = new byte[length];
        deflate.ReadExactly(text);
        return text;
    }
}
