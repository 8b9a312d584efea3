using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>Packed y = ν(φ(W·x + b)): a dense layer, or the projection of an LSTM, which is W·x alone.</summary>
/// <typeparam name="TWeights">The precision of its weights.</typeparam>
internal sealed class PackedDense<TWeights>
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

    /// <summary>Numbers in a row of y: the outputs, padded to full registers.</summary>
    public int Width { get; }

    /// <summary>Words of packed memory.</summary>
    public long Length => Arena<float>.LengthOf(_weights.Length) + Arena<float>.LengthOf(Width);

    /// <summary>Packs W, and b if there is one.</summary>
    public void Pack(
        ParameterSlot weights, ParameterSlot? bias, ReadOnlySpan<float> parameters, PackedMemory<float> memory)
    {
        _weights.Pack(new MatrixView<float>(weights.In(parameters), weights.Rows, weights.Columns), memory.Slice(0, (int)_weights.Length));
        _bias = memory.Slice((int)Arena<float>.LengthOf(_weights.Length), Width);
        _bias.Span.Clear();
        bias?.In(parameters).CopyTo(_bias.Span);
    }

    /// <summary>Numbers in the scratch memory of a projection's step: the sums, and x as factors.</summary>
    public int StepScratch => checked(PackedLayer.Padded(Width) + FactorScratch);

    /// <summary>Numbers in the scratch memory of a dense layer's step: x as factors.</summary>
    public int FactorScratch => PackedLayer.Padded(_weights.Words);

    /// <summary>y [Width] ← ν(φ(W·x + b)) for one x. Numbers behind the outputs are padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step(ref readonly float x, ref float y, ref float scratch, bool backwards)
    {
        TWeights.Run(new StepKernel(this, in x, ref y, ref scratch, backwards));
        if (!_linear)
        {
            Span<float> outputs = MemoryMarshal.CreateSpan(ref y, _size);
            _output.Apply<float>(outputs, outputs);
        }
    }

    /// <summary>y [O] ← W·x + b for one x, called from the kernel of a layer with a projection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Step<V>(ref readonly float x, Span<float> y, ref float scratch, bool backwards)
        where V : struct, ISimd<V, float>
    {
        Sum<V>(in x, ref scratch, ref Unsafe.Add(ref scratch, PackedLayer.Padded(Width)), backwards);
        MemoryMarshal.CreateReadOnlySpan(ref scratch, y.Length).CopyTo(y);
    }

    // sums [Width] ← W·x + b
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Sum<V>(ref readonly float x, ref float sums, ref float factors, bool backwards)
        where V : struct, ISimd<V, float>
    {
        _bias.Span.CopyTo(MemoryMarshal.CreateSpan(ref sums, Width));
        float scale = TWeights.PrepareInput<V>(in x, _weights.Columns, ref factors);
        ref float origin = ref _weights.Origin;
        for (int i = 0; i < _weights.Groups; i++)
        {
            int group = backwards ? _weights.Groups - 1 - i : i;
            ref float groupSums = ref Unsafe.Add(ref sums, group * WeightPanels<TWeights>.LargestGroup * V.Count);
            _weights.Add<V>(ref origin, group, in factors, scale, ref groupSums);
        }
    }

    /// <summary>Numbers in the workspace of <see cref="Run"/> for <paramref name="rows"/> rows.</summary>
    public long WorkspaceLength(int rows) => _weights.WorkspaceLength(rows);

    /// <summary>
    /// Y [n, Width] ← ν(φ(X·Wᵀ + b)). Columns behind the outputs are padding. Small numbers of X are flushed to zero already.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(MatrixView<float> x, MatrixView<float> y, Span<float> workspace, bool backwards)
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
        private readonly ref float _y;
        private readonly ref float _scratch;
        private readonly bool _backwards;

        public StepKernel(PackedDense<TWeights> dense, ref readonly float x, ref float y, ref float scratch, bool backwards)
        {
            _dense = dense;
            _x = ref x;
            _y = ref y;
            _scratch = ref scratch;
            _backwards = backwards;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run<V>()
            where V : struct, ISimd<V, float> => _dense.Sum<V>(in _x, ref _y, ref _scratch, _backwards);
    }
}
