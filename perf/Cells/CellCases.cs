namespace SpanRnn.Perf;

/// <summary>Every cell, size and call that is compared.</summary>
internal static class CellCases
{
    private const int Steps = 100;
    private const int Many = 32;

    private static readonly (int I, int H)[] _steps = [(1, 16), (1, 40), (64, 64), (128, 128), (256, 256), (512, 512), (1024, 1024)];
    private static readonly int[] _sequences = [128, 256, 512];
    private static readonly int[] _voices = [128, 256, 512, 1024];
    private static readonly CellKind[] _cells = [CellKind.Lstm, CellKind.GruResetAfter, CellKind.GruResetBefore, CellKind.Elman];
    private static readonly WeightPrecision[] _all = [WeightPrecision.Fp32, WeightPrecision.Bf16, WeightPrecision.Int8];
    private static readonly WeightPrecision[] _one = [WeightPrecision.Fp32];

    /// <summary>All cases, table after table.</summary>
    public static IEnumerable<CellCase> All() =>
    [
        .. from cell in _cells
           from size in _steps
           select new CellCase(CellCall.Step, cell, size.I, size.H, 1, 1, _all),
        .. from batch in new[] { 1, Many }
           from cell in _cells
           from size in _sequences
           select new CellCase(CellCall.Run, cell, size, size, Steps, batch, cell == CellKind.Lstm ? _all : _one),
        .. from cell in _cells
           where cell != CellKind.GruResetBefore
           from size in _voices
           select new CellCase(CellCall.StepMany, cell, size, size, 1, Many, _one),
    ];
}
