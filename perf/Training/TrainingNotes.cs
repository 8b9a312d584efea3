using System.Runtime.Intrinsics.X86;

namespace SpanRnn.Perf;

/// <summary>Notes on the peers of a run: which were compared, which were not, and why.</summary>
internal static class TrainingNotes
{
    /// <summary>Sentences for the reader of the tables.</summary>
    public static string[] Of(IReadOnlyList<TorchPeer> torch, int cores) =>
    [
        .. Torch(torch),
        OneDnnEngine.Version is { } version
            ? $"oneDNN {version}, one thread; bringing the weights into its formats is not counted."
            : "oneDNN: libdnnl.so.2 is not installed.",
        .. cores < 2 ? new[] { "Two threads: not measured, since this process may use one processor." } : [],
    ];

    /// <summary>Text of a table in place of PyTorch's time.</summary>
    public static string WithoutTorch(IReadOnlyList<TorchPeer> torch) => torch.Count == 0 ? Machine.NotInstalled : "needs OpenBLAS";

    private static IEnumerable<string> Torch(IReadOnlyList<TorchPeer> torch)
    {
        if (torch.Count == 0)
        {
            yield return $"PyTorch: not installed; {TorchPeer.Variable} may name a Python that has it.";
            yield break;
        }

        TorchPeer first = torch[0];
        string dnnl = first.Dnnl is null ? "no oneDNN" : $"oneDNN {first.Dnnl.TrimStart('v')}";
        if (!first.HasFastBlas)
        {
            yield return $"PyTorch {first.Version}: not compared, since its products come from {first.Blas}, where a step takes ten "
                + "times as long as with OpenBLAS; libopenblas0-pthread brings OpenBLAS (perf/README.md).";
            yield break;
        }

        yield return
            $"PyTorch {first.Version}, one thread, with {first.Blas} and {dnnl}, which recurrent layers of 1.13 do not call to train.";

        foreach ((string core, string? why) in first.Core is null ? [] : TorchPeer.Forced(Avx512F.IsSupported))
        {
            if (why is not null)
            {
                yield return $"OPENBLAS_CORETYPE={core}: not measured, since this processor has {why}.";
            }
        }
    }
}
