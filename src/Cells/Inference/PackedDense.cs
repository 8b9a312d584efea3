using SpanRnn.Cells.Drivers;
using SpanRnn.Core;

namespace SpanRnn.Cells.Inference;

/// <summary>A packed dense layer y = W·x + b: a head, or the projection of an LSTM.</summary>
internal abstract class PackedDense
{
    /// <summary>Numbers in a row of y: the outputs and room for whole registers behind them.</summary>
    public abstract int Width { get; }

    /// <summary>Words of packed memory.</summary>
    public abstract long Length { get; }

    /// <summary>Packs W [rows, columns] and b, which may be empty.</summary>
    public abstract void Pack(MatrixView<float> weights, ReadOnlySpan<float> bias, PackedMemory<float> memory);

    /// <summary>Numbers in the workspace for <paramref name="rows"/> rows.</summary>
    public abstract long WorkspaceLength(int rows);

    /// <summary>Y [n, Width] ← X·Wᵀ + b; numbers of X that are too small to matter are zero already.</summary>
    public abstract void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards);
}

/// <inheritdoc/>
internal sealed class PackedDense<TWeights> : PackedDense
    where TWeights : struct, IWeights
{
    private readonly WeightPanels<TWeights> _weights;
    private PackedMemory<float> _bias;

    public PackedDense(int rows, int columns)
    {
        // Two registers of sums are the least.
        int width = 2 * TWeights.Lanes;
        int[] lanes = new int[checked((rows + width - 1) / width * width)];
        for (int i = 0; i < lanes.Length; i++)
        {
            lanes[i] = i < rows ? i : -1;
        }

        Width = lanes.Length;
        _weights = new WeightPanels<TWeights>(columns, WeightPanels<TWeights>.LargestGroup, lanes);
    }

    /// <inheritdoc/>
    public override int Width { get; }

    /// <inheritdoc/>
    public override long Length => Carver<float>.Room(_weights.Length) + Carver<float>.Room(Width);

    /// <inheritdoc/>
    public override void Pack(MatrixView<float> weights, ReadOnlySpan<float> bias, PackedMemory<float> memory)
    {
        _weights.Pack(weights, memory.Slice(0, (int)_weights.Length));
        _bias = memory.Slice((int)Carver<float>.Room(_weights.Length), Width);
        _bias.Span.Clear();
        bias.CopyTo(_bias.Span);
    }

    /// <inheritdoc/>
    public override long WorkspaceLength(int rows) => _weights.WorkspaceLength(rows);

    /// <inheritdoc/>
    public override void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards)
    {
        for (int row = 0; row < y.Rows; row++)
        {
            _bias.Span.CopyTo(y.Row(row));
        }

        _weights.AddRows(x, y, WeightPanels<TWeights>.LargestGroup * TWeights.Lanes, workspace, backwards);
    }
}
