namespace SpanRnn.Tests;

/// <summary>An innermost loop of compiled code that adds products to running sums.</summary>
internal sealed record Loop
{
    /// <summary>Method with its types, without registers and numbers: "WeightPanels.Sum.Add&lt;Int8Weights, Four&gt;".</summary>
    public required string Kernel { get; init; }

    /// <summary>Registers of the products: 512, 256 or 128 bits, "256 VNNI" for dot products of bytes, 1 for one number.</summary>
    public required string Width { get; init; }

    /// <summary>Type of the numbers that are multiplied: float, double or int8.</summary>
    public required string Precision { get; init; }

    public required int Instructions { get; init; }

    /// <summary>Registers that get products added in one turn.</summary>
    public required int MultiplyAdds { get; init; }

    /// <summary>True if one instruction multiplies and adds. Without it many loops that are no kernels have such a pair.</summary>
    public required bool IsFused { get; init; }

    /// <summary>Instructions that copy a vector register to another.</summary>
    public required IReadOnlyList<string> Moves { get; init; }

    /// <summary>Instructions that read or write the stack.</summary>
    public required IReadOnlyList<string> Spills { get; init; }

    public override string ToString() => $"{Kernel}, {Width}, {Precision}, {MultiplyAdds} multiply-adds";
}
