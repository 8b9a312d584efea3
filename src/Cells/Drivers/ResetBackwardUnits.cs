using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

/// <summary>
/// The second half of a step backward of a cell with a gated product, over rows: the gradient of the reset gate's pre-activation goes to
/// <c>gradients</c>, the gated state's share is added to <c>dh</c>.
/// </summary>
internal readonly ref struct ResetBackwardUnits<T, TCell>(
    MatrixView<T> tape, MatrixView<T> gradients, MatrixView<T> previousH, MatrixView<T> dGated, MatrixView<T> dh) : IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
{
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _gradients = gradients;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _dGated = dGated;
    private readonly MatrixView<T> _dh = dh;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Compute<V>(int row, int unit)
        where V : struct, ISimd<V, T>
    {
        ref T dhPlace = ref Unsafe.Add(ref _dh.Origin, ((nint)row * _dh.RowStride) + unit);
        V g0 = V.Load(in _tape.Origin, (nuint)(((nint)row * _tape.RowStride) + unit));
        V previousH = V.Load(in _previousH.Origin, (nuint)(((nint)row * _previousH.RowStride) + unit));
        V dGated = V.Load(in _dGated.Origin, (nuint)(((nint)row * _dGated.RowStride) + unit));
        V dh = V.Load(in dhPlace, 0);
        TCell.ResetBackward<V, T>(ref g0, previousH, dGated, ref dh);
        V.Store(g0, ref _gradients.Origin, (nuint)(((nint)row * _gradients.RowStride) + unit));
        V.Store(dh, ref dhPlace, 0);
    }
}
