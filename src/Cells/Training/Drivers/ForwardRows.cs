using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// One phase of a forward step over rows. Pre-activations in <c>tape</c> become the numbers that the tape keeps, the new c and the gated
/// state go to the tape, and the new h goes to <c>h</c>, which may be <c>previousH</c> itself.
/// </summary>
internal readonly ref struct ForwardRows<T, TCell, TPhase>(
    TCell cell,
    MatrixView<T> tape,
    MatrixView<T> previousH,
    MatrixView<T> previousC,
    MatrixView<T> h,
    MatrixView<T> peepholes,
    int hiddenSize) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
    where TPhase : struct
{
    private readonly TCell _cell = cell;
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _previousC = previousC;
    private readonly MatrixView<T> _h = h;
    private readonly MatrixView<T> _peepholes = peepholes;

    // The last units of a row are a masked tail: one more register, which takes as long as a full one. One at a time, each of these units
    // took as long as a full register.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int whole = hiddenSize - (hiddenSize % V.Count);
        for (int row = 0; row < _tape.Rows; row++)
        {
            if (whole > 0)
            {
                UnitLoop.Forward<V, T, TCell, TPhase, ForwardUnits<V, T, TCell, FullRegister>>(
                    in _cell, Units<V, FullRegister>(row, 0, whole));
            }

            if (whole < hiddenSize)
            {
                UnitLoop.Forward<V, T, TCell, TPhase, ForwardUnits<V, T, TCell, MaskedTail>>(
                    in _cell, Units<V, MaskedTail>(row, whole, hiddenSize));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ForwardUnits<V, T, TCell, TMask> Units<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask => new(
            ref _tape.At(row, 0),
            ref _previousH.At(row, 0),
            ref _previousC.At(row, 0),
            ref _h.At(row, 0),
            ref _peepholes.Origin,
            hiddenSize,
            unit,
            end);
}
