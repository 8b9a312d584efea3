using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// The second half of a backward step of a cell with a gated product, over rows: the gradient of the reset gate's pre-activation goes to
/// <c>gradients</c>, and the part that comes through the gated state is added to <c>dh</c>.
/// </summary>
internal readonly ref struct ResetBackwardUnits<T, TCell>(
    MatrixView<T> tape,
    MatrixView<T> gradients,
    MatrixView<T> previousH,
    MatrixView<T> dGated,
    MatrixView<T> dh,
    LayerOperand<T> operand) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _gradients = gradients;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _dGated = dGated;
    private readonly MatrixView<T> _dh = dh;
    private readonly LayerOperand<T> _operand = operand;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        ref T tape = ref Unsafe.Add(ref _tape.Origin, (nint)row * _tape.RowStride);
        ref T gradients = ref Unsafe.Add(ref _gradients.Origin, (nint)row * _gradients.RowStride);
        ref T previousHRow = ref Unsafe.Add(ref _previousH.Origin, (nint)row * _previousH.RowStride);
        ref T dGatedRow = ref Unsafe.Add(ref _dGated.Origin, (nint)row * _dGated.RowStride);
        ref T dhRow = ref Unsafe.Add(ref _dh.Origin, (nint)row * _dh.RowStride);
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V g0 = TMask.Load<V, T>(in tape, i, count);
            V previousH = TMask.Load<V, T>(in previousHRow, i, count);
            V dGated = TMask.Load<V, T>(in dGatedRow, i, count);
            V dh = TMask.Load<V, T>(in dhRow, i, count);
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = _operand.At<V, TMask>(i, count);
                operand = ref chosen;
            }

            TCell.ResetBackward<V, T>(ref g0, previousH, dGated, ref dh, in operand);
            TMask.Store(Denormals.Flush<V, T>(g0), ref gradients, i, count);
            TMask.Store(Denormals.Flush<V, T>(dh), ref dhRow, i, count);
        }
    }
}
