using System.Globalization;
using System.Net;
using System.Text;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Pictures;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.Reports;

/// <summary>One page of HTML that needs nothing outside itself. All text is escaped.</summary>
/// <param name="title">Title and headline.</param>
internal sealed class ReportPage(string title)
{
    private const string Style =
        """
        :root { color-scheme: light dark; --background: #fff; --text: #1b1f24; --quiet: #59636e; --line: #d8dde3; --share: 0 114 178; }
        @media (prefers-color-scheme: dark) {
          :root { --background: #14171b; --text: #e6e8ea; --quiet: #a0a8b1; --line: #30363d; --share: 86 180 233; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1rem; max-width: 52rem; background: var(--background); color: var(--text);
          font: 1rem/1.5 Inter, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.5rem; line-height: 1.25; }
        h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
        p { margin: .5rem 0; }
        img { display: block; width: 100%; max-width: 45rem; height: auto; margin: .5rem 0; }
        .table { overflow-x: auto; margin: .75rem 0; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
        th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap;
          max-width: 24rem; overflow: hidden; text-overflow: ellipsis; }
        th { font-weight: 600; color: var(--quiet); }
        .number { text-align: right; }
        .matrix td { padding: .25rem .75rem; text-align: right; background: rgb(var(--share) / calc(var(--part) * .55)); }
        .matrix th { padding-left: .75rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
        dt { color: var(--quiet); }
        dd { margin: 0; min-width: 0; }
        code { font: .9em ui-monospace, Consolas, Menlo, monospace; white-space: pre-wrap; }
        @media (max-width: 30rem) { dl { display: block; } dd { margin-bottom: .5rem; } }
        """;

    private readonly StringBuilder _body = new();

    /// <summary>Adds a headline of a part.</summary>
    public void Heading(string text) => _body.Append(CultureInfo.InvariantCulture, $"<h2>{Escaped(text)}</h2>\n");

    /// <summary>Adds a paragraph.</summary>
    public void Paragraph(string text) => _body.Append(CultureInfo.InvariantCulture, $"<p>{Escaped(text)}</p>\n");

    /// <summary>Adds a table. A column named with a leading "#" holds numbers and is aligned right.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        string[] classes = [.. columns.Select(column => column.StartsWith('#') ? " class=\"number\"" : string.Empty)];
        _body.Append("<div class=\"table\"><table>\n<tr>");
        for (int i = 0; i < columns.Count; i++)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<th{classes[i]}>{Escaped(columns[i][(classes[i].Length > 0 ? 1 : 0)..])}</th>");
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            _body.Append("</tr>\n<tr>");
            for (int i = 0; i < row.Count; i++)
            {
                _body.Append(CultureInfo.InvariantCulture, $"<td{classes[i]}>{Escaped(row[i])}</td>");
            }
        }

        _body.Append("</tr>\n</table></div>\n");
    }

    /// <summary>Adds a confusion matrix, whose cells are the darker the larger their share of their row is.</summary>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="count">Rows of a label that were predicted as a class.</param>
    public void Matrix(IReadOnlyList<string> labels, Func<int, int, int> count)
    {
        _body.Append("<div class=\"table\"><table class=\"matrix\">\n<tr><th>label \\ predicted</th>");
        foreach (string label in labels)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<th class=\"number\">{Escaped(label)}</th>");
        }

        for (int row = 0; row < labels.Count; row++)
        {
            _body.Append(CultureInfo.InvariantCulture, $"</tr>\n<tr><th>{Escaped(labels[row])}</th>");
            double all = Math.Max(1, Enumerable.Range(0, labels.Count).Sum(column => (double)count(row, column)));
            for (int column = 0; column < labels.Count; column++)
            {
                int own = count(row, column);
                _body.Append(CultureInfo.InvariantCulture, $"<td style=\"--part: {own / all:0.###}\">{Amount.Of(own)}</td>");
            }
        }

        _body.Append("</tr>\n</table></div>\n");
    }

    /// <summary>
    /// Adds a picture, four times: light and dark, wide and narrow. Each is an image of its own, so that names within one do not meet those
    /// of another.
    /// </summary>
    public void Add(Picture picture)
    {
        const string IsDark = "(prefers-color-scheme: dark)";
        string narrow = $"(max-width: {Picture.Narrow + 240}px)";
        _body.Append("<picture>\n");
        foreach ((string media, Scheme scheme, int width) in new[]
        {
            ($"{IsDark} and {narrow}", Scheme.Dark, Picture.Narrow),
            (narrow, Scheme.Light, Picture.Narrow),
            (IsDark, Scheme.Dark, Picture.Wide),
        })
        {
            _body.Append(CultureInfo.InvariantCulture, $"<source media=\"{media}\" srcset=\"{Uri(picture, scheme, width)}\">\n");
        }

        string light = Uri(picture, Scheme.Light, Picture.Wide);
        _body.Append(CultureInfo.InvariantCulture, $"<img alt=\"{Escaped(picture.Description)}\" src=\"{light}\">\n</picture>\n");
    }

    /// <summary>Adds names with a text each.</summary>
    public void Facts(IEnumerable<(string Name, string Text)> facts)
    {
        _body.Append("<dl>\n");
        foreach ((string name, string text) in facts)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<dt>{Escaped(name)}</dt><dd><code>{Escaped(text)}</code></dd>\n");
        }

        _body.Append("</dl>\n");
    }

    /// <summary>Makes the file.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Escaped(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <h1>{Escaped(title)}</h1>
        {_body}</body>
        </html>

        """.ReplaceLineEndings("\n"));

    private static string Uri(Picture picture, Scheme scheme, int width) =>
        $"data:image/svg+xml;base64,{System.Convert.ToBase64String(Encoding.UTF8.GetBytes(picture.Svg(scheme, width)))}";

    private static string Escaped(string text) => WebUtility.HtmlEncode(Display.Printable(text));
}
