using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

/// <summary>
/// A cell's backward equations over rows: from the gate values of <c>tape</c> to gradients of pre-activations in <c>gradients</c>;
/// <c>dh</c> and <c>dc</c> enter as gradients of the new states and leave as those of the old ones, less what goes through U.
/// </summary>
internal readonly ref struct BackwardUnits<T, TCell>(
    MatrixView<T> tape,
    MatrixView<T> gradients,
    MatrixView<T> previousH,
    MatrixView<T> previousC,
    MatrixView<T> dh,
    MatrixView<T> dc,
    int hiddenSize) : IUnits<T>
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

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V>(int row, int unit)
        where V : struct, ISimd<V, T>
    {
        int size = _hiddenSize;
        ref T tape = ref Unsafe.Add(ref _tape.Origin, ((nint)row * _tape.RowStride) + unit);
        ref T gradients = ref Unsafe.Add(ref _gradients.Origin, ((nint)row * _gradients.RowStride) + unit);
        ref T dhPlace = ref Unsafe.Add(ref _dh.Origin, ((nint)row * _dh.RowStride) + unit);
        V g0 = V.Load(in tape, 0);
        V g1 = TCell.Gates > 1 ? V.Load(in tape, (nuint)size) : default;
        V g2 = TCell.Gates > 2 ? V.Load(in tape, (nuint)(2 * size)) : default;
        V g3 = TCell.Gates > 3 ? V.Load(in tape, (nuint)(3 * size)) : default;
        V u = TCell.Recurrence == Recurrence.Apart ? V.Load(in tape, (nuint)(CellShape<TCell>.CandidateBlock * size)) : default;
        V previousH = TCell.Recurrence == Recurrence.Together
            ? default
            : V.Load(in _previousH.Origin, (nuint)(((nint)row * _previousH.RowStride) + unit));
        V dh = V.Load(in dhPlace, 0);
        V previousC = default, c = default, dc = default;
        if (TCell.HasCellState)
        {
            previousC = V.Load(in _previousC.Origin, (nuint)(((nint)row * _previousC.RowStride) + unit));
            c = V.Load(in tape, (nuint)(CellShape<TCell>.CellStateBlock * size));
            dc = V.Load(in _dc.Origin, (nuint)(((nint)row * _dc.RowStride) + unit));
        }

        TCell.Backward<V, T>(ref g0, ref g1, ref g2, ref g3, ref u, previousH, previousC, c, ref dh, ref dc);

        V.Store(g0, ref gradients, 0);
        if (TCell.Gates > 1)
        {
            V.Store(g1, ref gradients, (nuint)size);
        }

        if (TCell.Gates > 2)
        {
            V.Store(g2, ref gradients, (nuint)(2 * size));
        }

        if (TCell.Gates > 3)
        {
            V.Store(g3, ref gradients, (nuint)(3 * size));
        }

        if (TCell.Recurrence == Recurrence.Apart)
        {
            V.Store(u, ref gradients, (nuint)(CellShape<TCell>.CandidateBlock * size));
        }

        V.Store(dh, ref dhPlace, 0);
        if (TCell.HasCellState)
        {
            V.Store(dc, ref _dc.Origin, (nuint)(((nint)row * _dc.RowStride) + unit));
        }
    }
}
