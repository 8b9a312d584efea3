using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>Packed y = ν(φ(W·x + b)): a dense layer, a head, or the projection of an LSTM, which is W·x alone.</summary>
internal abstract class PackedDense
{
    /// <summary>Creates the layout of the weights for a precision; the weights are packed later.</summary>
    public static PackedDense Create(WeightPrecision precision, ParameterSlot weights, DenseOutput output) => precision switch
    {
        WeightPrecision.Fp32 => new PackedDense<Fp32Weights>(weights.Rows, weights.Columns, output),
        WeightPrecision.Bf16 => new PackedDense<Bf16Weights>(weights.Rows, weights.Columns, output),
        _ => new PackedDense<Int8Weights>(weights.Rows, weights.Columns, output),
    };

    /// <summary>Numbers in a row of y: the outputs, padded to full registers.</summary>
    public abstract int Width { get; }

    /// <summary>Words of packed memory.</summary>
    public abstract long Length { get; }

    /// <summary>Packs W, and b if there is one.</summary>
    public abstract void Pack(
        ParameterSlot weights, ParameterSlot? bias, ReadOnlySpan<float> parameters, PackedMemory<float> memory);

    /// <summary>Numbers in the scratch memory of <see cref="Step"/>.</summary>
    public abstract int StepScratch { get; }

    /// <summary>y [O] ← ν(φ(W·x + b)) for one x.</summary>
    public abstract void Step(ref readonly float x, Span<float> y, ref float scratch, bool backwards);

    /// <summary>Numbers in the workspace of <see cref="Run"/> for <paramref name="rows"/> rows.</summary>
    public abstract long WorkspaceLength(int rows);

    /// <summary>
    /// Y [n, Width] ← ν(φ(X·Wᵀ + b)). Columns behind the outputs are padding. Small numbers of X are flushed to zero already.
    /// </summary>
    public abstract void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards);
}

/// <inheritdoc/>
internal sealed class PackedDense<TWeights> : PackedDense
    where TWeights : struct, IWeights
{
    private readonly WeightPanels<TWeights> _weights;
    private readonly int _size;
    private readonly DenseOutput _output;
    private readonly bool _linear;
    private PackedMemory<float> _bias;

    public PackedDense(int rows, int columns, DenseOutput output)
    {
        _size = rows;
        _output = output;
        _linear = output.IsLinear;
        // A group has two registers of sums at least.
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
    public override long Length => Arena<float>.LengthOf(_weights.Length) + Arena<float>.LengthOf(Width);

    /// <inheritdoc/>
    public override void Pack(
        ParameterSlot weights, ParameterSlot? bias, ReadOnlySpan<float> parameters, PackedMemory<float> memory)
    {
        _weights.Pack(new MatrixView<float>(weights.In(parameters), weights.Rows, weights.Columns), memory.Slice(0, (int)_weights.Length));
        _bias = memory.Slice((int)Arena<float>.LengthOf(_weights.Length), Width);
        _bias.Span.Clear();
        bias?.In(parameters).CopyTo(_bias.Span);
    }

    /// <inheritdoc/>
    public override int StepScratch => checked(PackedLayer.Padded(Width) + PackedLayer.Padded(_weights.Words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, Span<float> y, ref float scratch, bool backwards)
    {
        TWeights.Run(new StepKernel(this, in x, y, ref scratch, backwards));
        if (!_linear)
        {
            _output.Apply<float>(y, y);
        }
    }

    /// <summary>y ← W·x + b, called from a kernel.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Step<V>(ref readonly float x, Span<float> y, ref float scratch, bool backwards)
        where V : struct, ISimd<V, float>
    {
        ref float factors = ref Unsafe.Add(ref scratch, PackedLayer.Padded(Width));
        Span<float> sums = MemoryMarshal.CreateSpan(ref scratch, Width);
        _bias.Span.CopyTo(sums);
        float scale = TWeights.PrepareInput<V>(in x, _weights.Columns, ref factors);
        ref float origin = ref _weights.Origin;
        for (int i = 0; i < _weights.Groups; i++)
        {
            int group = backwards ? _weights.Groups - 1 - i : i;
            ref float groupSums = ref Unsafe.Add(ref scratch, group * WeightPanels<TWeights>.LargestGroup * V.Count);
            _weights.Add<V>(ref origin, group, in factors, scale, ref groupSums);
        }

        sums[..y.Length].CopyTo(y);
    }

    /// <inheritdoc/>
    public override long WorkspaceLength(int rows) => _weights.WorkspaceLength(rows);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards)
    {
        MatrixView<float> bias = new(_bias.Span, y.Rows, Width, stride: 0);
        _weights.AddRows(x, bias, y, WeightPanels<TWeights>.LargestGroup * TWeights.Lanes, workspace, backwards);
        for (int row = 0; row < y.Rows && !_linear; row++)
        {
            Span<float> answer = y.Row(row)[.._size];
            _output.Apply<float>(answer, answer);
        }
    }

    private readonly ref struct StepKernel : IKernel<float>
    {
        private readonly PackedDense<TWeights> _dense;
        private readonly ref readonly float _x;
        private readonly Span<float> _y;
        private readonly ref float _scratch;
        private readonly bool _backwards;

        public StepKernel(PackedDense<TWeights> dense, ref readonly float x, Span<float> y, ref float scratch, bool backwards)
        {
            _dense = dense;
            _x = ref x;
            _y = y;
            _scratch = ref scratch;
            _backwards = backwards;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run<V>()
            where V : struct, ISimd<V, float> => _dense.Step<V>(in _x, _y, ref _scratch, _backwards);
    }
}
