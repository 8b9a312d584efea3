using SpanRnn.Formats.Files;

namespace SpanRnn.Tests;

public class AtomicFilesTests
{
    [Fact]
    public void Committed_files_appear_together_and_replace_what_was_there()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a"), "old");
        using (var files = new AtomicFiles())
        {
            files.Add(folder.File("a"), "new"u8);
            files.Add(folder.File("b"), "fresh"u8);

            Assert.Equal("old", File.ReadAllText(folder.File("a")));
            Assert.False(File.Exists(folder.File("b")));

            files.Commit();
        }

        Assert.Equal(["a", "b"], folder.Names());
        Assert.Equal("new", File.ReadAllText(folder.File("a")));
        Assert.Equal("fresh", File.ReadAllText(folder.File("b")));
    }

    [Fact]
    public void Without_a_commit_nothing_changes_and_nothing_is_left()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a"), "old");

        using (var files = new AtomicFiles())
        {
            files.Add(folder.File("a"), "new"u8);
            files.Add(folder.File("b"), "fresh"u8);
        }

        Assert.Equal(["a"], folder.Names());
        Assert.Equal("old", File.ReadAllText(folder.File("a")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_is_written_piece_by_piece(bool isCommitted)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a"), "old");
        using (var files = new AtomicFiles())
        {
            Stream stream = files.Create(folder.File("a"));
            stream.Write("....two"u8);
            stream.Position = 0;
            stream.Write("one "u8);
            Assert.Equal("old", File.ReadAllText(folder.File("a")));
            if (isCommitted)
            {
                files.Commit();
            }
        }

        Assert.Equal(["a"], folder.Names());
        Assert.Equal(isCommitted ? "one two" : "old", File.ReadAllText(folder.File("a")));
    }

    [Fact]
    public void A_destination_that_cannot_be_written_is_refused_before_any_is_replaced()
    {
        using var folder = new TemporaryFolder();
        string missing = Path.Combine(folder.File("none"), "b");
        using (var files = new AtomicFiles())
        {
            files.Add(folder.File("a"), "new"u8);

            Assert.Equal(
                $"The folder of '{missing}' does not exist, expected an existing folder.",
                Assert.Throws<DirectoryNotFoundException>(() => files.Add(missing, "x"u8)).Message);
            Assert.Equal(
                $"'{folder.Path}' is a folder, expected the name of a file to write.",
                Assert.Throws<IOException>(() => files.Add(folder.Path, "x"u8)).Message);
            Assert.Equal(
                $"'{folder.File("a")}' is written twice, expected a different name for each output.",
                Assert.Throws<IOException>(() => files.Add(folder.File("a"), "x"u8)).Message);
        }

        Assert.Empty(folder.Names());
    }

    [Fact]
    public void A_rename_that_fails_leaves_no_temporary_file()
    {
        using var folder = new TemporaryFolder();
        using (var files = new AtomicFiles())
        {
            files.Add(folder.File("a"), "new"u8);
            files.Add(folder.File("b"), "new"u8);
            files.Add(folder.File("c"), "new"u8);
            Directory.CreateDirectory(folder.File("b"));

            Exception e = Assert.ThrowsAny<Exception>(files.Commit);
            Assert.True(e is IOException or UnauthorizedAccessException, e.ToString());
        }

        Assert.Equal(["a", "b"], folder.Names());
        Assert.True(Directory.Exists(folder.File("b")));
        Assert.Equal("new", File.ReadAllText(folder.File("a")));
    }

    [Fact]
    public void A_device_is_not_replaced()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var files = new AtomicFiles();

        Assert.Equal(
            "'/dev/null' is a device, expected the name of a file to write.",
            Assert.Throws<IOException>(() => files.Add("/dev/null", "x"u8)).Message);
    }

    [Fact]
    public void Files_in_memory_are_files()
    {
        if (!Directory.Exists("/dev/shm"))
        {
            return;
        }

        string path = $"/dev/shm/{Path.GetRandomFileName()}";
        try
        {
            using var files = new AtomicFiles();
            files.Add(path, "new"u8);
            files.Commit();
            Assert.Equal("new", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }

        using var others = new AtomicFiles();
        Assert.Throws<IOException>(() => others.Add("/dev/shm", "x"u8));
    }

    [Fact]
    public void A_link_is_followed_and_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("target"), "old");
        if (!TryLink(folder.File("link"), folder.File("target")) || !TryLink(folder.File("loop"), folder.Path))
        {
            return; // the system does not allow links
        }

        using (var files = new AtomicFiles())
        {
            files.Add(folder.File("link"), "new"u8);
            Assert.Throws<IOException>(() => files.Add(Path.Combine(folder.File("loop"), "target"), "again"u8));
            files.Commit();
        }

        Assert.Equal("new", File.ReadAllText(folder.File("target")));
        Assert.NotNull(new FileInfo(folder.File("link")).LinkTarget);
        Assert.Equal(["link", "loop", "target"], folder.Names());
        Assert.Equal(AtomicFiles.Destination(folder.File("target")), AtomicFiles.Destination(Path.Combine(folder.File("loop"), "link")));
        File.Delete(folder.File("loop"));
    }

    [Fact]
    public void A_read_only_file_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a");
        File.WriteAllText(path, "old");
        File.SetAttributes(path, FileAttributes.ReadOnly);
        using (var files = new AtomicFiles())
        {
            UnauthorizedAccessException e = Assert.Throws<UnauthorizedAccessException>(() => files.Add(path, "new"u8));
            Assert.Contains("is read-only", e.Message, StringComparison.Ordinal);
        }

        File.SetAttributes(path, FileAttributes.Normal);
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Fact]
    public void Permissions_stay()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // they are the folder's there
        }

        using var folder = new TemporaryFolder();
        string path = folder.File("a");
        File.WriteAllText(path, "old");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (var files = new AtomicFiles())
        {
            files.Add(path, "new"u8);
            files.Commit();
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    private static bool TryLink(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
