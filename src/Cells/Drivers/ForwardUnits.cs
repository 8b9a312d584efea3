using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

/// <summary>
/// A cell's forward equations over rows: pre-activations in <c>tape</c> become gate values, the new c goes to the tape, the new h to
/// <c>h</c>, which may be <c>previousH</c> itself.
/// </summary>
internal readonly ref struct ForwardUnits<T, TCell>(
    MatrixView<T> tape, MatrixView<T> previousH, MatrixView<T> previousC, MatrixView<T> h, int hiddenSize) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _previousC = previousC;
    private readonly MatrixView<T> _h = h;
    private readonly int _hiddenSize = hiddenSize;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V>(int row, int unit)
        where V : struct, ISimd<V, T>
    {
        int size = _hiddenSize;
        ref T tape = ref Unsafe.Add(ref _tape.Origin, ((nint)row * _tape.RowStride) + unit);
        V g0 = V.Load(in tape, 0);
        V g1 = TCell.Gates > 1 ? V.Load(in tape, (nuint)size) : default;
        V g2 = TCell.Gates > 2 ? V.Load(in tape, (nuint)(2 * size)) : default;
        V g3 = TCell.Gates > 3 ? V.Load(in tape, (nuint)(3 * size)) : default;
        V u = TCell.Recurrence == Recurrence.Apart ? V.Load(in tape, (nuint)(CellShape<TCell>.CandidateBlock * size)) : default;
        V h = V.Load(in _previousH.Origin, (nuint)(((nint)row * _previousH.RowStride) + unit));
        V c = TCell.HasCellState ? V.Load(in _previousC.Origin, (nuint)(((nint)row * _previousC.RowStride) + unit)) : default;

        TCell.Forward<V, T>(ref g0, ref g1, ref g2, ref g3, u, ref h, ref c);

        V.Store(g0, ref tape, 0);
        if (TCell.Gates > 1)
        {
            V.Store(g1, ref tape, (nuint)size);
        }

        if (TCell.Gates > 2)
        {
            V.Store(g2, ref tape, (nuint)(2 * size));
        }

        if (TCell.Gates > 3)
        {
            V.Store(g3, ref tape, (nuint)(3 * size));
        }

        if (TCell.HasCellState)
        {
            V.Store(c, ref tape, (nuint)(CellShape<TCell>.CellStateBlock * size));
        }

        V.Store(h, ref _h.Origin, (nuint)(((nint)row * _h.RowStride) + unit));
    }
}
