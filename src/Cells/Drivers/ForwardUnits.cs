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
    public void Compute<V, TExtent>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TExtent : struct, IExtent
    {
        int size = _hiddenSize;
        ref T tape = ref Unsafe.Add(ref _tape.Origin, (nint)row * _tape.RowStride);
        ref T previousH = ref Unsafe.Add(ref _previousH.Origin, (nint)row * _previousH.RowStride);
        ref T previousC = ref Unsafe.Add(ref _previousC.Origin, (nint)row * _previousC.RowStride);
        ref T newH = ref Unsafe.Add(ref _h.Origin, (nint)row * _h.RowStride);
        for (; unit < end; unit += V.Count)
        {
            nuint i = (nuint)unit;
            int count = end - unit;
            V g0 = TExtent.Load<V, T>(in tape, i, count);
            V g1 = TCell.Gates > 1 ? TExtent.Load<V, T>(in tape, i + (nuint)size, count) : default;
            V g2 = TCell.Gates > 2 ? TExtent.Load<V, T>(in tape, i + (nuint)(2 * size), count) : default;
            V g3 = TCell.Gates > 3 ? TExtent.Load<V, T>(in tape, i + (nuint)(3 * size), count) : default;
            V u = TCell.Recurrence == Recurrence.Apart
                ? TExtent.Load<V, T>(in tape, i + (nuint)(CellShape<TCell>.CandidateBlock * size), count)
                : default;
            V h = TExtent.Load<V, T>(in previousH, i, count);
            V c = TCell.HasCellState ? TExtent.Load<V, T>(in previousC, i, count) : default;

            TCell.Forward<V, T>(ref g0, ref g1, ref g2, ref g3, u, ref h, ref c);

            TExtent.Store(g0, ref tape, i, count);
            if (TCell.Gates > 1)
            {
                TExtent.Store(g1, ref tape, i + (nuint)size, count);
            }

            if (TCell.Gates > 2)
            {
                TExtent.Store(g2, ref tape, i + (nuint)(2 * size), count);
            }

            if (TCell.Gates > 3)
            {
                TExtent.Store(g3, ref tape, i + (nuint)(3 * size), count);
            }

            if (TCell.HasCellState)
            {
                TExtent.Store(
                    Denormals.Flush<V, T>(c), ref tape, i + (nuint)(CellShape<TCell>.CellStateBlock * size), count);
            }

            TExtent.Store(Denormals.Flush<V, T>(h), ref newH, i, count);
        }
    }
}
