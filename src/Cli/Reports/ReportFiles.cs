using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Pictures;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Reports;

/// <summary>The page of --report and the picture of --plot, which are written together at the end of a command.</summary>
internal sealed class ReportFiles
{
    private readonly string? _report;
    private readonly string? _plot;
    private readonly Terminal _terminal;
    private readonly string[] _read = [];

    /// <summary>Checks both files before the work.</summary>
    /// <param name="report">The page, or null.</param>
    /// <param name="plot">The picture, or null.</param>
    /// <param name="inputs">All files that are read; null for those that were not given.</param>
    /// <param name="terminal">For the command line.</param>
    /// <param name="outputs">All other files that are written.</param>
    /// <exception cref="IOException">A file is read and written, cannot be written, or cannot be drawn on this system.</exception>
    public ReportFiles(
        string? report, string? plot, IEnumerable<string?> inputs, Terminal terminal, params ReadOnlySpan<string?> outputs)
    {
        (_report, _plot, _terminal) = (report, plot, terminal);
        string[] own = [.. new[] { report, plot }.OfType<string>()];
        if (own.Length == 0)
        {
            return;
        }

        string[] read = [.. inputs.OfType<string>()];
        OutputFiles.ExpectSeparate(read, own);
        using (var all = new AtomicFiles())
        {
            foreach (string? path in (string?[])[.. outputs, .. own])
            {
                if (path is not null)
                {
                    all.Add(path, []);
                }
            }
        }

        if (plot is not null && FileEnding.Of(plot) == ".png")
        {
            PngCanvas.ExpectSkia(plot);
        }

        _read = [.. read.Distinct()];
    }

    /// <summary>Makes the option --report.</summary>
    public static Option<string?> CreateReport() =>
        FileOption.Create("--report", "A page with figures and pictures, an .html that needs nothing outside itself.", ReportProblem);

    /// <summary>Makes the option --plot.</summary>
    /// <param name="what">What the picture shows.</param>
    public static Option<string?> CreatePlot(string what) => FileOption.Create(
        "--plot",
        $"A picture of {what}, a .png or an .svg.",
        path => FileEnding.Of(path) is ".png" or ".svg" ? null : $"--plot is '{path}', expected a name that ends in .png or .svg.");

    /// <summary>Finds the sentence about a wrong name of a page, or null.</summary>
    public static string? ReportProblem(string path) =>
        FileEnding.Of(path) == ".html" ? null : $"--report is '{path}', expected a name that ends in .html.";

    /// <summary>Writes what was asked for.</summary>
    /// <param name="title">Title of the page.</param>
    /// <param name="seeds">The seeds, in words.</param>
    /// <param name="content">Adds the content of the page.</param>
    /// <param name="picture">Makes the picture of --plot.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public void Write(string title, string seeds, Action<ReportPage> content, Func<Picture> picture)
    {
        using var files = new AtomicFiles();
        if (_report is not null)
        {
            var page = new ReportPage(title);
            content(page);
            page.Heading("How it was made");
            page.Facts(
            [
                ("command", CommandLine()),
                ("program", $"spanrnn {Machine.Version}{(Machine.Commit is { } commit ? $", commit {commit}" : string.Empty)}"),
                ("date", DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)),
                ("machine", $"{Machine.Processor}, vectors of {Machine.VectorBits} bits"),
                ("seed", seeds),
                .. _read.Select(path => ("read", $"{path}: {Content(path)}")),
            ]);
            files.Add(_report, page.ToBytes());
        }

        if (_plot is not null)
        {
            Picture drawn = picture();
            files.Add(
                _plot, FileEnding.Of(_plot) == ".png" ? drawn.Png() : Encoding.UTF8.GetBytes(drawn.Svg(Scheme.Light, Picture.Wide)));
        }

        files.Commit();
        foreach ((string what, string? path) in new[] { ("page", _report), ("picture", _plot) })
        {
            if (path is not null)
            {
                _terminal.WriteProgress($"{what}: {path}");
            }
        }
    }

    // A pipe or a device has no size, and what came out of it is gone.
    private static string Content(string path)
    {
        if (AtomicFiles.IsDevice(AtomicFiles.Destination(path)) || new FileInfo(path) is not { Exists: true, Length: > 0 })
        {
            return "no file of a known size";
        }

        using FileStream file = File.OpenRead(path);
        return $"{Amount.Of(file.Length, "byte")}, SHA-256 {System.Convert.ToHexStringLower(SHA256.HashData(file))}";
    }

    // Words with anything but letters, digits and usual signs are in quotes, so that a shell takes the line as it was.
    private string CommandLine() => string.Join(' ', _terminal.Arguments.Select(Quoted).Prepend("spanrnn"));

    private static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./:,=+@%".Contains(c))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
