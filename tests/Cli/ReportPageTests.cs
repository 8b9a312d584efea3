using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SkiaSharp;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Pictures;

namespace SpanRnn.Tests;

/// <summary>The pages of --report, the pictures of --plot, and the charts of plain text.</summary>
public partial class ReportPageTests
{
    private const string Script = "<script>alert(1)</script>";
    private const string Small = "--hidden 4 --epochs 3 --output {m.safetensors}";

    [Theory]
    [InlineData("train {d.csv} " + Small, 3)]
    [InlineData("train {d.csv} --hidden 4 --epochs 2 --folds 2", 1)]
    [InlineData("train {d.csv} --seeds 2 " + Small, 2)]
    [InlineData("train {t.txt} --task next --validation 0 " + Small, 1)]
    [InlineData("train {n.csv} --task regress " + Small, 2)]
    [InlineData("evaluate {c.safetensors} {d.csv}", 2)]
    [InlineData("forget {d.csv} --hidden 2 --epochs 1", 6)]
    [InlineData("forget --length 4 --hidden 2 --epochs 1", 6)]
    public void A_page_needs_nothing_outside_itself_and_escapes_all_text(string line, int pictures)
    {
        using CliFolder folder = Ready();
        Run(folder, $"{line} --report {{r.html}}");
        string page = File.ReadAllText(folder.File("r.html"));

        Assert.StartsWith("<!DOCTYPE html>\n", page, StringComparison.Ordinal);
        Assert.Contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", page, StringComparison.Ordinal);
        Assert.Contains("@media (prefers-color-scheme: dark)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<svg", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
        Assert.All(Address().Matches(page), match => Assert.StartsWith("data:image/svg+xml;base64,", match.Groups[1].Value));
        Assert.Equal(pictures, Regex.Count(page, "<img "));
        Assert.Equal(4 * pictures, Address().Count(page));
        Assert.All(Address().Matches(page), match => AssertSvg(
            Encoding.UTF8.GetString(Convert.FromBase64String(match.Groups[1].Value.Split(',')[1]))));
        foreach (string fact in new[] { "command", "program", "date", "machine", "seed" })
        {
            Assert.Contains($"<dt>{fact}</dt>", page, StringComparison.Ordinal);
        }

        Assert.Contains($"<code>spanrnn {line.Split(' ')[0]} ", page, StringComparison.Ordinal);
        Assert.Equal(line.Contains("csv", StringComparison.Ordinal) || line.Contains("txt", StringComparison.Ordinal), Sum().IsMatch(page));

        // Every element that is opened is closed, in turn.
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(page))
        {
            string name = tag.Groups[2].Value;
            if (tag.Groups[1].Length > 0)
            {
                Assert.Equal(open.Pop(), name);
            }
            else if (name is not ("meta" or "img" or "source"))
            {
                open.Push(name);
            }
        }

        Assert.Empty(open);
    }

    [Fact]
    public void Labels_and_names_of_files_are_text()
    {
        using CliFolder folder = Ready();
        File.Copy(folder.File("d.csv"), folder.File("d 'x' & y.csv"));
        Run(folder, "evaluate {c.safetensors} DATA --report {r.html}".Split(' ').Select(
            word => word == "DATA" ? folder.File("d 'x' & y.csv") : word));
        string page = File.ReadAllText(folder.File("r.html"));

        Assert.Contains("<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>", page, StringComparison.Ordinal);
        Assert.Contains("d &#39;\\&#39;&#39;x&#39;\\&#39;&#39; &amp; y.csv&#39;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_run_writes_the_same_page_but_for_the_date()
    {
        using CliFolder folder = Ready();
        string[] pages = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            Run(folder, "evaluate {c.safetensors} {d.csv} --report {r.html}");
            return Date().Replace(File.ReadAllText(folder.File("r.html")), "");
        })];

