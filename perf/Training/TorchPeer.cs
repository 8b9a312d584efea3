using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;

namespace SpanRnn.Perf;

/// <summary>
/// PyTorch in a child process, which lives until the end and does training steps on request, on one thread. An optional peer.
/// </summary>
internal sealed class TorchPeer : IDisposable
{
    /// <summary>Variable that names the Python with PyTorch; without it python3 of the path is tried, then that of the system.</summary>
    public const string Variable = "TORCH_PYTHON";

    private const string Script = "torch_training.py";
    private const string CoreVariable = "OPENBLAS_CORETYPE";

    private static readonly string[] _threadVariables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

    private readonly Process _process;
    private readonly string _folder = Directory.CreateTempSubdirectory("spanrnn-perf").FullName;
    private string? _lastError;

    private TorchPeer(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) => _lastError = line.Data ?? _lastError;
        _process.BeginErrorReadLine();
    }

    /// <summary>Kernels asked of OpenBLAS.</summary>
    public required string Form { get; init; }

    /// <summary>Version of PyTorch.</summary>
    public string Version { get; private set; } = string.Empty;

    /// <summary>The library that computes its matrix products.</summary>
    public string Blas { get; private set; } = string.Empty;

    /// <summary>Kernels that OpenBLAS chose; null for another library.</summary>
    public string? Core { get; private set; }

    /// <summary>Version of oneDNN in PyTorch; null without it.</summary>
    public string? Dnnl { get; private set; }

    /// <summary>True if steps may be compared: on the reference BLAS they take about ten times as long.</summary>
    public bool HasFastBlas => Core is not null || Blas == "MKL";

    /// <summary>Core types to ask of OpenBLAS; for those that are left out, the reason.</summary>
    public static IEnumerable<(string Core, string? WhyNot)> Forced(bool avx512) => avx512
        ? [("SAPPHIRERAPIDS", null)]
        : [("SAPPHIRERAPIDS", "no AVX-512"), ("ZEN", null), ("HASWELL", null)];

    /// <summary>Starts PyTorch once per kind of kernels; returns none if no Python has it.</summary>
    /// <param name="variable">Value of <see cref="Variable"/>.</param>
    public static List<TorchPeer> StartAll(string? variable)
    {
        List<TorchPeer> peers = [];
        string[] pythons = string.IsNullOrEmpty(variable) ? ["python3", "/usr/bin/python3"] : [variable];
        foreach (string python in pythons)
        {
            if (Start(python, core: null) is not { } first)
            {
                continue;
            }

            peers.Add(first);
            if (first.Core is not null && X86Base.IsSupported)
            {
                foreach ((string core, string? whyNot) in Forced(Avx512F.IsSupported))
                {
                    if (whyNot is not null || Start(python, core) is not { } forced)
                    {
                        continue;
                    }

                    // Kernels that OpenBLAS chose by itself need no second run.
                    if (peers.Exists(peer => peer.Core == forced.Core))
                    {
                        forced.Dispose();
                    }
                    else
                    {
                        peers.Add(forced);
                    }
                }
            }

            return peers;
        }

        return string.IsNullOrEmpty(variable)
            ? peers
            : throw new PerfException($"{Variable} names '{variable}', expected a Python that has PyTorch.");
    }

    /// <summary>
    /// Folder of a libblas.so.3 that was unpacked to perf/Training/openblas in one of the folders or above; null if there is none.
    /// </summary>
    public static string? FindOpenBlas(params ReadOnlySpan<string> folders) =>
        FolderAbove.Find(Path.Combine("perf", "Training", "openblas"), folders) is { } unpacked
            ? Directory.EnumerateFiles(unpacked, "libblas.so.3", SearchOption.AllDirectories).Select(Path.GetDirectoryName).FirstOrDefault()
            : null;

    /// <summary>Loads a problem into the child process.</summary>
    public TrainingContender Train(TrainingCase of, TrainingProblem problem)
    {
        string cell = CellCase.CellText(of.Cell);
        problem.Write(_folder);
        _ = Ask(string.Create(CultureInfo.InvariantCulture, $"load {cell} {of.Size} {of.Size} {_folder}"));
        return new TrainingContender($"PyTorch, {Form}", Burst, () => problem.Read(_folder));
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The child has ended already.
        }

        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TorchPeer? Start(string python, string? core)
    {
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Script));
        start.Environment[CoreVariable] = core;
        foreach (string variable in _threadVariables)
        {
            start.Environment[variable] = "1";
        }

        if (FindOpenBlas(AppContext.BaseDirectory, Directory.GetCurrentDirectory()) is { } folder)
        {
            string? others = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH");
            start.Environment["LD_LIBRARY_PATH"] = string.IsNullOrEmpty(others) ? folder : $"{folder}:{others}";
        }

        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }

        var peer = new TorchPeer(process!) { Form = core ?? "as installed" };
        if (process!.StandardOutput.ReadLine() is not ['{', ..] line)
        {
            peer.Dispose();
            return null;
        }

        using var facts = JsonDocument.Parse(line);
        peer.Version = facts.RootElement.GetProperty("version").GetString()!;
        peer.Blas = facts.RootElement.GetProperty("blas").GetString()!;
        peer.Core = facts.RootElement.GetProperty("core").GetString();
        peer.Dnnl = facts.RootElement.GetProperty("dnnl").GetString();
        return peer;
    }

    private double Burst(int calls)
    {
        string answer = Ask(string.Create(CultureInfo.InvariantCulture, $"burst {calls}"));
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    private string Ask(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
            if (_process.StandardOutput.ReadLine() is { } answer)
            {
                return answer;
            }
        }
        catch (IOException)
        {
            // The child has ended; its last output tells why.
        }

        _ = _process.WaitForExit(TimeSpan.FromSeconds(1));
        throw new PerfException($"PyTorch ended after '{line}': {_lastError ?? "it said nothing"}.");
    }
}
