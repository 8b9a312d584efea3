using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>Units of one row in a backward step; <typeparamref name="TMask"/> has the lanes of a register that are used.</summary>
internal ref struct BackwardUnits<V, T, TCell, TMask> : IBackwardUnits<V>
    where V : struct, ISimd<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
    where TMask : struct, ILaneMask
{
    private readonly ref T _tape;
    private readonly ref T _gradients;
    private readonly ref T _previousH;
    private readonly ref T _previousC;
    private readonly ref T _dh;
    private readonly ref T _dc;
    private readonly ref T _dGated;
    private readonly ref T _peepholes;
    private readonly nuint _size;
    private readonly nuint _end;
    private nuint _unit;

    /// <summary>Units <paramref name="unit"/> to <paramref name="end"/> − 1, at least one, of a row.</summary>
    public BackwardUnits(
        ref T tape,
        ref T gradients,
        ref T previousH,
        ref T previousC,
        ref T dh,
        ref T dc,
        ref T dGated,
        ref T peepholes,
        int hiddenSize,
        int unit,
        int end)
    {
        _tape = ref tape;
        _gradients = ref gradients;
        _previousH = ref previousH;
        _previousC = ref previousC;
        _dh = ref dh;
        _dc = ref dc;
        _dGated = ref dGated;
        _peepholes = ref peepholes;
        _size = (nuint)hiddenSize;
        _unit = (nuint)unit;
        _end = (nuint)end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next()
    {
        _unit += (nuint)V.Count;
        return _unit < _end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Kept(int gate) => LoadBlock(gate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreGradient(int gate, V da) => Store(da, ref _gradients, _unit + ((nuint)gate * _size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V CandidateProduct() => LoadBlock(CellShape<TCell>.CandidateBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreCandidateGradient(V du) => StoreGradient(CellShape<TCell>.CandidateBlock, du);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V GatedGradient() => Load(in _dGated, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V PreviousH() => Load(in _previousH, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Dh() => Load(in _dh, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreDh(V dh) => Store(dh, ref _dh, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V PreviousC() => Load(in _previousC, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V C() => LoadBlock(CellShape<TCell>.CellStateBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Dc() => Load(in _dc, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreDc(V dc) => Store(dc, ref _dc, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Peephole(int row) => Load(in _peepholes, _unit + ((nuint)row * _size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V LoadBlock(int block) => Load(in _tape, _unit + ((nuint)block * _size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V Load(ref readonly T row, nuint index) => TMask.Load<V, T>(in row, index, (int)(_end - _unit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Store(V value, ref T row, nuint index) =>
        TMask.Store(Denormals.Flush<V, T>(value), ref row, index, (int)(_end - _unit));
}