        Assert.Equal(pages[0], pages[1]);
    }

    [Theory]
    [InlineData("train {d.csv} " + Small, 792)]
    [InlineData("train {d.csv} --hidden 4 --epochs 1 --folds 2", 640)]
    [InlineData("evaluate {c.safetensors} {d.csv}", 436)]
    [InlineData("evaluate {l.safetensors} {t.txt}", 580)]
    [InlineData("forget {d.csv} --hidden 2 --epochs 1", 792)]
    public void A_picture_is_pixels_or_an_svg(string line, int height)
    {
        using CliFolder folder = Ready();
        Run(folder, $"{line} --plot {{p.png}}");
        File.Delete(folder.File("m.safetensors"));
        Run(folder, $"{line} --plot {{p.SVG}}");

        byte[] png = File.ReadAllBytes(folder.File("p.png"));
        Assert.Equal(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A }, png[..8]);
        using var bitmap = SKBitmap.Decode(png);
        Assert.Equal((2 * Picture.Wide, height), (bitmap.Width, bitmap.Height));
        Assert.True(bitmap.Pixels.Distinct().Count() > 20, "The picture is empty.");
        AssertSvg(File.ReadAllText(folder.File("p.SVG")));
    }

    /// <summary>A machine may have no fonts.</summary>
    [Theory]
    [InlineData(400, 400)]
    [InlineData(700, 600)]
    public void Letters_of_pictures_travel_along(double weight, int found)
    {
        using SKFont font = InterFont.Of(13, weight);

        Assert.Equal(("Inter", found), (font.Typeface.FamilyName, font.Typeface.FontWeight));
        Assert.True(font.Typeface.ContainsGlyphs("0.5 % accuracy é…"));
    }

    [Theory]
    [InlineData("evaluate {c.safetensors} {d.csv} --plot {p.jpg}", 2, "--plot is '{p.jpg}', expected a name that ends in .png or .svg.")]
    [InlineData("forget --plot {p}", 2, "--plot is '{p}', expected a name that ends in .png or .svg.")]
    [InlineData("forget --report {r.htm}", 2, "--report is '{r.htm}', expected a name that ends in .html.")]
    [InlineData(
        "train {d.csv} --report {r.txt}",
        2,
        "--report is '{r.txt}', expected a name that ends in .html or, for arrays, a whole number, 0 or more.")]
    [InlineData("train {d.csv} --report 5", 2, "--report is 5 with DATA, expected a file that ends in .html: ")]
    [InlineData("train --report {r.html}", 2, "--report is '{r.html}' without DATA, expected steps ")]
    [InlineData("train --plot {p.png}", 2, "--plot is given without DATA, ")]
    [InlineData(
        "evaluate {c.safetensors} {h.html} --report {h.html}", 1, "'{h.html}' is read and would be overwritten, expected another name ")]
    [InlineData("train {d.csv} --output {p.svg.safetensors} --plot {no/p.svg}", 1, "The folder of '{no/p.svg}' does not exist, ")]
    [InlineData("forget --report {h.html} --plot {c}", 2, "--plot is '{c}'")]
    public void A_wrong_file_is_refused_before_the_work(string line, int code, string expected)
    {
        using CliFolder folder = Ready();
        string sentence = Braces().Replace(expected, match => folder.File(match.Groups[1].Value));

        Assert.Contains(sentence, folder.Fail(code, line.Split(' ')), StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(folder.File("h.html")));
    }

    [Fact]
    public void A_run_that_fails_leaves_the_old_page()
    {
        using CliFolder folder = Ready();
        folder.Fail(1, "evaluate", "{c.safetensors}", "{n.csv}", "--report", "{h.html}");

        Assert.Equal("old", File.ReadAllText(folder.File("h.html")));
    }

    [Fact]
    public void Charts_of_plain_text_fit_sixty_columns()
    {
        using CliFolder folder = Ready();
        (_, string output, string error) = folder.Run([.. $"train {{d.csv}} {Small}".Split(' ')]);
        Assert.Matches("\ntraining   [▁-█]{3} [0-9.]+ to [0-9.]+\nvalidation [▁-█]{3} [0-9.]+ to [0-9.]+\n", error);
        (_, string forget, _) = folder.Run("forget", "--length", "300", "--hidden", "2", "--epochs", "1");
        (_, string evaluation, _) = folder.Run("evaluate", "{c.safetensors}", "{d.csv}");
        string[] charts = [.. (error + output + forget + evaluation).Split('\n').Where(line => Block().IsMatch(line))];

        Assert.True(charts.Length > 12, string.Join('\n', charts));
        Assert.All(charts, line => Assert.True(line.Length <= 60, line));
    }

    [Fact]
    public void A_training_that_was_at_its_end_has_a_page_without_curves()
    {
        using CliFolder folder = Ready();
        const string Line = $"train {{d.csv}} {Small} --checkpoint {{k.safetensors}} --resume --report {{r.html}} --plot {{p.svg}}";
        Run(folder, Line);
        Run(folder, Line);

        Assert.DoesNotContain("Losses", File.ReadAllText(folder.File("r.html")), StringComparison.Ordinal);
        AssertSvg(File.ReadAllText(folder.File("p.svg")));
    }

    [Fact]
    public void Pictures_of_nothing_are_drawn()
    {
        foreach (Picture picture in new[]
        {
            Charts.Curves("None", "x", "y", [], isLog: true),
            Charts.Curves("Zeros", "x", "y", [new Curve("zero", 0, [0, 0], 0)], isLog: true),
            Charts.Bars("NaN", "x", [new Bar("none", new(double.NaN, double.NaN, double.NaN), "-", IsMain: true)], isShare: true),
            Charts.Matrix(["one"], (_, _) => 0),
            Charts.Calibration([new(0, double.NaN, double.NaN)]),
        })
        {
            AssertSvg(picture.Svg(Scheme.Dark, Picture.Narrow));
            Assert.NotEmpty(picture.Png());
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(30)]
    public void Bars_show_value_and_interval(int width)
    {
        string[] lines = [.. TextCharts.Bars(
            [("one", 0.5, 0.25, 1, "50 %"), ("a name much longer than its place", 1, 1, 1, "100 %"), ("none", double.NaN, 0, 0, "-")],
            width)];

        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Matches("^one +█+▓+░+  50 %$", lines[0]);
        Assert.Matches("^a name.*… █+ 100 %$", lines[1]);
        Assert.Matches("^none +-$", lines[2]);
    }

    [Fact]
    public void A_curve_has_a_block_for_each_value_or_place()
    {
        Assert.Equal("▁▅█ █", TextCharts.Line([0, 0.5, 1, double.NaN, 2], 0, 1, 60));
        Assert.Equal("▁▁▁", TextCharts.Line([3, 3, 3], 3, 3, 60));
        Assert.Equal(10, TextCharts.Line([.. Enumerable.Range(0, 1000).Select(i => (double)i)], 0, 999, 10).Length);
    }

    [Fact]
    public void A_label_of_a_picture_is_short_and_no_command()
    {
        Assert.Equal("abc…", Picture.Label("abcdef", 3));
        Assert.Equal("a?b", Picture.Label("a\u0001b"));
        Assert.Equal("a_\u200B{b}^\u200B{c}", Picture.Label("a_{b}^{c}"));
        Assert.Equal("\uFFFD", Picture.Label("\uD800"));
    }

    private static void Run(CliFolder folder, string line) => Run(folder, line.Split(' '));

    private static void Run(CliFolder folder, IEnumerable<string> line)
    {
        (int code, _, string error) = folder.Run([.. line]);
        Assert.True(code == ExitCode.Success, error);
    }

    private static void AssertSvg(string text)
    {
        var svg = XDocument.Parse(text);
        Assert.Equal(XName.Get("svg", "http://www.w3.org/2000/svg"), svg.Root!.Name);
        Assert.Matches("^0 0 (360|720) [0-9]+$", svg.Root.Attribute("viewBox")!.Value);
        Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName is "script" or "a" or "image" or "use");
        Assert.Contains(svg.Descendants(), element => element.Name.LocalName == "text");
    }

    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        var random = new Random(1);
        string[] dna = [.. Enumerable.Range(0, 40).Select(
            _ => new string([.. Enumerable.Range(0, 8).Select(_ => "ACGT"[random.Next(4)])]))];
        Write("d.csv", ["sequence,label", .. dna.Select((sequence, i) => $"{sequence},{(i % 2 == 0 ? Script : "b_{x}&\u0001")}")]);
        Write("n.csv", ["sequence,value", .. dna.Select((sequence, i) => $"{sequence},{i}.5")]);
        Write("t.txt", dna);
        Run(folder, "train {d.csv} --hidden 2 --epochs 1 --output {c.safetensors}");
        Run(folder, "train {t.txt} --task next --hidden 2 --epochs 1 --output {l.safetensors}");
        folder.Write("h.html", "old"u8.ToArray());
        return folder;

        void Write(string name, string[] lines) => folder.Write(name, Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    [GeneratedRegex("(?:src|href|srcset)=\"([^\"]*)\"")]
    private static partial Regex Address();

    [GeneratedRegex("<(/?)([a-z][a-z0-9]*)[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("[0-9,]+ bytes, SHA-256 [0-9a-f]{64}")]
    private static partial Regex Sum();

    [GeneratedRegex("<dt>date</dt>.*")]
    private static partial Regex Date();

    [GeneratedRegex("[▁-█▓░]")]
    private static partial Regex Block();

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Braces();
}
