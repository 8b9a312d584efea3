namespace SpanRnn.Perf;

/// <summary>Finds files of the repository from the folder that a program runs in.</summary>
internal static class FolderAbove
{
    /// <summary>Path of <paramref name="relative"/> in one of the folders or in a folder above it; null if there is none.</summary>
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
