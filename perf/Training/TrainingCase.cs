namespace SpanRnn.Perf;

/// <summary>One training step of a layer with I = H: forward, and backward with the gradients of the input.</summary>
internal sealed record TrainingCase(CellKind Cell, int Size, int Steps, int Batch)
{
    /// <summary>Text that a filter searches.</summary>
    public string Name => $"training {CellCase.CellText(Cell)} {Size}";

    /// <summary>The network: one layer.</summary>
    public NetworkSpec Spec { get; } = new(Size, new RecurrentLayer(Cell, Size));

    /// <summary>Three products of the rows with W and U: forward, gradients of x and h, gradients of W and U.</summary>
    public double MultiplyAdds => 3.0 * Steps * Batch * ((RecurrentLayer)Spec.Layers[0]).Gates * Size * (Size + Size);
}
