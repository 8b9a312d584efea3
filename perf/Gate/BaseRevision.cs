using System.Formats.Tar;
using System.Text.RegularExpressions;

namespace SpanRnn.Perf;

/// <summary>The revision to compare with, built in a temporary folder that is deleted with this object.</summary>
/// <remarks>
/// The files come from <c>git archive</c>. Unlike a working tree of git's own, they leave no entry in the repository, however this
/// process ends.
/// </remarks>
internal sealed partial class BaseRevision : IDisposable
{
    // A revision that has this file can be measured.
    private const string MeasureFile = "perf/Gate/MeasureCommand.cs";

    private readonly string _folder;

    private BaseRevision(string hash, string folder)
    {
        Hash = hash;
        _folder = folder;
    }

    /// <summary>The whole hash.</summary>
    public string Hash { get; }

    /// <summary>The built program.</summary>
    public string Assembly => Path.Combine(_folder, "bin", "SpanRnn.Perf.dll");

    /// <summary>The root of the repository that this program was built in.</summary>
    public static string Root(CancellationToken stop)
    {
        (int exitCode, string output, string error) = Git(AppContext.BaseDirectory, stop, "rev-parse", "--show-toplevel");
        return exitCode == 0
            ? output.Trim()
            : throw new PerfException(
                $"The folder '{AppContext.BaseDirectory}' is in no readable git repository ({ChildProcess.FirstLine(error)}), "
                + "expected a clone, which has the revision to compare with.");
    }

    /// <summary>Revision that perf/baseline.txt names: the first word of the file.</summary>
    public static string Baseline(string root)
    {
        string file = Path.Combine(root, "perf", "baseline.txt");
        string hash = File.Exists(file) ? File.ReadAllText(file).Split((char[]?)null, 2)[0] : string.Empty;
        return hash.Length > 0 ? hash : throw new PerfException($"'{file}' names no revision; give one with --base.");
    }

    /// <summary>Unpacks and builds a revision.</summary>
    public static BaseRevision Build(string root, string revision, TextWriter error, CancellationToken stop)
    {
        string hash = Resolve(root, revision, stop);
        if (Git(root, stop, "cat-file", "-e", $"{hash}:{MeasureFile}").ExitCode != 0)
        {
            throw new PerfException($"The base {revision} is older than the gate, expected a revision with {MeasureFile}.");
        }

        error.WriteLine($"Building the base {hash}.");
        var built = new BaseRevision(hash, Directory.CreateTempSubdirectory("spanrnn-gate-").FullName);
        try
        {
            built.Unpack(root, stop);
            built.Build(stop);
            return built;
        }
        catch
        {
            built.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A scanner that holds a file for a moment is no reason to lose the result; the system clears its temporary folder.
        }
    }

    private static string Resolve(string root, string revision, CancellationToken stop)
    {
        string hash = Git(root, stop, "rev-parse", "--verify", "--quiet", $"{revision}^{{commit}}").Output.Trim();
        if (Hexadecimal().IsMatch(hash))
        {
            return hash;
        }

        bool shallow = Git(root, stop, "rev-parse", "--is-shallow-repository").Output.Trim() == "true";
        throw new PerfException(
            $"The base '{revision}' is no commit of this clone, expected one that it holds"
            + (shallow ? "; the clone is shallow, and 'git fetch --unshallow' brings the rest." : "."));
    }

    private static (int ExitCode, string Output, string Error) Git(string folder, CancellationToken stop, params string[] arguments) =>
        ChildProcess.Run(folder, "git", arguments, stop);

    private void Unpack(string root, CancellationToken stop)
    {
        string archive = Path.Combine(_folder, "base.tar");
        (int exitCode, _, string error) = Git(root, stop, "archive", "--format=tar", "-o", archive, Hash);
        if (exitCode != 0)
        {
            throw new PerfException($"The base {Hash} was not unpacked: {ChildProcess.FirstLine(error)}.");
        }

        string source = Path.Combine(_folder, "source");
        Directory.CreateDirectory(source);
        TarFile.ExtractToDirectory(archive, source, overwriteFiles: false);
    }

    // The analyzers ran when the revision was made, perhaps with an older compiler; here they would only take time.
    private void Build(CancellationToken stop)
    {
        string? problem = ChildProcess.Build(
            Path.Combine(_folder, "source", "perf"),
            ["-o", Path.Combine(_folder, "bin"), "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"],
            stop);
        if (problem is not null)
        {
            throw new PerfException($"The base {Hash} was not built: {problem}.");
        }
    }

    [GeneratedRegex("^[0-9a-f]{40,64}$")]
    private static partial Regex Hexadecimal();
}
