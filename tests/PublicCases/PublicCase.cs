using System.Text.Json;
using SpanRnn.Cli;

namespace SpanRnn.Tests;

/// <summary>
/// A file as people have them, with its inputs, the outputs that are right, and what a refusal has to say. Its folder holds case.json.
/// </summary>
internal sealed class PublicCase
{
    private const string Executed = "SPANRNN_EXECUTED_A_PICKLE";

    private readonly string _folder;
    private readonly JsonElement _case;

    private PublicCase(string name, string folder)
    {
        (Name, _folder) = (name, folder);
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(folder, "case.json")));
        _case = document.RootElement.Clone();
    }

    /// <summary>Kind and case, such as "8_files_as_saved/fortran_gru".</summary>
    public string Name { get; }

    /// <summary>Finds all cases, sorted by name.</summary>
    /// <param name="root">The folder of the kinds.</param>
    public static PublicCase[] All(string root) =>
    [
        .. Directory.EnumerateFiles(root, "case.json", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!)
            .Select(folder => new PublicCase(Path.GetRelativePath(root, folder).Replace('\\', '/'), folder))
            .OrderBy(one => one.Name, StringComparer.Ordinal),
    ];

    /// <summary>Runs the program on the case.</summary>
    /// <returns>Null if all is right, else one sentence: what the program said, or what is wrong with what it did.</returns>
    public string? Problem()
    {
        using var folder = new TemporaryFolder();
        string model = File("model");
        string said = string.Empty;
        if (_case.TryGetProperty("convert", out JsonElement format))
        {
            string converted = folder.File($"converted.{format.GetString()}");
            (int code, string output, string error) = Run("convert", model, converted);
            said = output + error;
            model = code == 0 ? converted : model;
        }

        List<string> arguments = ["run", model];
        foreach (JsonProperty input in _case.GetProperty("inputs").EnumerateObject())
        {
            arguments.AddRange(["--input", $"{input.Name}={PathOf(input.Value)}"]);
        }

        JsonProperty[] outputs = [.. _case.GetProperty("outputs").EnumerateObject()];
        foreach (JsonProperty output in outputs)
        {
            arguments.AddRange(["--output", $"{output.Name}={folder.File(output.Name)}"]);
        }

        (int exitCode, string written, string sentence) = Run([.. arguments]);
        string accept = _case.GetProperty("accept").GetString()!;
        if (System.IO.File.Exists(Executed) || Directory.EnumerateFiles(_folder, $"{Executed}*").Any())
        {
            return "a pickle was executed";
        }

        if (exitCode == 0)
        {
            double difference = accept == "refuse" ? 0 : outputs.Max(output => Difference(output, folder));
            return accept == "refuse" ? "runs, expected a refusal"
                : difference <= _case.GetProperty("tolerance").GetDouble() || Words("convert_mentions").Any(said.Contains) ? null
                : said.Length > 0 ? $"numbers differ, and convert says only: {said}"
                : "numbers differ";
        }

        // A word in the path is not a word of the sentence.
        sentence = sentence.TrimEnd('\r', '\n').Replace(_folder + Path.DirectorySeparatorChar, string.Empty, StringComparison.Ordinal);
        if (exitCode != 1 || written.Length > 0 || sentence.Length == 0 || sentence.Contains('\n'))
        {
            return $"exit code {exitCode} and '{written}{sentence}', expected exit code 1 and one line";
        }

        bool isRight = accept != "run"
            && Words("refusal_mentions").All(sentence.Contains) && !Words("refusal_avoids").Any(sentence.Contains);
        return isRight ? null : sentence;
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Application.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private double Difference(JsonProperty output, TemporaryFolder folder)
    {
        (int[] shape, double[] actual) = Values(folder.File(output.Name));
        (int[] expectedShape, double[] expected) = Values(PathOf(output.Value));
        if (actual.Length != expected.Length || shape.Count(size => size > 1) != expectedShape.Count(size => size > 1))
        {
            return double.PositiveInfinity;
        }

        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(actual[i] - expected[i]);
            worst = !(difference <= worst) ? difference : worst;
        }

        return worst / Math.Max(1, expected.Select(Math.Abs).DefaultIfEmpty().Max());
    }

    private static (int[] Shape, double[] Values) Values(string path)
    {
        var file = NpyArray.Load(path);
        return (file.Shape.ToArray(), file.ToDoubles([.. Enumerable.Repeat("A", file.Shape.Length)]));
    }

    private IEnumerable<string> Words(string member) =>
        _case.TryGetProperty(member, out JsonElement words) ? words.EnumerateArray().Select(word => word.GetString()!) : [];

    private string File(string member) => PathOf(_case.GetProperty(member));

    private string PathOf(JsonElement name) => Path.Combine(_folder, name.GetString()!);
}
