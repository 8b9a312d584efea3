using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

/// <summary>
/// The first half of a step of a cell with a gated product, over rows: the reset gate's value and the gated state go to <c>tape</c>.
/// </summary>
internal readonly ref struct ResetUnits<T, TCell>(MatrixView<T> tape, MatrixView<T> previousH, int hiddenSize) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly int _hiddenSize = hiddenSize;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V>(int row, int unit)
        where V : struct, ISimd<V, T>
    {
        ref T tape = ref Unsafe.Add(ref _tape.Origin, ((nint)row * _tape.RowStride) + unit);
        V g0 = V.Load(in tape, 0);
        V gated = TCell.Reset<V, T>(ref g0, V.Load(in _previousH.Origin, (nuint)(((nint)row * _previousH.RowStride) + unit)));
        V.Store(g0, ref tape, 0);
        V.Store(gated, ref tape, (nuint)(CellShape<TCell>.CandidateBlock * _hiddenSize));
    }
}
