namespace SpanRnn.Perf;

/// <summary>Finds what belongs to the repository from the folder that a program runs in.</summary>
internal static class FolderAbove
{
    /// <summary>The path <paramref name="relative"/> below one of the folders or a folder above it; null if there is none.</summary>
    public static string? Find(string relative, params ReadOnlySpan<string> folders)
    {
        foreach (string start in folders)
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, relative);
                if (Path.Exists(path))
                {
                    return path;
                }
            }
        }

        return null;
    }
}
