using System.Text;
using System.Text.Json;
using SpanRnn.Formats.Files;

namespace SpanRnn.Perf;

/// <summary>Files that a run writes.</summary>
internal sealed class ReportFiles
{
    private readonly string? _json;
    private readonly string? _page;

    /// <summary>Throws if the files cannot be written, before anything is measured; leaves nothing behind.</summary>
    public ReportFiles(string? json, string? page)
    {
        (_json, _page) = (json, page);
        using var trial = new AtomicFiles();
        Add(trial, [], []);
    }

    /// <summary>Writes the files, whole or not at all.</summary>
    public void Write(Report report)
    {
        using var page = new StringWriter { NewLine = "\n" };
        ReportTables.WritePage(report, page);
        using var files = new AtomicFiles();
        Add(files, JsonSerializer.SerializeToUtf8Bytes(report, ReportJson.Default.Report), Encoding.UTF8.GetBytes(page.ToString()));
        files.Commit();
    }

    private void Add(AtomicFiles files, ReadOnlySpan<byte> json, ReadOnlySpan<byte> page)
    {
        if (_json is not null)
        {
            files.Add(_json, json);
        }

        if (_page is not null)
        {
            files.Add(_page, page);
        }
    }
}
