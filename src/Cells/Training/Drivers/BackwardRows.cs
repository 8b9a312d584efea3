using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// One phase of a backward step over rows: from the gates on <c>tape</c> to gradients of pre-activations in <c>gradients</c>. <c>dh</c> and
/// <c>dc</c> enter as gradients of the new states and leave as gradients of the old states, without the part that goes through U. Only a
/// first phase reads <c>dGated</c>, the gradient of the gated state.
/// </summary>
internal readonly ref struct BackwardRows<T, TCell, TPhase>(
    TCell cell,
    MatrixView<T> tape,
    MatrixView<T> gradients,
    MatrixView<T> previousH,
    MatrixView<T> previousC,
    MatrixView<T> dh,
    MatrixView<T> dc,
    MatrixView<T> dGated,
    MatrixView<T> peepholes,
    int hiddenSize) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
    where TPhase : struct
{
    private readonly TCell _cell = cell;
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _gradients = gradients;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _previousC = previousC;
    private readonly MatrixView<T> _dh = dh;
    private readonly MatrixView<T> _dc = dc;
    private readonly MatrixView<T> _dGated = dGated;
    private readonly MatrixView<T> _peepholes = peepholes;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int whole = hiddenSize - (hiddenSize % V.Count);
        for (int row = 0; row < _tape.Rows; row++)
        {
            if (whole > 0)
            {
                UnitLoop.Backward<V, T, TCell, TPhase, BackwardUnits<V, T, TCell, FullRegister>>(
                    in _cell, Units<V, FullRegister>(row, 0, whole));
            }

            if (whole < hiddenSize)
            {
                UnitLoop.Backward<V, T, TCell, TPhase, BackwardUnits<V, T, TCell, MaskedTail>>(
                    in _cell, Units<V, MaskedTail>(row, whole, hiddenSize));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BackwardUnits<V, T, TCell, TMask> Units<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask => new(
            ref _tape.At(row, 0),
            ref _gradients.At(row, 0),
            ref _previousH.At(row, 0),
            ref _previousC.At(row, 0),
            ref _dh.At(row, 0),
            ref _dc.At(row, 0),
            ref _dGated.At(row, 0),
            ref _peepholes.Origin,
            hiddenSize,
            unit,
            end);
}
