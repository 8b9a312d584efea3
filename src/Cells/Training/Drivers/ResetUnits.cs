using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// The first half of a forward step of a cell with a gated product, over rows: the reset gate, as the tape keeps it, and the gated state
/// go to <c>tape</c>.
/// </summary>
internal readonly ref struct ResetUnits<T, TCell>(
    MatrixView<T> tape, MatrixView<T> previousH, int hiddenSize, LayerOperand<T> operand) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly int _hiddenSize = hiddenSize;
    private readonly LayerOperand<T> _operand = operand;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        ref T tape = ref Unsafe.Add(ref _tape.Origin, (nint)row * _tape.RowStride);
        ref T gatedRow = ref Unsafe.Add(ref tape, CellShape<TCell>.CandidateBlock * _hiddenSize);
        ref T previousH = ref Unsafe.Add(ref _previousH.Origin, (nint)row * _previousH.RowStride);
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V g0 = TMask.Load<V, T>(in tape, i, count);
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = _operand.At<V, TMask>(i, count);
                operand = ref chosen;
            }

            V gated = TCell.Reset<V, T>(ref g0, TMask.Load<V, T>(in previousH, i, count), in operand);
            TMask.Store(g0, ref tape, i, count);
            TMask.Store(Denormals.Flush<V, T>(gated), ref gatedRow, i, count);
        }
    }
}
