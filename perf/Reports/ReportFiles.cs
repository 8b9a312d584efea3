using System.Text.Json;

namespace SpanRnn.Perf;

/// <summary>
/// The files that a run was asked for. They are opened before anything is measured, so that a name that cannot be written to costs
/// no minutes.
/// </summary>
internal sealed class ReportFiles(string? json, string? page) : IDisposable
{
    private readonly FileStream? _json = Open(json);
    private readonly FileStream? _page = Open(page);

    public void Write(Report report)
    {
        if (_json is not null)
        {
            JsonSerializer.Serialize(_json, report, ReportJson.Default.Report);
            _json.SetLength(_json.Position);
        }

        if (_page is not null)
        {
            using var writer = new StreamWriter(_page, leaveOpen: true) { NewLine = "\n" };
            ReportTables.WritePage(report, writer);
            writer.Flush();
            _page.SetLength(_page.Position);
        }
    }

    public void Dispose()
    {
        _json?.Dispose();
        _page?.Dispose();
    }

    private static FileStream? Open(string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PerfException($"'{path}' cannot be written, expected the name of a file in an existing folder: {e.Message}");
        }
    }
}
