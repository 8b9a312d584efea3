using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// A cell's backward equations over rows: from the gates on <c>tape</c> to gradients of pre-activations in <c>gradients</c>. <c>dh</c> and
/// <c>dc</c> enter as gradients of the new states and leave as gradients of the old states, without the part that goes through U.
/// </summary>
internal readonly ref struct BackwardUnits<T, TCell>(
    MatrixView<T> tape,
    MatrixView<T> gradients,
    MatrixView<T> previousH,
    MatrixView<T> previousC,
    MatrixView<T> dh,
    MatrixView<T> dc,
    int hiddenSize,
    LayerOperand<T> operand) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _gradients = gradients;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _previousC = previousC;
    private readonly MatrixView<T> _dh = dh;
    private readonly MatrixView<T> _dc = dc;
    private readonly int _hiddenSize = hiddenSize;
    private readonly LayerOperand<T> _operand = operand;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        int size = _hiddenSize;
        ref T tape = ref Unsafe.Add(ref _tape.Origin, (nint)row * _tape.RowStride);
        ref T gradients = ref Unsafe.Add(ref _gradients.Origin, (nint)row * _gradients.RowStride);
        ref T previousHRow = ref Unsafe.Add(ref _previousH.Origin, (nint)row * _previousH.RowStride);
        ref T previousCRow = ref Unsafe.Add(ref _previousC.Origin, (nint)row * _previousC.RowStride);
        ref T dhRow = ref Unsafe.Add(ref _dh.Origin, (nint)row * _dh.RowStride);
        ref T dcRow = ref Unsafe.Add(ref _dc.Origin, (nint)row * _dc.RowStride);
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V g0 = TMask.Load<V, T>(in tape, i, count);
            V g1 = TCell.Gates > 1 ? TMask.Load<V, T>(in tape, i + (nuint)size, count) : default;
            V g2 = TCell.Gates > 2 ? TMask.Load<V, T>(in tape, i + (nuint)(2 * size), count) : default;
            V g3 = TCell.Gates > 3 ? TMask.Load<V, T>(in tape, i + (nuint)(3 * size), count) : default;
            V u = TCell.Recurrence == Recurrence.Apart
                ? TMask.Load<V, T>(in tape, i + (nuint)(CellShape<TCell>.CandidateBlock * size), count)
                : default;
            V previousH = TCell.Recurrence == Recurrence.Together ? default : TMask.Load<V, T>(in previousHRow, i, count);
            V dh = TMask.Load<V, T>(in dhRow, i, count);
            V previousC = default, c = default, dc = default;
            if (TCell.HasCellState)
            {
                previousC = TMask.Load<V, T>(in previousCRow, i, count);
                c = TMask.Load<V, T>(in tape, i + (nuint)(CellShape<TCell>.CellStateBlock * size), count);
                dc = TMask.Load<V, T>(in dcRow, i, count);
            }

            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = _operand.At<V, TMask>(i, count);
                operand = ref chosen;
            }

            TCell.Backward<V, T>(ref g0, ref g1, ref g2, ref g3, ref u, previousH, previousC, c, ref dh, ref dc, in operand);

            TMask.Store(Denormals.Flush<V, T>(g0), ref gradients, i, count);
            if (TCell.Gates > 1)
            {
                TMask.Store(Denormals.Flush<V, T>(g1), ref gradients, i + (nuint)size, count);
            }

            if (TCell.Gates > 2)
            {
                TMask.Store(Denormals.Flush<V, T>(g2), ref gradients, i + (nuint)(2 * size), count);
            }

            if (TCell.Gates > 3)
            {
                TMask.Store(Denormals.Flush<V, T>(g3), ref gradients, i + (nuint)(3 * size), count);
            }

            if (TCell.Recurrence == Recurrence.Apart)
            {
                TMask.Store(
                    Denormals.Flush<V, T>(u), ref gradients, i + (nuint)(CellShape<TCell>.CandidateBlock * size), count);
            }

            TMask.Store(Denormals.Flush<V, T>(dh), ref dhRow, i, count);
            if (TCell.HasCellState)
            {
                TMask.Store(Denormals.Flush<V, T>(dc), ref dcRow, i, count);
            }
        }
    }
}
