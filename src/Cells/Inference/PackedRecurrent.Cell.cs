using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Memory;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <inheritdoc/>
/// <typeparam name="TCell">The cell's equations.</typeparam>
/// <typeparam name="TWeights">The precision of its weights.</typeparam>
internal sealed class PackedRecurrent<TCell, TWeights> : PackedRecurrent
    where TCell : struct, ICell
    where TWeights : struct, IWeights
{
    private const int CandidateGroups = WeightPanels<TWeights>.LargestGroup / 2;

    // So few words of input are not copied: flushing each of them once for every group takes less time.
    private const int FewInputs = 4;

    private readonly NetworkSpec _spec;
    private readonly int _layer;
    private readonly Direction _direction;
    private readonly RecurrentLayer _description;
    private readonly TCell _cell;
    private readonly int _hiddenSize;
    private readonly int _stateSize;
    private readonly int _blocks;
    private readonly int _width;
    private readonly WeightPanels<TWeights> _input;
    private readonly WeightPanels<TWeights> _recurrent;
    private readonly WeightPanels<TWeights>? _candidate;
    private readonly PackedDense<TWeights>? _projection;

    // Offset of each piece of a step's scratch memory.
    private readonly int _inputsOffset;
    private readonly int _statesOffset;
    private readonly int _gatedOffset;
    private readonly int _unitsOffset;
    private readonly int _projectedOffset;

    private PackedMemory<float> _bias;
    private PackedMemory<float> _peepholes;

    public PackedRecurrent(NetworkSpec spec, int layer, Direction direction, TCell cell, int outputOffset, int cellOffset)
        : base(outputOffset, cellOffset)
    {
        _cell = cell;
        _spec = spec;
        _layer = layer;
        _direction = direction;
        _description = spec.Stack[layer].Recurrent!.For(direction);
        _hiddenSize = _description.HiddenSize;
        _stateSize = _description.StateSize;
        _input = Panels(spec.LayerInputSize(layer), 0, PanelShape<TCell>.InputRegisters);
        _recurrent = Panels(_stateSize, PanelShape<TCell>.FirstRecurrent, PanelShape<TCell>.RecurrentRegisters);
        if (TCell.Recurrence == Recurrence.Gated)
        {
            // A group has only two registers of this product. Two sums alone would wait for each other, so four groups are summed at a
            // time.
            int[] rows = PanelShape<TCell>.Rows(_hiddenSize, TWeights.Lanes, PanelShape<TCell>.FirstCandidate, 2);
            _candidate = new WeightPanels<TWeights>(_stateSize, 2 * CandidateGroups, rows, PanelShape<TCell>.Registers);
        }

        if (_description.ProjectionSize > 0)
        {
            _projection = new PackedDense<TWeights>(_stateSize, _hiddenSize, new DenseOutput(ActivationKind.Identity, Normalization.None));
        }

        // With a gated product the pre-activations of all groups are kept for the second pass. Otherwise each group is finished before the
        // next.
        _inputsOffset = Padded(_candidate is null ? GroupStride : PreActivations);
        _statesOffset = checked(_inputsOffset + Padded(_input.Words));
        _gatedOffset = checked(_statesOffset + Padded(_recurrent.Words));
        _unitsOffset = checked(_gatedOffset + (_candidate is null ? 0 : Padded(_hiddenSize)));
        _projectedOffset = checked(_unitsOffset + (_projection is null ? 0 : Padded(_hiddenSize)));
        _blocks = (_hiddenSize + TWeights.Lanes - 1) / TWeights.Lanes;
        _width = Padded(_hiddenSize);
    }

    /// <inheritdoc/>
    public override long Length => Arena<float>.LengthOf(_input.Length)
        + Arena<float>.LengthOf(_recurrent.Length)
        + Arena<float>.LengthOf(_candidate?.Length ?? 0)
        + Arena<float>.LengthOf(PreActivations)
        + PeepholeLength
        + (_projection?.Length ?? 0);

    /// <inheritdoc/>
    public override int PreActivations => checked(_recurrent.Groups * GroupStride);

    /// <inheritdoc/>
    public override int Width => Padded(_stateSize);

    /// <inheritdoc/>
    public override int CellWidth => Padded(_hiddenSize);

    /// <inheritdoc/>
    public override long StepScratch => _projectedOffset + (_projection?.StepScratch ?? 0);

    /// <summary>Numbers of all peepholes; each gate's row is padded to full registers.</summary>
    private int PeepholeLength => _description.Peepholes ? checked((TCell.Gates - 1) * Padded(_hiddenSize)) : 0;

    /// <summary>Numbers in the pre-activations of one group.</summary>
    private static int GroupStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PanelShape<TCell>.Registers * TWeights.Lanes;
    }

    /// <inheritdoc/>
    public override void Pack(ReadOnlySpan<float> parameters, PackedMemory<float> memory)
    {
        ParameterSlot recurrent = Slot(ParameterRole.RecurrentWeights)!;
        int offset = 0;
        Pack(_input, Slot(ParameterRole.InputWeights)!, parameters, memory, ref offset);
        Pack(_recurrent, recurrent, parameters, memory, ref offset);
        if (_candidate is not null)
        {
            Pack(_candidate, recurrent, parameters, memory, ref offset);
        }

        _bias = memory.Slice(offset, PreActivations);
        offset += Padded(PreActivations);
        PackBias(parameters);
        _peepholes = memory.Slice(offset, PeepholeLength);
        offset += PeepholeLength;
        PackPeepholes(parameters);
        if (_projection is not null)
        {
            _projection.Pack(
                Slot(ParameterRole.ProjectionWeights)!, null, parameters, memory.Slice(offset, (int)_projection.Length));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards) =>
        TWeights.Run(new StepKernel(
            this,
            in x,
            ref Unsafe.Add(ref memory, OutputOffset),
            ref Unsafe.Add(ref memory, TCell.HasCellState ? CellOffset : OutputOffset),
            ref scratch,
            ref scratch,
            projected: false,
            backwards));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override long WorkspaceLength(int projectedRows, int stepRows)
    {
        long products = Math.Max(_recurrent.WorkspaceLength(stepRows), _candidate?.WorkspaceLength(stepRows) ?? 0);
        long step = (_candidate is null ? 0 : Arena<float>.LengthOf((long)stepRows * Padded(_hiddenSize)))
            + (_projection is null
                ? products
                : Arena<float>.LengthOf((long)stepRows * Padded(_hiddenSize))
                    + Arena<float>.LengthOf((long)stepRows * _projection.Width)
                    + Math.Max(products, _projection.WorkspaceLength(stepRows)));
        return Math.Max(Math.Max(_input.WorkspaceLength(projectedRows), step), StepScratch);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplyInputs(MatrixView<float> x, MatrixView<float> preActivations, Span<float> workspace, bool backwards)
    {
        MatrixView<float> bias = new(_bias.Span, preActivations.Rows, preActivations.Columns, stride: 0);
        if (TCell.Recurrence == Recurrence.Apart)
        {
            // The sums of U·h start from their own bias, which W·x is not added to.
            MatrixProduct.Copy(bias, preActivations);
            bias = preActivations;
        }

        _input.AddRows(x, bias, preActivations, GroupStride, workspace, backwards);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void StepRows(
        MatrixView<float> preActivations, MatrixView<float> h, MatrixView<float> c, Span<float> workspace, bool backwards)
    {
        if (preActivations.Rows == 1)
        {
            ref float sums = ref preActivations.Origin;
            ref float scratch = ref MemoryMarshal.GetReference(workspace);
            TWeights.Run(new StepKernel(this, in sums, ref h.Origin, ref c.Origin, ref sums, ref scratch, projected: true, backwards));
            return;
        }

        Arena<float> arena = new(workspace);
        MatrixView<float> gated = _candidate is null ? default : arena.Take(preActivations.Rows, Padded(_hiddenSize));
        MatrixView<float> units = _projection is null ? h : arena.Take(preActivations.Rows, Padded(_hiddenSize));
        MatrixView<float> projected = _projection is null ? default : arena.Take(preActivations.Rows, _projection.Width);
        MatrixView<float> recurrent = Window(preActivations, PanelShape<TCell>.FirstRecurrent);
        _recurrent.AddRows(h.ColumnRange(0, _stateSize), recurrent, recurrent, GroupStride, arena.Rest, backwards);
        if (_candidate is not null)
        {
            TWeights.Run(new RowUnitsKernel(this, preActivations, h, c, gated, reset: true));
            MatrixView<float> candidates = Window(preActivations, PanelShape<TCell>.FirstCandidate);
            _candidate.AddRows(
                gated.ColumnRange(0, _hiddenSize), candidates, candidates, CandidateGroups * GroupStride, arena.Rest, backwards);
        }

        TWeights.Run(new RowUnitsKernel(this, preActivations, h, c, units, reset: false));
        if (_projection is not null)
        {
            _projection.Run(units.ColumnRange(0, _hiddenSize), projected, arena.Rest, backwards);
            for (int row = 0; row < h.Rows; row++)
            {
                Dispatch.Run<float, FlushKernel>(new FlushKernel(projected.Row(row)[.._stateSize], h.Row(row)));
            }
        }
    }

    private static MatrixView<float> Window(MatrixView<float> preActivations, int register) =>
        preActivations.ColumnRange(register * TWeights.Lanes, preActivations.Columns - (register * TWeights.Lanes));

    private static void Pack(
        WeightPanels<TWeights> panels,
        ParameterSlot slot,
        ReadOnlySpan<float> parameters,
        PackedMemory<float> memory,
        ref int offset)
    {
        panels.Pack(new MatrixView<float>(slot.In(parameters), slot.Rows, slot.Columns), memory.Slice(offset, (int)panels.Length));
        offset += Padded((int)panels.Length);
    }

    private ParameterSlot? Slot(ParameterRole role) => _spec.Slot(_layer, _direction, role);

    private WeightPanels<TWeights> Panels(int columns, int first, int registers) =>
        new(columns, registers, PanelShape<TCell>.Rows(_hiddenSize, TWeights.Lanes, first, registers));

    // The sum of both biases for each gate. If the candidate is apart, its recurrent bias is with its recurrent product.
    private void PackBias(ReadOnlySpan<float> parameters)
    {
        Span<float> packed = _bias.Span;
        packed.Clear();
        if (Slot(ParameterRole.InputBias) is not { } inputSlot || Slot(ParameterRole.RecurrentBias) is not { } recurrentSlot)
        {
            return;
        }

        ReadOnlySpan<float> input = inputSlot.In(parameters);
        ReadOnlySpan<float> recurrent = recurrentSlot.In(parameters);
        int lanes = TWeights.Lanes;
        for (int unit = 0; unit < _hiddenSize; unit++)
        {
            (int block, int lane) = Math.DivRem(unit, lanes);
            (int group, int inside) = Math.DivRem(block, PanelShape<TCell>.Blocks);
            Span<float> groupBias = packed.Slice(group * GroupStride, GroupStride);
            for (int gate = 0; gate < TCell.Gates; gate++)
            {
                int row = (gate * _hiddenSize) + unit;
                bool apart = TCell.Recurrence == Recurrence.Apart && gate == TCell.Gates - 1;
                groupBias[(PanelShape<TCell>.Register(gate, inside) * lanes) + lane] = apart ? input[row] : input[row] + recurrent[row];
                if (apart)
                {
                    groupBias[(PanelShape<TCell>.Register(TCell.Gates, inside) * lanes) + lane] = recurrent[row];
                }
            }
        }
    }

    private void PackPeepholes(ReadOnlySpan<float> parameters)
    {
        _peepholes.Span.Clear();
        if (Slot(ParameterRole.Peepholes) is { } slot)
        {
            for (int gate = 0; gate < slot.Rows; gate++)
            {
                slot.In(parameters).Slice(gate * _hiddenSize, _hiddenSize).CopyTo(_peepholes.Span[(gate * Padded(_hiddenSize))..]);
            }
        }
    }

    // Number of blocks of units in a group.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Blocks(int group) => Math.Min(PanelShape<TCell>.Blocks, _blocks - (group * PanelShape<TCell>.Blocks));

    // The phases of the cell's equations behind the last product.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Forward<V>(ref readonly float preActivations, ref readonly float previousH, ref float c, ref float h, int unit, int blocks)
        where V : struct, ISimd<V, float>
    {
        if (TCell.HasFirstPhase && TCell.Recurrence != Recurrence.Gated)
        {
            Forward<V, FirstPhase>(in preActivations, in previousH, ref c, ref h, unit, blocks);
        }

        Forward<V, LastPhase>(in preActivations, in previousH, ref c, ref h, unit, blocks);
    }

    // One phase for blocks of units; all references are those of the first block, which starts at a unit.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Forward<V, TPhase>(
        ref readonly float preActivations, ref readonly float previousH, ref float c, ref float h, int unit, int blocks)
        where V : struct, ISimd<V, float>
        where TPhase : struct =>
        UnitLoop.Forward<V, float, TCell, TPhase, PanelUnits<V, TCell>>(
            in _cell,
            new PanelUnits<V, TCell>(
                in preActivations, in previousH, ref c, ref h, ref Unsafe.Add(ref _peepholes.Origin, unit), _width, blocks));

    /// <summary>
    /// One fused step: for each group both products, then the cell's equations. If the input is projected, the sums hold b + W·x already.
    /// </summary>
    private readonly ref struct StepKernel : IKernel<float>
    {
        private readonly PackedRecurrent<TCell, TWeights> _layer;
        private readonly ref readonly float _x;
        private readonly ref float _h;
        private readonly ref float _c;
        private readonly ref float _sums;
        private readonly ref float _scratch;
        private readonly bool _projected;
        private readonly bool _backwards;

        public StepKernel(
            PackedRecurrent<TCell, TWeights> layer,
            ref readonly float x,
            ref float h,
            ref float c,
            ref float sums,
            ref float scratch,
            bool projected,
            bool backwards)
        {
            _layer = layer;
            _x = ref x;
            _h = ref h;
            _c = ref c;
            _sums = ref sums;
            _scratch = ref scratch;
            _projected = projected;
            _backwards = backwards;
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public void Run<V>()
            where V : struct, ISimd<V, float>
        {
            PackedRecurrent<TCell, TWeights> layer = _layer;
            WeightPanels<TWeights> input = layer._input, recurrent = layer._recurrent;
            ref float scratch = ref _scratch;
            ref float inputs = ref Unsafe.Add(ref scratch, layer._inputsOffset), states = ref Unsafe.Add(ref scratch, layer._statesOffset);
            ref float h = ref _h;

            // Sums without scales stay in registers over both products. Few words of input are flushed in the loop and not copied.
            bool projected = _projected, fused = TWeights.SumWords == 0, few = fused && input.Words <= FewInputs;
            float inputScale = few || projected ? 1 : TWeights.PrepareInput<V>(in _x, input.Columns, ref inputs);
            float stateScale = TWeights.PrepareInput<V>(in h, recurrent.Columns, ref states);

            ref float inputWeights = ref input.Origin, recurrentWeights = ref recurrent.Origin;
            ref float bias = ref MemoryMarshal.GetReference(layer._bias.Span);
            int groups = recurrent.Groups;
            int stride = PanelShape<TCell>.Registers * V.Count;
            for (int i = 0; i < groups; i++)
            {
                int group = _backwards ? groups - 1 - i : i;
                ref float sums = ref Unsafe.Add(ref _sums, projected || TCell.Recurrence == Recurrence.Gated ? group * stride : 0);
                ref float groupBias = ref Unsafe.Add(ref bias, group * stride);
                if (fused && !projected)
                {
                    int first = PanelShape<TCell>.FirstRecurrent / 2;
                    if (few)
                    {
                        input.Add<V, FlushToZero>(
                            recurrent, first, ref inputWeights, ref recurrentWeights, group, in groupBias, in _x, in states, ref sums);
                    }
                    else
                    {
                        input.Add<V, NoFlush>(
                            recurrent, first, ref inputWeights, ref recurrentWeights, group, in groupBias, in inputs, in states, ref sums);
                    }
                }
                else
                {
                    if (!projected)
                    {
                        for (int register = 0; register < PanelShape<TCell>.Registers; register++)
                        {
                            nuint at = (nuint)(register * V.Count);
                            V.Store(V.Load(in groupBias, at), ref sums, at);
                        }

                        input.Add<V>(ref inputWeights, group, in inputs, inputScale, ref sums);
                    }

                    ref float recurrentSums = ref Unsafe.Add(ref sums, PanelShape<TCell>.FirstRecurrent * V.Count);
                    recurrent.Add<V>(ref recurrentWeights, group, in states, stateScale, ref recurrentSums);
                }

                int unit = group * PanelShape<TCell>.Blocks * V.Count;
                int blocks = layer.Blocks(group);
                ref float oldH = ref Unsafe.Add(ref h, unit);
                if (TCell.Recurrence == Recurrence.Gated)
                {
                    ref float gated = ref Unsafe.Add(ref scratch, layer._gatedOffset + unit);
                    layer.Forward<V, FirstPhase>(in sums, in oldH, ref oldH, ref gated, unit, blocks);
                }
                else
                {
                    ref float c = ref TCell.HasCellState ? ref Unsafe.Add(ref _c, unit) : ref oldH;
                    ref float newH = ref layer._projection is null ? ref oldH : ref Unsafe.Add(ref scratch, layer._unitsOffset + unit);
                    layer.Forward<V>(in sums, in oldH, ref c, ref newH, unit, blocks);
                }
            }

            if (TCell.Recurrence == Recurrence.Gated)
            {
                Candidates<V>();
            }

            if (TCell.HasCellState && layer._projection is not null)
            {
                Project<V>();
            }
        }

        // The second pass of a step with a gated product, which needs the gated state of all units.
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private void Candidates<V>()
            where V : struct, ISimd<V, float>
        {
            WeightPanels<TWeights> candidate = _layer._candidate!;
            ref float states = ref Unsafe.Add(ref _scratch, _layer._statesOffset);
            float scale = TWeights.PrepareInput<V>(in Unsafe.Add(ref _scratch, _layer._gatedOffset), candidate.Columns, ref states);
            ref float weights = ref candidate.Origin;
            for (int i = 0; i < candidate.Groups; i++)
            {
                int candidateGroup = _backwards ? candidate.Groups - 1 - i : i;
                int first = candidateGroup * CandidateGroups, end = Math.Min(first + CandidateGroups, _layer._recurrent.Groups);
                ref float sums = ref Unsafe.Add(ref _sums, first * PanelShape<TCell>.Registers * V.Count);
                candidate.Add<V>(
                    ref weights, candidateGroup, in states, scale, ref Unsafe.Add(ref sums, PanelShape<TCell>.FirstCandidate * V.Count));
                for (int group = first; group < end; group++)
                {
                    int unit = group * PanelShape<TCell>.Blocks * V.Count;
                    ref float h = ref Unsafe.Add(ref _h, unit);
                    _layer.Forward<V>(in sums, in h, ref h, ref h, unit, _layer.Blocks(group));
                    sums = ref Unsafe.Add(ref sums, PanelShape<TCell>.Registers * V.Count);
                }
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private void Project<V>()
            where V : struct, ISimd<V, float>
        {
            ref float h = ref _h;
            ref float units = ref Unsafe.Add(ref _scratch, _layer._unitsOffset);
            ref float scratch = ref Unsafe.Add(ref _scratch, _layer._projectedOffset);
            _layer._projection!.Step<V>(in units, MemoryMarshal.CreateSpan(ref h, _layer._stateSize), ref scratch, _backwards);
            Fp32Weights.PrepareInput<V>(in h, _layer._stateSize, ref h);
        }
    }

    /// <summary>The cell's equations over rows of pre-activations, or the equation of its reset gate only.</summary>
    private readonly ref struct RowUnitsKernel(
        PackedRecurrent<TCell, TWeights> layer,
        MatrixView<float> preActivations,
        MatrixView<float> h,
        MatrixView<float> c,
        MatrixView<float> units,
        bool reset) : IKernel<float>
    {
        private readonly MatrixView<float> _preActivations = preActivations;
        private readonly MatrixView<float> _h = h;
        private readonly MatrixView<float> _c = c;
        private readonly MatrixView<float> _units = units;

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public void Run<V>()
            where V : struct, ISimd<V, float>
        {

            // If the products are together, the blocks of the next group follow without a gap, so all blocks of a row are one call.
            int groups = TCell.Recurrence == Recurrence.Together ? 1 : layer._recurrent.Groups;
            for (int row = 0; row < _preActivations.Rows; row++)
            {
                for (int group = 0; group < groups; group++)
                {
                    int unit = group * PanelShape<TCell>.Blocks * V.Count;
                    int blocks = TCell.Recurrence == Recurrence.Together ? layer._blocks : layer.Blocks(group);
                    ref float sums = ref _preActivations.At(row, group * PanelShape<TCell>.Registers * V.Count);
                    ref float h = ref _h.At(row, unit), c = ref _c.At(row, unit), newH = ref _units.At(row, unit);
                    if (TCell.Recurrence == Recurrence.Gated && reset)
                    {
                        layer.Forward<V, FirstPhase>(in sums, in h, ref c, ref newH, unit, blocks);
                    }
                    else
                    {
                        layer.Forward<V>(in sums, in h, ref c, ref newH, unit, blocks);
                    }
                }
            }
        }
    }
}
