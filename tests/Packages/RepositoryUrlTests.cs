using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>A package names the repository and links its sources if the clone has a public remote, and only then.</summary>
[Trait("Category", "Slow")]
public class RepositoryUrlTests
{
    private const string Revision = "0123456789abcdef0123456789abcdef01234567";

    [Theory]
    [InlineData(null, "", false)]
    [InlineData("../somewhere", "", false)]
    [InlineData("ssh://git.example/somebody/SpanRnn.git", "", false)]
    [InlineData("https://git.example/somebody/SpanRnn.git", "https://git.example/somebody/SpanRnn.git", false)]
    [InlineData("https://name:secret@github.com/somebody/SpanRnn.git", "https://github.com/somebody/SpanRnn.git", true)]
    [InlineData("git@github.com:somebody/SpanRnn.git", "https://github.com/somebody/SpanRnn.git", true)]
    public void The_remote_decides(string? remote, string url, bool isLinked)
    {
        using var folder = new TemporaryFolder();
        foreach (string file in new[]
        {
            "Directory.Build.props", "Directory.Packages.props", "global.json", "src/Directory.Build.props", "src/Package/SpanRnn.csproj",
        })
        {
            Write(file, File.ReadAllText(Repository.PathOf(file)));
        }

        Write(".git/HEAD", "ref: refs/heads/main\n");
        Write(".git/refs/heads/main", Revision + "\n");
        Write(".git/config", remote is null ? "" : $"[remote \"origin\"]\n\turl = {remote}\n");
        Directory.CreateDirectory(folder.File(".git/objects"));
        Directory.CreateDirectory(folder.File("src/Package/obj/Release/net10.0"));

        (int exitCode, string output) = Command.Run(
            folder.Path,
            60,
            "dotnet",
            "msbuild",
            "src/Package/SpanRnn.csproj",
            "-p:Configuration=Release",
            "-t:GenerateSourceLinkFile;_InitializeNuspecRepositoryInformationProperties",
            "-getProperty:RepositoryUrl",
            "-getProperty:RepositoryCommit",
            "-getProperty:SourceLink");

        Assert.True(exitCode == 0, output);
        using var answer = JsonDocument.Parse(output);
        JsonElement properties = answer.RootElement.GetProperty("Properties");
        Assert.Equal(url, properties.GetProperty("RepositoryUrl").GetString());
        Assert.Equal(Revision, properties.GetProperty("RepositoryCommit").GetString());
        string link = properties.GetProperty("SourceLink").GetString()!;
        Assert.Equal(isLinked, link.Length > 0);
        if (isLinked)
        {
            Assert.Equal(
                $$$"""{"documents":{"/_/*":"https://raw.githubusercontent.com/somebody/SpanRnn/{{{Revision}}}/*"}}""",
                File.ReadAllText(Path.Combine(folder.File("src/Package"), link.Replace('\\', '/'))));
        }

        void Write(string file, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
            File.WriteAllText(folder.File(file), text);
        }
    }
}
