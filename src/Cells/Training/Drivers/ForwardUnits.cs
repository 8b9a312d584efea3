using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// A cell's forward equations over rows. Pre-activations in <c>tape</c> become the numbers that the tape keeps, the new c goes to the tape,
/// and the new h goes to <c>h</c>, which may be <c>previousH</c> itself.
/// </summary>
internal readonly ref struct ForwardUnits<T, TCell>(
    MatrixView<T> tape,
    MatrixView<T> previousH,
    MatrixView<T> previousC,
    MatrixView<T> h,
    int hiddenSize,
    LayerOperand<T> operand) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _previousC = previousC;
    private readonly MatrixView<T> _h = h;
    private readonly int _hiddenSize = hiddenSize;
    private readonly LayerOperand<T> _operand = operand;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        if (TCell.HasCellState)
        {
            CellStates<V, TMask>(row, unit, end);
            Outputs<V, TMask>(row, unit, end);
        }
        else
        {
            States<V, TMask>(row, unit, end);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void States<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        int size = _hiddenSize;
        ref T tape = ref Unsafe.Add(ref _tape.Origin, (nint)row * _tape.RowStride);
        ref T previousH = ref Unsafe.Add(ref _previousH.Origin, (nint)row * _previousH.RowStride);
        ref T newH = ref Unsafe.Add(ref _h.Origin, (nint)row * _h.RowStride);
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V g0 = TMask.Load<V, T>(in tape, i, count);
            V g1 = TCell.Gates > 1 ? TMask.Load<V, T>(in tape, i + (nuint)size, count) : default;
            V g2 = TCell.Gates > 2 ? TMask.Load<V, T>(in tape, i + (nuint)(2 * size), count) : default;
            V u = TCell.Recurrence == Recurrence.Apart
                ? TMask.Load<V, T>(in tape, i + (nuint)(CellShape<TCell>.CandidateBlock * size), count)
                : default;
            V h = TMask.Load<V, T>(in previousH, i, count);
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = _operand.At<V, TMask>(i, count);
                operand = ref chosen;
            }

            TCell.Forward<V, T>(ref g0, ref g1, ref g2, u, ref h, in operand);

            TMask.Store(g0, ref tape, i, count);
            if (TCell.Gates > 1)
            {
                TMask.Store(g1, ref tape, i + (nuint)size, count);
            }

            if (TCell.Gates > 2)
            {
                TMask.Store(g2, ref tape, i + (nuint)(2 * size), count);
            }

            TMask.Store(Denormals.Flush<V, T>(h), ref newH, i, count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void CellStates<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        int size = _hiddenSize;
        ref T tape = ref Unsafe.Add(ref _tape.Origin, (nint)row * _tape.RowStride);
        ref T previousC = ref Unsafe.Add(ref _previousC.Origin, (nint)row * _previousC.RowStride);
        ref T newC = ref Unsafe.Add(ref tape, CellShape<TCell>.CellStateBlock * size);
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V g0 = TMask.Load<V, T>(in tape, i, count);
            V g1 = TMask.Load<V, T>(in tape, i + (nuint)size, count);
            V g2 = TCell.Gates > 3 ? TMask.Load<V, T>(in tape, i + (nuint)(2 * size), count) : default;
            V c = TMask.Load<V, T>(in previousC, i, count);
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = _operand.At<V, TMask>(i, count);
                operand = ref chosen;
            }

            TCell.CellState<V, T>(ref g0, ref g1, ref g2, ref c, in operand);

            TMask.Store(g0, ref tape, i, count);
            TMask.Store(g1, ref tape, i + (nuint)size, count);
            if (TCell.Gates > 3)
            {
                TMask.Store(g2, ref tape, i + (nuint)(2 * size), count);
            }

            TMask.Store(Denormals.Flush<V, T>(c), ref newC, i, count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Outputs<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        int size = _hiddenSize;
        ref T tape = ref Unsafe.Add(ref _tape.Origin, (nint)row * _tape.RowStride);
        ref T last = ref Unsafe.Add(ref tape, (TCell.Gates - 1) * size);
        ref T newC = ref Unsafe.Add(ref tape, CellShape<TCell>.CellStateBlock * size);
        ref T newH = ref Unsafe.Add(ref _h.Origin, (nint)row * _h.RowStride);
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V gate = TMask.Load<V, T>(in last, i, count);
            V h = default;
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = _operand.At<V, TMask>(i, count);
                operand = ref chosen;
            }

            TCell.Output<V, T>(ref gate, TMask.Load<V, T>(in newC, i, count), ref h, in operand);

            TMask.Store(gate, ref last, i, count);
            TMask.Store(Denormals.Flush<V, T>(h), ref newH, i, count);
        }
    }
}
