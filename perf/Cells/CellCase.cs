namespace SpanRnn.Perf;

/// <summary>One cell at one size, in one call, at some precisions; <see cref="CellWork"/> makes its memory.</summary>
internal sealed record CellCase(
    CellCall Call, CellKind Cell, int InputSize, int HiddenSize, int Steps, int Batch, params WeightPrecision[] Precisions)
{
    /// <summary>Title of the table that has the case.</summary>
    public string Title => Call switch
    {
        CellCall.Step => "Step",
        CellCall.StepMany => $"StepMany, {Batch} voices",
        _ => $"Run, {Steps} steps, batch {Batch}",
    };

    /// <summary>I and H.</summary>
    public string Size => $"{InputSize}, {HiddenSize}";

    /// <summary>True for a call of about 1 us or less, whose time differs from one process to the next.</summary>
    public bool IsSmall => Call == CellCall.Step && HiddenSize <= 64;

    /// <summary>Text that a filter searches.</summary>
    public string Name => $"{Title} {CellText(Cell)} {Size}";

    /// <summary>Multiply-adds of one step of one stream; the network has as many weights.</summary>
    public long Weights => (long)((RecurrentLayer)Spec.Layers[0]).Gates * HiddenSize * (InputSize + HiddenSize);

    /// <summary>Weights that each step of a sequence reads again; those of the input are read once for all steps.</summary>
    public long RecurrentWeights => (long)((RecurrentLayer)Spec.Layers[0]).Gates * HiddenSize * HiddenSize;

    /// <summary>The network: one layer.</summary>
    public NetworkSpec Spec { get; } = new(InputSize, new RecurrentLayer(Cell, HiddenSize));

    /// <summary>Name of a cell in tables.</summary>
    public static string CellText(CellKind cell) => cell switch
    {
        CellKind.Lstm => "LSTM",
        CellKind.GruResetAfter => "GRU",
        CellKind.GruResetBefore => "GRU reset-before",
        _ => "Elman",
    };

    /// <summary>Name of a precision in tables.</summary>
    public static string PrecisionText(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Fp32 => "fp32",
        WeightPrecision.Bf16 => "bf16",
        _ => "int8",
    };
}
