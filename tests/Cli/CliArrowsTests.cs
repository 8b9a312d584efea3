using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>Arrows between the folders of src/Cli, read from the sources. No command knows another; only Application knows them.</summary>
public partial class CliArrowsTests
{
    /// <summary>Shared folders; each may use those before it, and a command may use all of them.</summary>
    private static readonly string[] _shared = ["Output", "CommandLine", "Models", "Pictures", "Reports", "Sequences"];

    [Fact]
    public void Folders_use_those_before_them()
    {
        (string Folder, string Type, string Text)[] sources = Sources();
        Assert.Equal(_shared, _shared.Intersect(sources.Select(source => source.Folder)));

        string[] arrows = WrongArrows(sources);

        Assert.True(arrows.Length == 0, string.Join('\n', arrows));
    }

    [Theory]
    [InlineData("Run", "TrainSettings settings;", "Run/Seeded uses Train/TrainSettings.")]
    [InlineData("CommandLine", "return ExitCode.Success + ModelOptions.Count;", "CommandLine/Seeded uses Models/ModelOptions.")]
    [InlineData("Output", "Application.Run([]);", "Output/Seeded uses Application.")]
    [InlineData("Models", "// TrainSettings", null)]
    [InlineData("", "TrainCommand.Create(ExitCode.Success);", null)]
    public void A_wrong_arrow_is_named(string folder, string text, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], WrongArrows([.. Sources(), (folder, "Seeded", text)]));

    /// <summary>A file is named after its one type, so the names of files are the names to look for.</summary>
    private static string[] WrongArrows((string Folder, string Type, string Text)[] sources)
    {
        Dictionary<string, string> folders = sources.ToDictionary(source => source.Type, source => source.Folder);
        return
        [
            .. from source in sources
               from name in Name().Matches(Comment().Replace(source.Text, string.Empty)).Select(match => match.Value).Distinct()
               where folders.TryGetValue(name, out string? used) && !IsAllowed(source.Folder, used)
               select $"{source.Folder}/{source.Type} uses {(folders[name].Length > 0 ? folders[name] + "/" : string.Empty)}{name}.",
        ];
    }

    private static bool IsAllowed(string from, string to)
    {
        int place = Array.IndexOf(_shared, from);
        int used = Array.IndexOf(_shared, to);
        return from.Length == 0 || from == to || (used >= 0 && (place < 0 || used < place));
    }

    private static (string Folder, string Type, string Text)[] Sources()
    {
        string root = Repository.PathOf("src", "Cli");
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(file => (Folder: Path.GetDirectoryName(Path.GetRelativePath(root, file))!, File: file))
                .Where(source => source.Folder.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
                .Select(source => (source.Folder, Path.GetFileNameWithoutExtension(source.File), File.ReadAllText(source.File))),
        ];
    }

    // Name of a type: no member of something else, no key of an initializer, no word of a text.
    [GeneratedRegex("""(?<![\w."])[A-Z]\w*""")]
    private static partial Regex Name();

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();
}
